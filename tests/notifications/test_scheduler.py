import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import OperationalError

from backend.accounts.models import KeptAnswer, Patient
from backend.core.idempotency import KEPT
from exercises.triage.levels import Level
from exercises.triage.models import AlertEvent, NextEvaluation
from notifications import scheduling, services
from notifications.management.commands import scheduler as command
from notifications.models import Delivery, Heartbeat
from notifications.scheduling import RedFlags, Scheduler
from notifications.services import Doorbell
from tests.notifications.rows import make_alert

pytestmark = pytest.mark.django_db


class Bell(Doorbell):
    """Remembers the tasks; away while `away` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: list[str] = []
        self.tries = 0
        self.away = False

    def _publish(self, task: str, args: list[Any], queue: str) -> None:
        self.tries += 1
        if self.away:
            raise ConnectionError("refused")
        assert args is not None
        self.tasks.append(task)


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture(autouse=True)
def _clock(
    now: datetime, set_clock: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(now)
    # The test's transaction lives on this connection.
    monkeypatch.setattr(scheduling, "close_old_connections", lambda: None)
    monkeypatch.setattr(scheduling.connection, "close", lambda: None)


def test_a_round_turns_an_alert_into_a_doorbell_message(
    patient: Patient, now: datetime, bell: Bell
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    assert Scheduler(bell).go_round()

    assert bell.tasks == ["notifications.deliver"] * 3
    assert Heartbeat.objects.get(name="scheduler").at == now


def test_a_round_for_red_flags_leaves_everything_else_to_the_others(
    patient: Patient, other_patient: Patient, now: datetime, bell: Bell
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    other = make_alert(patient=other_patient, level=Level.ROUTINE, at=now)

    assert RedFlags(bell).go_round()

    assert bell.tasks == ["notifications.deliver"] * 3
    assert [event.alert for event in AlertEvent.objects.filter(relayed_at=None)] == [other]
    assert not Heartbeat.objects.exists()


def test_red_flags_have_rounds_of_their_own_while_the_others_are_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop, looked = threading.Event(), threading.Event()

    class Busy(Scheduler):
        def go_round(self) -> bool:
            assert looked.wait(30)
            stop.set()
            return True

    class Looking(RedFlags):
        def go_round(self) -> bool:
            looked.set()
            return True

    for name, value in (("Scheduler", Busy), ("RedFlags", Looking), ("PAUSE_S", 0)):
        monkeypatch.setattr(command, name, value)
    command.go_round_until(stop)

    assert looked.is_set()


def test_two_schedulers_ring_no_more_than_one(patient: Patient, now: datetime, bell: Bell) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    Scheduler(bell).go_round()
    Scheduler(bell).go_round()

    assert len(bell.tasks) == 3


def test_the_daily_look_is_rung_when_it_is_due(
    patient: Patient, now: datetime, bell: Bell, set_clock: Callable[[datetime], None]
) -> None:
    NextEvaluation.objects.create(patient=patient, due_at=now)
    scheduler = Scheduler(bell)

    scheduler.go_round()
    scheduler.go_round()
    assert bell.tasks == ["notifications.evaluate_due"]
    set_clock(now + timedelta(seconds=5))
    scheduler.go_round()

    assert bell.tasks == ["notifications.evaluate_due"] * 2


def test_without_a_broker_alerts_still_become_messages_and_the_broker_gets_a_rest(
    patient: Patient, now: datetime, bell: Bell, set_clock: Callable[[datetime], None]
) -> None:
    bell.away = True
    scheduler = Scheduler(bell)
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    scheduler.go_round()
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    scheduler.go_round()

    assert bell.tries == 1
    assert Delivery.objects.filter(rung_at=None, due_at=now).count() == 6
    bell.away = False
    set_clock(now + timedelta(seconds=3))
    scheduler.go_round()
    assert len(bell.tasks) == 6


def test_a_database_that_is_away_is_logged_once_and_survived(
    patient: Patient,
    now: datetime,
    bell: Bell,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    scheduler = Scheduler(bell)

    def fail(**_: object) -> int:
        raise OperationalError("secret row")

    with monkeypatch.context() as broken:
        broken.setattr(services, "relay", fail)
        assert not scheduler.go_round()
        assert not scheduler.go_round()

    assert caplog.text.count("cannot relay: OperationalError") == 1
    assert "secret row" not in caplog.text
    assert scheduler.go_round()
    assert not AlertEvent.objects.filter(relayed_at=None).exists()


def test_the_command_goes_round_once(patient: Patient, now: datetime) -> None:
    call_command("scheduler", once=True)

    assert Heartbeat.objects.get().at == now


def test_answers_kept_under_a_key_go_after_two_days(
    patient: Patient, now: datetime, bell: Bell
) -> None:
    for age in (KEPT, KEPT - timedelta(minutes=1)):
        KeptAnswer.objects.create(
            user=patient.user,
            key_hash=f"{age}",
            fingerprint="",
            token=uuid4(),
            claimed_at=now - age,
            created_at=now - age,
        )

    assert Scheduler(bell).go_round()

    assert [row.key_hash for row in KeptAnswer.objects.all()] == [f"{KEPT - timedelta(minutes=1)}"]
