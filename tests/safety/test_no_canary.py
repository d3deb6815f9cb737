"""Words planted in everything that people type turn up in the database and nowhere else: in no log
line, no message to the broker, no mail and no report of an error."""

import io
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import kombu
import pytest
from django.db import IntegrityError
from django.test import Client

from backend.accounts import services as people
from backend.accounts.models import Patient, StoredSession, User
from backend.core.logs import JsonLines
from backend.dashboard.views import panel as panel_page
from exercises.tracking.models import Fact
from notifications import services as messages
from notifications import tasks
from tests.client import ApiClient
from tests.factories import PASSWORD

CANARY = "quokka"
MAIL = f"{CANARY}@example.org"
AUTH = "/api/auth/app/v1/auth/"
ANSWERS = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}
INTAKE = {"answers": ANSWERS}
REPORTED = {
    "occurred_at": "2026-05-04T09:30:00+02:00",
    "tz": "Europe/Berlin",
    "local_date": "2026-05-04",
    "note": f"{CANARY} between the legs",
}
SADDLE = {**REPORTED, "symptoms": [{"code": "S-SADDLE", "present": True, "attrs": {}}]}
PAIN = {**REPORTED, "site": "knee", "kind": "avg24", "score": 4}


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    """All that production's log lines say, at the finest level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    loggers = [root, *map(logging.getLogger, ("django", "django.db.backends", "celery"))]
    before = [logger.level for logger in loggers]
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield stream.getvalue
    root.removeHandler(handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that the broker is given."""
    given: list[str] = []

    def publish(_: Any, *values: Any, **named: Any) -> None:
        given.append(repr((values, named)))

    monkeypatch.setattr(kombu.Producer, "publish", publish)
    return given


def post(path: str, body: dict[str, Any], token: str = "", **headers: str) -> Any:
    named = {"X-Session-Token": token, **headers} if token else headers
    client = Client(raise_request_exception=False)
    return client.post(path, body, content_type="application/json", headers=named)


@contextmanager
def broken(patch: pytest.MonkeyPatch, where: Any, name: str, error: Exception) -> Iterator[None]:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    with patch.context() as once:
        once.setattr(where, name, fail)
        yield


def sign_up(mailoutbox: list[Any], code_of: Callable[[Any], str]) -> ApiClient:
    begun = post(f"{AUTH}signup", {"email": MAIL, "password": PASSWORD, "name": CANARY})
    token = begun.json()["meta"]["session_token"]
    done = post(f"{AUTH}email/verify", {"key": code_of(mailoutbox[-1])}, token)
    return ApiClient(done.json()["meta"]["session_token"])


def live_through(phone: ApiClient) -> None:
    """What a patient does, and what a clumsy or hostile client does."""
    assert phone.put("me/intake", INTAKE).status_code < 300
    for kind, body in (("symptom-reports", SADDLE), ("pain-reports", PAIN)):
        assert phone.put(f"me/{kind}/{uuid.uuid4()}", body).status_code == 201
        phone.put(f"me/{kind}/{uuid.uuid4()}", {**body, CANARY: CANARY, "tz": CANARY})
        phone.put(f"me/{kind}/{CANARY}?q={CANARY}", body)
    phone.put(f"me/symptom-reports/{uuid.uuid4()}", CANARY.encode())
    phone.get(f"{CANARY}?code={CANARY}", User_Agent=CANARY, Host=f"{CANARY}.example.org")
    phone.post(f"invitations/{CANARY}/accept", {})
    for path in ("login", "password/request"):
        post(f"{AUTH}{path}", {"email": f"{CANARY}2@example.org", "password": CANARY})


def break_things(phone: ApiClient, patch: pytest.MonkeyPatch, dashboard: Client) -> None:
    """Errors that quote what people typed, where nobody expects them."""
    row = IntegrityError(f"duplicate key\nDETAIL: Failing row contains ({CANARY}, {MAIL}).")
    tag = phone.get("me")["ETag"]
    with broken(patch, people, "update_profile", row):
        assert phone.patch("me", {"name": CANARY}, If_Match=tag).status_code == 500
    with broken(patch, panel_page, "panel_page", ValueError(CANARY)):
        assert dashboard.get(f"/dashboard/?q={CANARY}").status_code == 500
    with broken(patch, messages, "deliver_many", RuntimeError(CANARY)):
        assert tasks.deliver.apply(args=[[str(uuid.uuid4())]]).failed()
    with pytest.raises(IntegrityError):
        User.objects.create(email=MAIL, name=CANARY, joined_at="2026-05-04T08:00Z")


@pytest.mark.django_db(transaction=True)
def test_what_people_type_stays_in_the_database(
    written: Callable[[], str],
    published: list[str],
    mailoutbox: list[Any],
    therapist: User,
    now: datetime,
    set_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    settings.ADMINS = [("Admin", "admin@example.org")]
    set_clock(now)
    phone = sign_up(mailoutbox, _code_in)
    live_through(phone)
    messages.relay(now=now)
    messages.ring_due(now=now, bell=messages.Doorbell())
    messages.drain(now=now)
    dashboard = Client(raise_request_exception=False)
    dashboard.cookies[settings.SESSION_COOKIE_NAME] = people.make_session_token(therapist, now)
    break_things(phone, monkeypatch, dashboard)

    lines = written()
    assert "IntegrityError" in lines
    assert "RuntimeError" in lines
    assert "ValueError" in lines
    assert CANARY not in lines
    for token in StoredSession.objects.values_list("session_key", flat=True):
        assert token not in lines
    assert published
    assert CANARY not in "".join(published)
    assert not [mail for mail in mailoutbox if "admin@example.org" in mail.to]
    for mail in mailoutbox:
        told = [mail.subject, mail.body, repr(mail.extra_headers), repr(mail.attachments)]
        assert CANARY not in "".join(told).replace(MAIL, "")
    kept = Fact.objects.filter(patient=Patient.objects.get(user__email=MAIL))
    assert any(CANARY in str(fact.data) for fact in kept)


def _code_in(mail: Any) -> str:
    return next(line for line in mail.body.splitlines() if len(line) == 9 and line[4] == "-")
