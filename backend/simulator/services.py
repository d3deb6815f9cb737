"""Plays scenarios through the services of the product, and leaves nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from backend.simulator.observing import Observation, observe
from backend.simulator.people import admit, open_practice
from backend.simulator.player import Player
from backend.simulator.scenario import Scenario, instant_of
from backend.simulator.steps import intake_of, plan_start, steps_of
from exercises.sync.services.intake import answer_intake

# The practice is there before any patient comes.
OPENED = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Played:
    """One scenario's observations, in the order of its checkpoints, and what was not taken."""

    id: str
    checkpoints: list[Observation]
    notes: list[tuple[str, str]]


def simulate(scenario: Scenario) -> Played:
    """Plays one scenario on its own clock. Every row that it writes is rolled back."""
    with rolled_back():
        start = plan_start(scenario.plan)
        practice = open_practice(now=OPENED)
        patient = admit(practice, zone=scenario.plan.timezone, now=start)
        answer_intake(patient=patient, answers=intake_of(scenario), now=start)
        player = Player(patient=patient, clinician=practice.therapist, now=start)
        steps = steps_of(scenario)
        seen: dict[int, Observation] = {}
        for index, at in _in_order(scenario):
            while steps and steps[0].at <= at:
                player.play(steps.pop(0))
            player.run_to(at)
            seen[index] = observe(patient, at)
        observations = [seen[index] for index in range(len(seen))]
        return Played(scenario.id, observations, player.notes)


def _in_order(scenario: Scenario) -> list[tuple[int, datetime]]:
    moments = [instant_of(checkpoint.at, scenario.plan) for checkpoint in scenario.checkpoints]
    return sorted(enumerate(moments), key=lambda found: found[1])


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
