"""Thousands of random histories through the real doors: every red flag has its alert, its advice and
its audit row, and nothing but a clinician or a confirmed retraction lowers one.

`STEPWISE_HISTORIES` says how many (2,000). The oracle is the suite's (tests/safety/oracle.py): it
asks none of the product's rules. The seed of a run is said, and `STEPWISE_SEED` plays it again.
"""

import logging
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from unittest.mock import patch

from tests.drills import Figure, Say

TITLE = "no red flag is swallowed, whatever arrives in whatever order and form"
HISTORIES = 2000
LONGEST = 25
NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


@dataclass
class Tally:
    """What was played. `swallowed` are the histories in which something was missing."""

    histories: int = 0
    steps: int = 0
    alerts: int = 0
    reviews: int = 0
    swallowed: list[str] = field(default_factory=list)


def run(say: Say) -> list[Figure]:
    """Plays the histories on a database of their own."""
    wanted = int(os.environ.get("STEPWISE_HISTORIES", HISTORIES))
    seed = int(os.environ.get("STEPWISE_SEED", random.SystemRandom().randrange(2**32)))
    say(f"{wanted} histories of up to {LONGEST} steps, seed {seed}")
    tally = _on_a_database(lambda: _played(wanted, seed, say))
    for text in tally.swallowed:
        say(text)
    flags = tally.alerts + tally.reviews
    return [
        Figure(
            name="histories played",
            measured=f"{tally.histories} with {tally.steps} steps",
            bound=f"at least {wanted}",
            holds=tally.histories >= wanted or bool(tally.swallowed),
        ),
        Figure(
            name="red flags reported",
            measured=f"{flags}: {tally.alerts} alerts, {tally.reviews} withdrawn before they came",
            bound=f"at least {wanted}",
            holds=flags >= wanted,
        ),
        Figure(
            name="histories that swallowed one, or lowered it",
            measured=str(len(tally.swallowed)),
            bound="0",
            holds=not tally.swallowed,
        ),
    ]


def _on_a_database(play: Callable[[], Tally]) -> Tally:
    os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings.test"
    import django

    django.setup()
    from django.test.utils import get_runner, setup_test_environment, teardown_test_environment

    setup_test_environment()
    from django.conf import settings

    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    # Refusals and crashes are what is played; thousands of lines about them say nothing.
    logging.disable(logging.CRITICAL)
    try:
        return play()
    finally:
        logging.disable(logging.NOTSET)
        runner.teardown_databases(databases)
        teardown_test_environment()


def _played(wanted: int, seed: int, say: Say) -> Tally:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    from tests.safety.histories import Step, histories

    tally, player_of = Tally(), _people()

    @seeded(seed)
    @settings(
        max_examples=wanted,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[*HealthCheck],
    )
    @given(history=histories(LONGEST))
    def play(history: list[Step]) -> None:
        _play(history, player_of, tally)
        if tally.histories % 500 == 0:
            say(f"{tally.histories} histories, {tally.alerts + tally.reviews} red flags")

    try:
        play()
    except AssertionError as error:
        tally.swallowed.append(f"{error}\n{getattr(error, '__notes__', '')}")
    return tally


def _people() -> Callable[[Callable[[datetime], None]], object]:
    """Makes the patient and her therapist once; the answer gives her a phone for each history."""
    from backend.accounts.services import make_session_token
    from exercises.sync.services.intake import answer_intake
    from tests.client import ApiClient
    from tests.factories import make_care, make_clinic, make_patient, make_therapist
    from tests.safety.playing import Player
    from tests.safety.test_never_swallowed import INTAKE

    patient, clinic = make_patient(now=NOW), make_clinic(now=NOW)
    therapist = make_therapist(now=NOW, clinic=clinic)
    make_care(patient=patient, therapist=therapist, clinic=clinic, now=NOW)

    def player(set_clock: Callable[[datetime], None]) -> Player:
        set_clock(NOW)
        answer_intake(patient=patient, answers=INTAKE, now=NOW)
        phone = ApiClient(make_session_token(patient.user, NOW))
        return Player(
            phone=phone, patient=patient, therapist=therapist, now=NOW, set_clock=set_clock
        )

    return player


def _play(history: list[object], player_of: Callable[..., object], tally: Tally) -> None:
    from django.db import transaction
    from hypothesis import note

    from backend.core import clock

    with patch.object(clock, "now") as present, transaction.atomic():
        player = player_of(lambda instant: setattr(present, "return_value", instant))
        for step in history:
            note(f"{player.now}: {step}")
            before = player.standing()
            player.play(step)
            player.holds(before, step)
        came = [*player.expected.came.values()]
        tally.histories += 1
        tally.steps += len(history)
        tally.alerts += came.count("alert")
        tally.reviews += came.count("review")
        transaction.set_rollback(True)
