from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from celery import current_app

from backend.accounts.models import Patient
from exercises.triage.levels import Level
from notifications.models import Delivery
from notifications.selectors import claimable
from notifications.services import BrokerAway, Doorbell, drain, relay, ring_due, ring_urgent
from tests.notifications.rows import Recorder, make_alert

pytestmark = pytest.mark.django_db
# Nothing listens on the discard port, so a connection is refused at once.
NOBODY = "redis://127.0.0.1:9/0"


class Bell(Doorbell):
    """Remembers the messages; away while `away` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.rung: list[tuple[str, list[Any]]] = []
        self.queues: list[str] = []
        self.away = False

    def _publish(self, task: str, args: list[Any], queue: str) -> None:
        if self.away:
            raise ConnectionError("refused")
        self.rung.append((task, args))
        self.queues.append(queue)


@pytest.fixture
def bell() -> Bell:
    return Bell()


def test_a_due_delivery_is_rung_with_its_id_alone(
    patient: Patient, now: datetime, bell: Bell
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)

    assert ring_due(now=now, bell=bell) == 3

    ids = {UUID(args[0][0]) for _, args in bell.rung}
    assert ids == set(Delivery.objects.values_list("pk", flat=True))
    assert {task for task, _ in bell.rung} == {"notifications.deliver"}
    assert [len(args) for _, args in bell.rung] == [1, 1, 1]


def test_it_is_rung_again_after_15_seconds_and_not_before(
    patient: Patient, now: datetime, bell: Bell
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    ring_due(now=now, bell=bell)

    assert ring_due(now=now + timedelta(seconds=14), bell=bell) == 0
    assert ring_due(now=now + timedelta(seconds=15), bell=bell) == 3


def test_what_is_not_due_or_done_is_not_rung(
    patient: Patient, now: datetime, bell: Bell, channels: dict[str, Recorder]
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    drain(now=now, channels=channels)

    assert ring_due(now=now, bell=bell) == 0


def test_what_a_worker_holds_is_not_rung(patient: Patient, now: datetime, bell: Bell) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    Delivery.objects.update(lease_until=now + timedelta(seconds=30))

    assert ring_due(now=now + timedelta(seconds=29), bell=bell) == 0
    assert ring_due(now=now + timedelta(seconds=30), bell=bell) == 3


def test_red_flags_ring_first_and_alone_and_the_rest_together(
    patient: Patient, other_patient: Patient, now: datetime, bell: Bell
) -> None:
    for _ in range(130):
        make_alert(patient=other_patient, level=Level.ROUTINE, at=now - timedelta(minutes=1))
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)

    ring_due(now=now, bell=bell)

    assert [len(args[0]) for _, args in bell.rung] == [1, 1, 1, 100, 30]
    assert bell.queues == ["urgent"] * 3 + ["celery"] * 2


def test_with_the_broker_away_everything_waits_and_rings_later(
    patient: Patient, now: datetime, bell: Bell, caplog: pytest.LogCaptureFixture
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    bell.away = True

    assert ring_due(now=now, bell=bell) == 0
    assert ring_due(now=now, bell=bell) == 0

    assert claimable(now).filter(rung_at=None).count() == 3
    assert caplog.text.count("the broker is away") == 1
    bell.away = False
    assert ring_due(now=now, bell=bell) == 3


def test_a_broker_that_is_not_there_costs_no_more_than_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", NOBODY)
    started = monotonic()

    with pytest.raises(BrokerAway):
        Doorbell().ring("notifications.deliver", [[]])

    assert monotonic() - started < 3


def test_a_task_delivers_what_it_was_told_of(
    patient: Patient,
    now: datetime,
    mailoutbox: list[Any],
    set_clock: Callable[[datetime], None],
) -> None:
    from notifications.tasks import deliver

    set_clock(now)
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    ids = [str(pk) for pk in Delivery.objects.values_list("pk", flat=True)]

    deliver(ids)
    deliver(ids)

    assert [mail.to for mail in mailoutbox] == [[patient.user.email]]


def test_red_flags_can_be_rung_for_alone(
    patient: Patient, other_patient: Patient, now: datetime, bell: Bell
) -> None:
    make_alert(patient=other_patient, level=Level.ROUTINE, at=now)
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)

    assert ring_urgent(now=now, bell=bell) == 3

    assert set(bell.queues) == {"urgent"}
    unrung = Delivery.objects.filter(rung_at=None, due_at__lte=now)
    assert set(unrung.values_list("is_urgent", flat=True)) == {False}
    assert ring_urgent(now=now, bell=bell) == 0
