"""From an alert to several devices: who gets it, who falls away, what comes next."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import http_ece
import pytest

from backend.accounts.models import Patient, User
from exercises.triage.levels import Level
from exercises.triage.models import Alert
from notifications.channels import CHANNELS, AddressGone, Unavailable
from notifications.models import Attempt, Delivery, PushEndpoint
from notifications.services import drain
from notifications.services.receiving import record_receipt
from notifications.services.registering import (
    Device,
    register_endpoint,
    remove_endpoint,
    switch_mail_off,
)
from tests.notifications.conftest import Browser
from tests.notifications.gateways import Answer, Gateway
from tests.notifications.rows import Breaking, Recorder, delivery_of, make_alert

pytestmark = pytest.mark.django_db
Channels = dict[str, Recorder]


@pytest.fixture
def channels(channels: Channels, settings: Any) -> Channels:
    settings.FCM_CREDENTIALS = "recorded"
    return channels | {"fcm": Recorder(), "web_push": Recorder()}


def add_device(user: User, now: datetime, token: str = "", kind: str = "fcm") -> PushEndpoint:
    device = Device(kind=kind, address=token or f"token-{uuid4()}", keys={})
    endpoint, _ = register_endpoint(user=user, name=uuid4(), device=device, now=now)
    return endpoint


def pushes_of(alert: Alert) -> dict[UUID | None, tuple[str, str]]:
    found = Delivery.objects.filter(message__alert_id=alert.pk, channel__in=("fcm", "web_push"))
    return {one.target: (one.state, one.reason) for one in found}


def test_each_live_device_gets_the_message(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    first, second = add_device(patient.user, now), add_device(patient.user, now, kind="web_push")
    alert = make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)

    drain(now=now, channels=channels)

    assert pushes_of(alert) == {first.pk: ("sent", "due"), second.pk: ("sent", "due")}
    assert [one.address for one in channels["fcm"].sent] == ["token-" + _token(first)]
    assert delivery_of(alert, audience="patient", channel="push").state == "passed_on"
    assert channels["email"].sent == []


def _token(endpoint: PushEndpoint) -> str:
    from notifications.sealing import unseal

    return unseal(endpoint.sealed)["address"].removeprefix("token-")


def test_a_device_that_registers_before_the_morning_gets_the_message_of_the_night(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    add_device(patient.user, now)
    night, morning = now + timedelta(hours=14), now + timedelta(hours=22)
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=night)
    drain(now=night, channels=channels)
    assert channels["fcm"].sent == []
    add_device(patient.user, night)

    drain(now=morning, channels=channels)

    assert len(channels["fcm"].sent) == 2


def test_one_device_that_is_gone_stops_no_other_and_is_disabled(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    gone, live = add_device(patient.user, now), add_device(patient.user, now, kind="web_push")
    alert = make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)

    drain(now=now, channels=channels | {"fcm": Breaking(AddressGone())})

    assert pushes_of(alert) == {
        gone.pk: ("suppressed", "endpoint_gone"),
        live.pk: ("sent", "due"),
    }
    gone.refresh_from_db()
    live.refresh_from_db()
    assert (gone.disabled_at, gone.disabled_reason) == (now, "gone")
    assert live.disabled_at is None
    assert channels["email"].sent == []


def test_when_no_device_is_left_the_next_channel_is_used(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    for _ in range(2):
        add_device(patient.user, now)
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)

    drain(now=now, channels=channels | {"fcm": Breaking(AddressGone(), AddressGone())})

    assert len(channels["email"].sent) == 1


def test_without_a_device_the_next_channel_is_used_at_once(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.URGENT_SAME_DAY, at=now)

    drain(now=now, channels=channels)

    assert len(channels["email"].sent) == 1
    push = delivery_of(alert, audience="patient", channel="push")
    assert (push.state, push.reason) == ("suppressed", "no_endpoint")


def test_a_kind_of_push_that_this_server_cannot_send_counts_as_none(
    patient: Patient, now: datetime, channels: Channels, settings: Any
) -> None:
    add_device(patient.user, now)
    settings.FCM_CREDENTIALS = ""
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)

    drain(now=now, channels=channels)

    assert channels["fcm"].sent == []
    assert len(channels["email"].sent) == 1


@pytest.mark.parametrize("received", [False, True])
def test_an_urgent_push_that_was_not_received_is_followed_by_mail(
    patient: Patient, now: datetime, channels: Channels, received: bool
) -> None:
    add_device(patient.user, now)
    alert = make_alert(patient=patient, level=Level.URGENT_SAME_DAY, at=now)
    drain(now=now, channels=channels)
    message = delivery_of(alert, audience="patient", channel="push").message
    if received:
        record_receipt(message_id=message.pk, receipt="delivered", occurred_at=None, now=now)

    drain(now=now + timedelta(minutes=29), channels=channels)
    assert channels["email"].sent == []
    drain(now=now + timedelta(minutes=30), channels=channels)

    assert len(channels["email"].sent) == (0 if received else 1)
    reason = delivery_of(alert, audience="patient", channel="email").reason
    assert reason == ("received" if received else "at_any_hour")


def test_a_failing_device_is_tried_again_on_its_own(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    add_device(patient.user, now)
    add_device(patient.user, now, kind="web_push")
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    failing = channels | {"fcm": Breaking(Unavailable(retry_after=timedelta(seconds=40)))}

    drain(now=now, channels=failing)
    assert len(channels["web_push"].sent) == 1
    drain(now=now + timedelta(seconds=39), channels=failing)
    assert len(failing["fcm"].sent) == 1
    drain(now=now + timedelta(seconds=40), channels=failing)

    assert len(failing["fcm"].sent) == 2
    assert len(set(failing["fcm"].sent)) == 1
    assert len(channels["web_push"].sent) == 1


def test_patience_has_an_end(patient: Patient, now: datetime, channels: Channels) -> None:
    add_device(patient.user, now)
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)

    drain(now=now, channels=channels | {"fcm": Breaking(Unavailable(retry_after=timedelta(9)))})

    assert Delivery.objects.get(channel="fcm").due_at == now + timedelta(hours=1)


def test_a_device_that_changes_hands_leaves_the_first_person(
    patient: Patient, other_patient: Patient, now: datetime, channels: Channels
) -> None:
    first = add_device(patient.user, now, token="shared")
    add_device(other_patient.user, now, token="shared")
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)

    drain(now=now, channels=channels)

    first.refresh_from_db()
    assert (first.disabled_reason, first.sealed) == ("moved", "")
    assert channels["fcm"].sent == []


def test_a_device_that_was_removed_after_the_claim_was_written_gets_nothing(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    device = add_device(patient.user, now)
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    drain(now=now, channels=channels | {"fcm": Breaking(Unavailable())})
    remove_endpoint(user=patient.user, name=device.name, now=now)

    drain(now=now + timedelta(seconds=20), channels=channels)

    assert channels["fcm"].sent == []
    assert len(channels["email"].sent) == 1


def test_mail_that_was_switched_off_stays_off_but_for_what_is_urgent(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    switch_mail_off(user=patient.user_id, now=now)
    low = make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    drain(now=now, channels=channels)

    assert delivery_of(low, audience="patient", channel="email").reason == "email_switched_off"
    make_alert(patient=patient, level=Level.URGENT_SAME_DAY, at=now)
    drain(now=now, channels=channels)
    assert [one.level for one in channels["email"].sent] == [Level.URGENT_SAME_DAY]


def test_every_attempt_is_kept_with_its_reason(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    add_device(patient.user, now)
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    flaky = channels | {"fcm": Breaking(Unavailable())}
    drain(now=now, channels=flaky)
    drain(now=now + timedelta(seconds=15), channels=flaky)

    log = Attempt.objects.filter(delivery__channel="fcm").order_by("pk")
    assert list(log.values_list("reason", flat=True)) == ["try_again", "due"]


def test_no_word_about_health_leaves_by_any_channel(
    patient: Patient,
    therapist: User,
    now: datetime,
    google: Any,
    gateway: Gateway,
    browser: Browser,
    mailoutbox: list[Any],
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(now)
    canary = "Canaria Secret"
    User.objects.filter(pk=patient.user_id).update(name=canary)
    register_endpoint(
        user=patient.user,
        name=uuid4(),
        device=Device(kind="fcm", address="phone", keys={}),
        now=now,
    )
    browser_device = Device(
        kind="web_push", address=f"{gateway.url}/browser", keys=browser.keys, label="Browser"
    )
    register_endpoint(user=patient.user, name=uuid4(), device=browser_device, now=now)
    clinic = therapist.memberships.get().clinic
    from notifications.services.registering import register_webhook

    register_webhook(clinic=clinic, name=uuid4(), url=f"{gateway.url}/hook", by=therapist, now=now)
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    drain(now=now, channels=CHANNELS)

    assert {call.path for call in gateway.calls} == {"/browser", "/hook"}
    assert google.messages()
    assert {mail.to[0] for mail in mailoutbox} == {patient.user.email, therapist.email}
    mails = [mail.message().as_string() for mail in mailoutbox]
    # Signatures and sealed bodies are noise, in which three letters may turn up by chance.
    signed = ("authorization", "webhook-signature")
    headers = [
        {name: value for name, value in call.headers.items() if name not in signed}
        for call in (*gateway.calls, *google.calls)
    ]
    (sealed,) = gateway.to("/browser")
    opened = http_ece.decrypt(
        sealed.body, private_key=browser.private, auth_secret=browser.secret, version="aes128gcm"
    )
    posts = [
        repr(headers),
        opened.decode(),
        repr(google.messages()),
        repr(gateway.to("/hook")[0].json),
    ]
    for text in (*mails, *posts):
        for word in (canary, "CES", "RF-", "bladder", "emergency_now", "test:"):
            assert word.lower() not in text.lower()
    (hook,) = gateway.to("/hook")
    assert hook.json["data"]["alert"] == str(alert.pk)
    assert set(hook.json["data"]) == {"message", "alert", "patient", "clinic"}


def test_a_webhook_that_fails_is_tried_again_under_the_same_id(
    patient: Patient, therapist: User, now: datetime, gateway: Gateway, channels: Channels
) -> None:
    from notifications.services.registering import register_webhook

    clinic = therapist.memberships.get().clinic
    url = f"{gateway.url}/hook"
    register_webhook(clinic=clinic, name=uuid4(), url=url, by=therapist, now=now)
    make_alert(patient=patient, level=Level.ROUTINE, at=now)
    gateway.say("/hook", Answer(503), Answer(200))
    mine = channels | {"webhook": CHANNELS["webhook"]}

    drain(now=now, channels=mine)
    drain(now=now + timedelta(seconds=13), channels=mine)

    first, again = gateway.to("/hook")
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != again.headers["webhook-timestamp"]
    assert Delivery.objects.get(channel="webhook", target__isnull=False).state == "sent"
