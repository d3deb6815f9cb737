"""What operators are told, and how often."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from backend.accounts.models import Patient, User
from exercises.triage.levels import Level
from notifications import ops
from notifications.models import Incident
from notifications.services import record_tick, relay, watch
from tests.notifications.rows import make_alert

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _operators(settings: Any, now: datetime) -> None:
    settings.OPERATORS = ["ops@clinic.example"]
    record_tick(now=now)


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]


def test_a_delivery_that_is_two_minutes_late_is_said_once(
    patient: Patient, now: datetime, mailoutbox: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    for seconds in (120, 121, 180, 240):
        at = now + timedelta(seconds=seconds)
        record_tick(now=at)
        watch(now=at)

    assert alarms(caplog) == ["delivery: Messages are due and do not get out."]
    (mail,) = mailoutbox
    assert mail.to == ["ops@clinic.example"]
    assert patient.user.email not in mail.body


def test_what_is_over_may_begin_again(now: datetime, mailoutbox: list[Any]) -> None:
    for minutes, ticks in ((2, False), (3, True), (10, False)):
        at = now + timedelta(minutes=minutes)
        if ticks:
            record_tick(now=at)
        watch(now=at)

    assert len(mailoutbox) == 2
    assert Incident.objects.exclude(closed_at=None).count() == 1


def test_a_dead_scheduler_is_noticed_by_whoever_asks(
    now: datetime,
    mailoutbox: list[Any],
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(now + timedelta(seconds=60))
    request = RequestFactory(REMOTE_ADDR="127.0.0.1").get("/ops/delivery")
    assert ops.delivery(request).status_code == 200

    set_clock(now + timedelta(seconds=61))
    answer = ops.delivery(request)

    assert answer.status_code == 503
    assert b"scheduler_silent" in answer.content
    assert b"stepwise_delivery_running 0.0" in ops.metrics(request).content
    assert len(mailoutbox) == 1


def test_a_step_that_was_given_up_is_said_and_stops_nothing(
    patient: Patient, therapist: User, now: datetime, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=patient.user_id).update(time_zone="Nowhere/Land")
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    at = now
    for wait in (0, 10, 20, 40, 80):
        at += timedelta(seconds=wait)
        relay(now=at)
    record_tick(now=at)

    found = watch(now=at)

    assert found.problems == ("steps_given_up",)
    assert found.is_running
    assert found.oldest_unrelayed_age_s == 0
    assert len(mailoutbox) == 1


def test_a_mail_that_could_not_be_sent_is_sent_at_the_next_look(
    now: datetime, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ConnectionRefusedError

    later = now + timedelta(minutes=5)
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", fail)
        watch(now=later)
    assert mailoutbox == []

    watch(now=later + timedelta(seconds=15))
    assert len(mailoutbox) == 1


def test_without_addresses_nothing_is_mailed(
    settings: Any, now: datetime, mailoutbox: list[Any]
) -> None:
    settings.OPERATORS = []

    watch(now=now + timedelta(minutes=5))

    assert mailoutbox == []
    assert Incident.objects.count() == 1
