"""Nobody learns from an answer, nor from the work it took, whether an address has an account."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import get_hasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient, User
from tests.factories import PASSWORD

Auth = Callable[..., Any]
UNKNOWN = "nobody@example.org"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is hashed, to be stored or compared."""
    seen: list[str] = []
    kind = type(get_hasher())
    encode = kind.encode

    def counted(self: Any, password: str, salt: str) -> Any:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(kind, "encode", counted)
    return seen


def answered(
    auth: Auth, hashed: list[str], path: str, body: dict[str, str]
) -> tuple[int, Any, int]:
    before = len(hashed)
    answer = auth("post", path, body)
    said = answer.json()
    return answer.status_code, said.get("data") or said.get("errors"), len(hashed) - before


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("auth/signup", {"password": "a long enough secret"}),
        ("auth/login", {"password": "a wrong password"}),
        ("auth/password/request", {}),
    ],
)
def test_answers_and_hashes_are_the_same(
    patient: Patient, auth: Auth, hashed: list[str], mailoutbox: list[Any], path: str, more: Any
) -> None:
    known = answered(auth, hashed, path, {"email": patient.user.email, **more})
    mails = len(mailoutbox)
    unknown = answered(auth, hashed, path, {"email": UNKNOWN, **more})
    assert known == unknown
    assert len(mailoutbox) == 2 * mails


def test_an_account_that_was_closed_looks_like_a_wrong_password(
    patient: Patient, auth: Auth, hashed: list[str]
) -> None:
    User.objects.filter(pk=patient.user_id).update(is_active=False)
    body = {"email": patient.user.email, "password": "a wrong password"}
    closed = answered(auth, hashed, "auth/login", body)
    assert closed == answered(auth, hashed, "auth/login", {**body, "email": UNKNOWN})


def test_a_reset_for_nobody_goes_on_as_long_and_ends_nowhere(
    db: None, auth: Auth, patient: Patient
) -> None:
    answers = []
    for email in (patient.user.email, UNKNOWN):
        asked = auth("post", "auth/password/request", {"email": email})
        token = asked.json()["meta"]["session_token"]
        body = {"key": "XXXX-XXXX", "password": "a wholly new passphrase"}
        answer = auth("post", "auth/password/reset", body, token)
        answers.append((answer.status_code, answer.json().get("errors")))
    assert answers[0] == answers[1]


def test_the_pages_do_not_tell_either(db: None, therapist: User) -> None:
    pages = []
    for email in (therapist.email, UNKNOWN):
        client = Client()
        refused = client.post("/accounts/login/", {"login": email, "password": "a wrong one"})
        reset = client.post("/accounts/password/reset/", {"email": email}, follow=True)
        told = reset.content.decode().replace(email, "")
        pages.append((refused.context["form"].errors, reset.redirect_chain, told.count("<p")))
    assert pages[0] == pages[1]


def test_signing_in_asks_the_database_alike(patient: Patient, auth: Auth) -> None:
    counts = []
    for email in (patient.user.email, UNKNOWN):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            auth("post", "auth/login", {"email": email, "password": "a wrong password"})
        counts.append(len(queries))
    assert abs(counts[0] - counts[1]) <= 1


@pytest.mark.parametrize(
    "password", ["nine char", "password1234", "qwertyuiop", "patient@example.org", "1234567890"]
)
def test_a_weak_password_is_refused_with_the_reason(db: None, auth: Auth, password: str) -> None:
    answer = auth("post", "auth/signup", {"email": "patient@example.org", "password": password})
    assert answer.status_code == 400
    (error,) = [e for e in answer.json()["errors"] if e["param"] == "password"][:1]
    assert error["message"]


def test_a_long_password_is_welcome(db: None, auth: Auth) -> None:
    assert (
        auth("post", "auth/signup", {"email": UNKNOWN, "password": PASSWORD * 4}).status_code == 401
    )
