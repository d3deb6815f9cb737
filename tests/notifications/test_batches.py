"""Many deliveries at once: what a batch costs, and what one bad row does to the others."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient, User
from exercises.triage.levels import Level
from exercises.triage.models import AlertEvent
from notifications import selectors
from notifications.channels import Envelope, Unavailable
from notifications.models import Delivery, RelayTrouble
from notifications.services import Doorbell, Outcome, deliver_many, relay, ring_due, sending
from tests.factories import make_patient
from tests.notifications.rows import Breaking, Recorder, make_alert

pytestmark = pytest.mark.django_db
Channels = dict[str, Recorder]


def due(now: datetime) -> list[Any]:
    return selectors.due_now(now, 1000)


def test_a_batch_costs_the_same_for_one_as_for_many(now: datetime, channels: Channels) -> None:
    def queries(patients: int) -> int:
        for _ in range(patients):
            make_alert(patient=make_patient(now=now), level=Level.PROMPT_DAYS, at=now)
        relay(now=now)
        mine = Delivery.objects.filter(state="waiting", channel="in_app", due_at=now)
        mails = list(mine.values_list("pk", flat=True))
        assert len(mails) == patients
        with CaptureQueriesContext(connection) as captured:
            deliver_many(delivery_ids=mails, now=now, channels=channels)
        return len(captured)

    one = queries(1)
    assert queries(20) == one
    assert one <= 17


def test_what_fails_stops_nobody_else(now: datetime, channels: Channels) -> None:
    for _ in range(5):
        make_alert(patient=make_patient(now=now), level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    failing = channels | {"email": Breaking(Unavailable(), ValueError())}

    outcomes = deliver_many(delivery_ids=due(now), now=now, channels=failing)

    counts = [list(outcomes.values()).count(one) for one in (Outcome.SENT, Outcome.RETRIED)]
    assert counts == [8, 2]


def test_a_row_that_cannot_be_judged_stops_nobody_else(
    patient: Patient, other_patient: Patient, now: datetime, channels: Channels
) -> None:
    for person in (patient, other_patient):
        make_alert(patient=person, level=Level.SEE_DOCTOR_SOON, at=now)
    relay(now=now)
    User.objects.filter(pk=patient.user_id).update(time_zone="Nowhere/Land")

    outcomes = deliver_many(delivery_ids=due(now), now=now, channels=channels)

    assert list(outcomes.values()).count(Outcome.SENT) == 2
    assert [one.address for one in channels["in_app"].sent] == [other_patient.user.email]
    stuck = Delivery.objects.filter(message__recipient=patient.user, state="waiting")
    assert set(stuck.values_list("reason", flat=True)) == {"try_again"}


def test_what_there_is_no_time_for_is_put_back_untouched(
    patient: Patient, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(30):
        make_alert(patient=make_patient(now=now), level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    monkeypatch.setattr(sending, "CHUNK", 4)
    clock = iter([0.0, *[1.0] * 4, *[100.0] * 1000])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    mail = Recorder()
    ids = list(Delivery.objects.filter(channel="email").values_list("pk", flat=True))

    outcomes = deliver_many(delivery_ids=ids, now=now, channels={"email": mail})

    assert len(mail.sent) == 4
    assert list(outcomes.values()).count(Outcome.SENT) == 4
    waiting = Delivery.objects.filter(pk__in=ids, state="waiting")
    assert waiting.count() == 26
    assert set(waiting.values_list("attempts", "lease_until", "rung_at")) == {(0, None, None)}


def test_a_chunk_is_sent_side_by_side(now: datetime) -> None:
    from threading import Barrier

    for _ in range(8):
        make_alert(patient=make_patient(now=now), level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    together = Barrier(8, timeout=10)

    class Slow:
        def send(self, envelope: Envelope) -> None:
            together.wait()

    ids = list(Delivery.objects.filter(channel="email").values_list("pk", flat=True))
    outcomes = deliver_many(delivery_ids=ids, now=now, channels={"email": Slow()})

    assert set(outcomes.values()) == {Outcome.SENT}


def test_what_was_tried_before_is_rung_alone(
    patient: Patient, other_patient: Patient, now: datetime
) -> None:
    class Bell(Doorbell):
        sizes: list[int] = []

        def _publish(self, task: str, args: list[Any], queue: str) -> None:
            self.sizes.append(len(args[0]))

    for _ in range(4):
        make_alert(patient=patient, level=Level.ROUTINE, at=now)
    relay(now=now)
    Delivery.objects.filter(pk__in=due(now)[:2]).update(attempts=1)

    ring_due(now=now, bell=Bell())

    assert Bell.sizes == [1, 1, 2]


def test_steps_that_cannot_be_relayed_do_not_hold_up_the_rest(
    patient: Patient,
    therapist: User,
    other_patient: Patient,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    User.objects.filter(pk=patient.user_id).update(time_zone="Nowhere/Land")
    for _ in range(6):
        make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    make_alert(patient=other_patient, level=Level.EMERGENCY_NOW, at=now)

    assert relay(now=now, limit=3) == 0
    assert relay(now=now, limit=3) == 0
    assert relay(now=now, limit=3) == 1

    assert relay(now=now + timedelta(seconds=9)) == 0
    assert RelayTrouble.objects.filter(attempts=1).count() == 6
    at = now
    for wait in (10, 20, 40, 80):
        at += timedelta(seconds=wait)
        relay(now=at)
    assert RelayTrouble.objects.exclude(dead_at=None).count() == 6
    assert "is given up after 5 attempts" in caplog.text
    relay(now=at + timedelta(days=1))
    assert AlertEvent.objects.filter(relayed_at=None).count() == 6


def test_a_step_that_was_mended_in_time_is_relayed(
    patient: Patient, therapist: User, now: datetime
) -> None:
    User.objects.filter(pk=patient.user_id).update(time_zone="Nowhere/Land")
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    relay(now=now)
    User.objects.filter(pk=patient.user_id).update(time_zone="Europe/Berlin")

    assert relay(now=now + timedelta(seconds=10)) == 1


def test_content_is_read_before_the_threads_that_send(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from backend.core import shaping
    from notifications import wording as words

    readers: list[threading.Thread] = []
    real = shaping.msgspec.convert

    def convert(*given: Any, **more: Any) -> Any:
        readers.append(threading.current_thread())
        return real(*given, **more)

    words.wording.cache_clear()
    monkeypatch.setattr(shaping.msgspec, "convert", convert)
    for _ in range(8):
        make_alert(patient=make_patient(now=now, country="GB"), level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    mails = Delivery.objects.filter(channel="email", message__audience="patient")

    class Reading(Recorder):
        def send(self, envelope: Envelope) -> None:
            assert words.wording().email
            super().send(envelope)

    channel = Reading()
    ids = list(mails.values_list("pk", flat=True))
    deliver_many(delivery_ids=ids, now=now, channels={"email": channel})

    assert {one.emergency_number for one in channel.sent} == {"999"}
    assert set(readers) == {threading.main_thread()}
