import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from backend.accounts.models import Patient, User
from exercises.triage.levels import Level
from notifications.channels import Refused, Unavailable
from notifications.channels.contract import Envelope as Message
from notifications.channels.email import Email, compose
from notifications.channels.in_app import InApp
from notifications.services import drain
from tests.notifications.rows import delivery_of, make_alert

PORT = 21925
ID = UUID("0196a000-0000-7000-8000-000000000001")


class Server:
    """A mail server that keeps what it takes; `answer` makes it refuse."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = ""

    async def handle_RCPT(  # noqa: N802  (the name is aiosmtpd's)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  (the name is aiosmtpd's)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    """A real SMTP server on this machine, and the settings that point at it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", PORT
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=PORT)
    controller.start()
    yield handler
    controller.stop()


def envelope(**fields: Any) -> Message:
    given: dict[str, Any] = {
        "delivery": ID,
        "message": ID,
        "audience": "patient",
        "kind": "alert",
        "level": Level.EMERGENCY_NOW,
        "address": "pia@example.org",
        "language": "en",
        "emergency_number": "999",
        "at": datetime(2026, 5, 4, 8, 0, tzinfo=UTC),
        "keep": timedelta(hours=1),
        "recipient": ID,
    }
    return Message(**(given | fields))


def test_a_mail_arrives_with_the_deliverys_own_id(server: Server) -> None:
    Email().send(envelope())

    (mail,) = server.mails
    assert mail["To"] == "pia@example.org"
    assert mail["Subject"] == "Please open Stepwise now"
    assert mail["X-Stepwise-Delivery"] == str(ID)
    assert mail["Message-ID"].startswith(f"<{ID}@")
    assert "call 999" in mail.get_body(("plain",)).get_content()


def test_the_same_delivery_sent_twice_bears_the_same_id(server: Server) -> None:
    Email().send(envelope())
    Email().send(envelope())

    assert len({mail["Message-ID"] for mail in server.mails}) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 no such mailbox", Refused), ("451 try later", Unavailable), ("421 busy", Unavailable)],
)
def test_a_refusal_is_told_from_a_delay(server: Server, answer: str, error: type) -> None:
    server.answer = answer

    with pytest.raises(error):
        Email().send(envelope())


def test_a_server_that_is_not_there_is_a_delay(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    with pytest.raises(Unavailable):
        Email().send(envelope())


def test_a_wrong_password_is_not_the_recipients_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise smtplib.SMTPAuthenticationError(535, b"no")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)

    with pytest.raises(Unavailable):
        Email().send(envelope())


@pytest.mark.parametrize("audience", ["patient", "therapist"])
@pytest.mark.parametrize("level", [level for level in Level if level])
@pytest.mark.parametrize("kind", ["alert", "escalation", "delivery_failed", "digest"])
def test_a_mail_says_nothing_about_health(audience: str, level: Level, kind: str) -> None:
    mail = compose(envelope(audience=audience, level=level, kind=kind))

    text = f"{mail.subject} {mail.body} {mail.alternatives}".lower()
    for word in ("pain", "numb", "bladder", "doctor", "emergency", "urgent", "rf-", "{"):
        assert word not in text


@pytest.mark.django_db
def test_a_red_flag_reaches_the_mail_server_and_a_full_mailbox_is_tried_again(
    server: Server, patient: Patient, therapist: User, now: datetime
) -> None:
    server.answer = "452 mailbox full"
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    channels = {"in_app": InApp(), "email": Email()}

    drain(now=now, channels=channels)
    assert delivery_of(alert, audience="patient", channel="email").reason == "try_again"
    server.answer = ""
    drain(now=now + timedelta(seconds=13), channels=channels)

    assert sorted(str(mail["To"]) for mail in server.mails) == sorted(
        [patient.user.email, therapist.email]
    )
