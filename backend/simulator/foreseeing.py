"""What would ring for a patient in the days to come, and what if this or that were reported.

What if is played on the record itself, through the services that doors call, in a transaction that
is rolled back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.accounts.models import Patient
from backend.simulator.people import open_practice
from backend.simulator.player import Player
from backend.simulator.scenario import Fact, PlanSetting, Profile, Scenario
from backend.simulator.services import rolled_back
from backend.simulator.steps import Step, steps_of
from exercises.plans.models import RecoveryPlan
from exercises.plans.selectors import open_plan
from notifications.reminders.projecting import Expected, Projection


class NoPlan(Exception):
    """There is no plan yet, and so nothing to foresee."""


@dataclass(frozen=True)
class Foreseen:
    """The rings to come, and what of the hypothetical facts the product did not take, as (name,
    words)."""

    rings: list[Expected]
    notes: list[tuple[str, str]]


def foresee(
    *, patient: Patient, start: datetime, days: int, facts: Sequence[Fact] = ()
) -> Foreseen:
    """What rings in `days` days from `start`, supposing that `facts` are reported and nothing more.

    Moments of facts count from the patient's plan; those before `start` count as known by then.
    Writes nothing that stays. Raises `NoPlan`.
    """
    plan = open_plan(patient.pk)
    if plan is None:
        raise NoPlan
    projection = Projection.of(patient, start, days)
    if not facts:
        projection.finish()
        return Foreseen(projection.in_order(), [])
    with rolled_back():
        notes = _play(projection, _steps(patient, plan, facts), start)
        return Foreseen(projection.in_order(), notes)


def _play(projection: Projection, steps: Sequence[Step], start: datetime) -> list[tuple[str, str]]:
    therapist = open_practice(now=start).therapist
    player = Player(patient=projection.patient, clinician=therapist, now=start)
    for step in steps:
        if step.at >= projection.end:
            break
        at = max(step.at, start)
        projection.run_to(at)
        player.play(Step(at, step.name, step.deed))
    projection.finish()
    return player.notes


def _steps(patient: Patient, plan: RecoveryPlan, facts: Sequence[Fact]) -> list[Step]:
    setting = PlanSetting(start_date=plan.start_date, timezone=patient.user.time_zone)
    story = Scenario(
        id=str(patient.pk),
        profile=Profile(age=0),
        plan=setting,
        facts=list(facts),
        checkpoints=[],
    )
    return steps_of(story)
