"""Deliveries that fail: crashes, lost leases, channels that refuse, and what is given up."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient, User
from exercises.triage.levels import Level
from exercises.triage.models import Alert
from notifications.channels import Envelope, Refused, Unavailable
from notifications.models import Delivery, Message
from notifications.selectors import next_due_at
from notifications.services import Outcome, deliver, drain, relay
from tests.notifications.rows import (
    Breaking,
    Recorder,
    delivery_of,
    make_alert,
)
from tests.notifications.threads import at_once

pytestmark = pytest.mark.django_db
Channels = dict[str, Recorder]


def mail_of(alert: Alert, step: int = 0) -> Delivery:
    return delivery_of(alert, audience="patient", channel="email", step=step)


def play(channels: Channels, until: datetime) -> list[datetime]:
    """Moves the clock from one due delivery to the next; the instants at which it stopped."""
    stops = []
    while (due := next_due_at()) is not None and due <= until:
        stops.append(due)
        drain(now=due, channels=channels)
    return stops


def test_a_crash_after_sending_sends_again_under_the_same_collapse_id(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    mail = mail_of(alert)
    crashing = Breaking(KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        deliver(delivery_id=mail.pk, now=now, channels={"email": crashing})

    leased = now + timedelta(seconds=29)
    free = now + timedelta(seconds=30)
    assert deliver(delivery_id=mail.pk, now=leased, channels={"email": crashing}) is (
        Outcome.NOT_MINE
    )
    assert deliver(delivery_id=mail.pk, now=free, channels={"email": crashing}) is Outcome.SENT
    assert crashing.sent == [mail.pk, mail.pk]


def test_a_worker_that_lost_its_lease_does_not_mark(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    mail = mail_of(alert)
    token = uuid4()

    class Slow:
        def send(self, envelope: Envelope) -> None:
            Delivery.objects.filter(pk=envelope.delivery).update(lease_token=token)

    outcome = deliver(delivery_id=mail.pk, now=now, channels={"email": Slow()})

    mail.refresh_from_db()
    assert outcome is Outcome.NOT_MINE
    assert (mail.state, mail.lease_token) == ("waiting", token)


def test_a_failed_delivery_is_tried_again_ever_later(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    failing = {"email": Breaking(*[Unavailable()] * 5)}
    at, waits = now, []

    for _ in range(4):
        assert deliver(delivery_id=mail_of(alert).pk, now=at, channels=failing) is Outcome.RETRIED
        waits.append((mail_of(alert).due_at - at).total_seconds())
        at = mail_of(alert).due_at

    for wait, least in zip(waits, (10, 20, 40, 80), strict=True):
        assert least <= wait <= least * 1.25
    assert deliver(delivery_id=mail_of(alert).pk, now=at, channels=failing) is Outcome.DEAD


def test_a_channel_that_asks_for_patience_gets_it(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    failing = {"email": Breaking(Unavailable(retry_after=timedelta(minutes=5)))}

    deliver(delivery_id=mail_of(alert).pk, now=now, channels=failing)

    assert mail_of(alert).due_at == now + timedelta(minutes=5)


def test_a_channel_with_a_bug_fails_like_any_other(
    patient: Patient, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    failing = {"email": Breaking(ValueError(patient.user.email))}

    assert deliver(delivery_id=mail_of(alert).pk, now=now, channels=failing) is Outcome.RETRIED
    assert patient.user.email not in caplog.text


def test_a_dead_red_flag_alarms_the_therapist_and_the_operator(
    patient: Patient, therapist: User, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)

    outcome = deliver(
        delivery_id=mail_of(alert).pk, now=now, channels={"email": Breaking(Refused())}
    )

    assert outcome is Outcome.DEAD
    alarm = Message.objects.get(kind="delivery_failed")
    assert (alarm.recipient, alarm.due_at) == (therapist, now)
    assert set(alarm.deliveries.values_list("channel", flat=True)) == {"in_app", "push", "email"}
    assert str(mail_of(alert).pk) in caplog.text
    assert mail_of(alert, step=1).state == "waiting"


def test_a_dead_ordinary_message_alarms_nobody(
    patient: Patient, therapist: User, now: datetime
) -> None:
    alert = make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    relay(now=now)
    drain(now=now, channels={"in_app": Recorder(), "email": Breaking(Refused())})

    assert mail_of(alert).state == "dead"
    assert not Message.objects.filter(kind="delivery_failed").exists()


def test_a_delivery_that_kills_every_worker_is_given_up(patient: Patient, now: datetime) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    deadly = {"email": Breaking(*[KeyboardInterrupt()] * 5)}
    at = now

    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            deliver(delivery_id=mail_of(alert).pk, now=at, channels=deadly)
        at += timedelta(seconds=30)

    assert deliver(delivery_id=mail_of(alert).pk, now=at, channels=deadly) is Outcome.DEAD
    assert mail_of(alert).reason == "never_finished"


def test_an_envelope_holds_no_words_about_the_patient(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    drain(now=now, channels=channels)

    (envelope,) = channels["email"].sent
    assert "RF-" not in repr(envelope)


@pytest.mark.parametrize("others", [0, 10])
def test_the_cost_of_one_delivery_does_not_grow_with_the_alerts(
    patient: Patient, therapist: User, now: datetime, channels: Channels, others: int
) -> None:
    for _ in range(others):
        make_alert(patient=patient, level=Level.ROUTINE, at=now)
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)

    with CaptureQueriesContext(connection) as captured:
        deliver(delivery_id=mail_of(alert).pk, now=now, channels=channels)

    assert len(captured) <= 17


@pytest.mark.django_db(transaction=True)
def test_workers_that_are_told_at_once_send_once(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    mail = mail_of(alert).pk

    def work() -> Outcome:
        try:
            return deliver(delivery_id=mail, now=now, channels=channels)
        finally:
            connections.close_all()

    outcomes: list[Outcome] = at_once(work, copies=4)

    assert outcomes.count(Outcome.SENT) == 1
    assert len(channels["email"].sent) == 1


def test_the_clock_of_a_door_is_not_read(
    patient: Patient,
    now: datetime,
    channels: Channels,
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(now + timedelta(days=100))
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    drain(now=now, channels=channels)

    assert mail_of(alert).sent_at == now
