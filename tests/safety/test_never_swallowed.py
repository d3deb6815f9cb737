"""Whatever arrives, in whatever order and form: no red flag is swallowed.

Real doors, real services, the real database; the oracle is apart and knows no rule of the product.
`STEPWISE_DRILL=1` plays thousands of histories instead of dozens.
"""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, note, settings

from backend.accounts.models import Patient, User
from backend.accounts.services import make_session_token
from exercises.sync.services.intake import answer_intake
from exercises.triage.levels import Level
from exercises.triage.models import Alert
from tests.client import ApiClient
from tests.safety.histories import (
    REPORTS,
    Send,
    SendTogether,
    Silences,
    Step,
    Waits,
    Withdraw,
    histories,
)
from tests.safety.playing import Player
from tests.safety.reports import Body

IS_DRILL = os.environ.get("STEPWISE_DRILL") == "1"
HISTORIES = 5000 if IS_DRILL else 60
INTAKE = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}


@pytest.mark.timeout(7200 if IS_DRILL else 120)
@settings(
    max_examples=HISTORIES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories())
def test_every_red_flag_has_its_alert_its_advice_and_its_audit_row(
    patient: Patient,
    therapist: User,
    now: datetime,
    set_clock: Callable[[datetime], None],
    history: list[Step],
) -> None:
    with transaction.atomic():
        answer_intake(patient=patient, answers=INTAKE, now=now)
        phone = ApiClient(make_session_token(patient.user, now))
        player = Player(
            phone=phone, patient=patient, therapist=therapist, now=now, set_clock=set_clock
        )
        for step in history:
            note(f"{player.now}: {step}")
            before = player.standing()
            player.play(step)
            player.holds(before, step)
        transaction.set_rollback(True)


@pytest.fixture
def player(
    patient: Patient, therapist: User, now: datetime, set_clock: Callable[[datetime], None]
) -> Player:
    """A patient whose plan began today, with her phone."""
    answer_intake(patient=patient, answers=INTAKE, now=now)
    phone = ApiClient(make_session_token(patient.user, now))
    return Player(phone=phone, patient=patient, therapist=therapist, now=now, set_clock=set_clock)


def said(**changes: Any) -> Body:
    """A red flag, reported now unless said otherwise."""
    return Body(items=({"code": "S-SADDLE", "present": True, "attrs": {}},), **changes)


def play(player: Player, *steps: Step) -> Alert:
    """The one alert after all steps, each of which left the record as it must be."""
    for step in steps:
        before = player.standing()
        player.play(step)
        player.holds(before, step)
    return Alert.objects.get(patient=player.patient)


def test_a_report_that_comes_mended_after_its_retraction_is_stored(player: Player) -> None:
    report = REPORTS[0]
    alert = play(
        player,
        Send(report, said(fault="no zone")),
        Withdraw(report, confirmed=True),
        Send(report, said()),
    )
    assert (alert.status, alert.review_open) == ("retracted", True)
    assert player.stored[report]["tz"]


def test_a_retraction_before_both_forms_of_a_report_hides_neither(player: Player) -> None:
    report = REPORTS[0]
    alert = play(
        player,
        Withdraw(report, confirmed=True),
        Send(report, said(fault="no zone")),
        Send(report, said()),
    )
    assert alert.status == "open"


def test_an_old_report_under_the_same_id_in_one_go_does_not_lower_an_emergency(
    player: Player,
) -> None:
    both = SendTogether((Send(REPORTS[0], said()), Send(REPORTS[0], said(age_hours=24 * 91))))
    assert play(player, both).level == Level.EMERGENCY_NOW


def test_a_red_flag_said_again_is_answered_as_one_although_it_was_denied_since(
    player: Player,
) -> None:
    leg = {"code": "S-NUMB-LEG", "present": True, "attrs": {}}
    both = Body(items=(*said().items, leg))
    denied = Body(items=({"code": "S-FEVER", "present": False, "attrs": {}},), denied=("S-SADDLE",))
    player.play(Send(REPORTS[0], both))
    player.play(Waits(1))
    player.play(Send(REPORTS[1], denied))
    sent = both.wire(player.now - timedelta(hours=1)) | {"note": "and again"}
    answer = player.phone.put(f"me/symptom-reports/{REPORTS[0]}", sent)
    assert answer.status_code == 409
    assert answer.json()["advice"]["level"] == "emergency_now"


def test_an_emergency_of_now_under_the_id_of_an_old_one_is_answered_as_one_of_now(
    player: Player,
) -> None:
    report = REPORTS[0]
    for step in (Send(report, said(age_hours=24 * 91)), Send(report, said(note="now"))):
        before = player.standing()
        player.play(step)
        player.holds(before, step)
    levels = Alert.objects.filter(patient=player.patient).values_list("level", flat=True)
    assert sorted(levels) == [Level.URGENT_SAME_DAY, Level.EMERGENCY_NOW]
    sent = said(note="again").wire(player.now)
    answer = player.phone.put(f"me/symptom-reports/{report}", sent)
    assert answer.json()["advice"]["level"] == "emergency_now"
    assert Alert.objects.count() == 2


@pytest.mark.parametrize("what", ["mute", "delete", "diary", "notes", "reminders"])
def test_no_wish_for_silence_lowers_an_emergency(player: Player, what: str) -> None:
    alert = play(player, Send(REPORTS[0], said()), Silences(what), Waits(24))
    assert (alert.status, alert.level) == ("open", Level.EMERGENCY_NOW)
    assert player.standing()
