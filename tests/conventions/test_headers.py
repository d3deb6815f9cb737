"""Every header of every kind of answer, as it was written down: none comes, goes or changes unseen."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import Clinic, Patient, User
from backend.accounts.services import make_session_token
from backend.core.calls import CallsMiddleware
from exercises.sync import meta_api

WRITTEN_DOWN = Path(__file__).with_name("headers.txt")
SetClock = Callable[[datetime], None]
REPORT = "/api/v1/me/pain-reports/0195F0A0-0000-7000-8000-00000000000A"
PAIN = (
    b'{"occurred_at": "2026-05-04T07:00:00Z", "tz": "UTC", "local_date": "2026-05-04",'
    b' "site": "knee", "kind": "now", "score": 3}'
)
# Name, who asks, method, path, body, and more of the environment.
Case = tuple[str, str, str, str, bytes, dict[str, str]]
CASES: tuple[Case, ...] = (
    ("read", "patient", "GET", "/api/v1/me", b"", {}),
    ("read by an upper-case id", "therapist", "GET", "/api/v1/patients/{PATIENT}", b"", {}),
    ("head", "patient", "HEAD", "/api/v1/me", b"", {}),
    ("options", "patient", "OPTIONS", "/api/v1/me", b"", {}),
    ("open", "nobody", "GET", "/api/v1/meta", b"", {}),
    ("bundle", "nobody", "GET", "/api/v1/safety/bundle", b"", {}),
    ("content", "patient", "GET", "/api/v1/content/articles", b"", {}),
    ("known", "patient", "GET", "/api/v1/me", b"", {"HTTP_IF_NONE_MATCH": "*"}),
    ("written", "patient", "PUT", REPORT, PAIN, {}),
    ("written again", "patient", "PUT", REPORT, PAIN, {}),
    ("written otherwise", "patient", "PUT", REPORT, PAIN.replace(b"3}", b"4}"), {}),
    ("written by POST", "therapist", "POST", "/api/v1/invitations", b"{}", {}),
    ("bad body", "patient", "PUT", REPORT, b'{"score": 11}', {}),
    ("no JSON", "patient", "PUT", REPORT, b"{", {}),
    ("media type", "patient", "PUT", REPORT, PAIN, {"CONTENT_TYPE": "text/plain"}),
    ("encoding", "patient", "PUT", REPORT, PAIN, {"HTTP_CONTENT_ENCODING": "gzip"}),
    ("too large", "patient", "PUT", REPORT, b" " * 525_000, {}),
    ("no credential", "nobody", "GET", "/api/v1/me", b"", {}),
    ("no credential, bad body", "nobody", "PUT", REPORT, b"{", {}),
    ("bad credential", "nobody", "GET", "/api/v1/me", b"", {"HTTP_X_SESSION_TOKEN": "x" * 32}),
    ("wrong role", "therapist", "GET", "/api/v1/me/today", b"", {}),
    ("out of reach", "stranger", "GET", "/api/v1/patients/{PATIENT}", b"", {}),
    ("no plan", "patient", "GET", "/api/v1/me/today", b"", {}),
    ("no such path", "patient", "GET", "/api/v1/nowhere", b"", {}),
    ("slash", "patient", "GET", "/api/v1/me/", b"", {}),
    ("no such method", "patient", "DELETE", "/api/v1/me/today", b"", {}),
    ("odd method", "patient", "PROPFIND", "/api/v1/me", b"", {}),
    ("unknown parameter", "patient", "GET", "/api/v1/me?x=1", b"", {}),
    ("no If-Match", "patient", "PATCH", "/api/v1/me", b'{"name": "A"}', {}),
    ("stale", "patient", "PATCH", "/api/v1/me", b'{"name": "A"}', {"HTTP_IF_MATCH": '"0"'}),
    ("broken", "nobody", "GET", "/api/v1/meta", b"", {"broken": "yes"}),
    ("unknown host", "patient", "GET", "/api/v1/me", b"", {"HTTP_HOST": "elsewhere.example"}),
    ("schema", "nobody", "GET", "/api/v1/schema", b"", {}),
    ("guide", "nobody", "GET", "/api/v1/docs", b"", {}),
    ("sign-in", "nobody", "GET", "/api/auth/app/v1/config", b"", {}),
    ("no such sign-in", "nobody", "GET", "/api/auth/app/v1/nowhere", b"", {}),
    ("page", "nobody", "GET", "/accounts/login/", b"", {}),
    ("page behind sign-in", "nobody", "GET", "/dashboard/", b"", {}),
    ("no such page", "nobody", "GET", "/nowhere", b"", {}),
    ("accounts", "nobody", "GET", "/accounts/", b"", {}),
    ("health", "nobody", "GET", "/healthz", b"", {}),
)
SECURE: tuple[Case, ...] = (
    ("plain", "patient", "GET", "/api/v1/me?a=b", b"", {}),
    ("plain, unknown host", "patient", "GET", "/api/v1/me", b"", {"HTTP_HOST": "else.example"}),
    ("secure", "patient", "GET", "/api/v1/me", b"", {"HTTP_X_FORWARDED_PROTO": "https"}),
    ("secure, nowhere", "nobody", "GET", "/api/v1/x", b"", {"HTTP_X_FORWARDED_PROTO": "https"}),
    ("plain page", "nobody", "GET", "/accounts/login/", b"", {}),
    ("secure page", "nobody", "GET", "/accounts/login/", b"", {"HTTP_X_FORWARDED_PROTO": "https"}),
)


class Asked:
    """A site as a web process has it, and who may ask."""

    def __init__(self, patient: Patient, therapist: User, stranger: User, now: datetime) -> None:
        self._patient = patient
        people = {"patient": patient.user, "therapist": therapist, "stranger": stranger}
        self._tokens = {who: make_session_token(user, now) for who, user in people.items()}

    def lines(self, case: Case) -> str:
        """Status, headers and problem of the answer, as they are written down."""
        name, who, method, path, body, more = case
        given = {"HTTP_HOST": "127.0.0.1", "CONTENT_TYPE": "application/json"} | more
        if who in self._tokens:
            given.setdefault("HTTP_X_SESSION_TOKEN", self._tokens[who])
        path = path.format(PATIENT=str(self._patient.pk).upper())
        # A client of its own: nobody keeps a cookie.
        client = Client(raise_request_exception=False)
        answer: Any = client.generic(method, path, body, given["CONTENT_TYPE"], **given)
        content = b"" if answer.streaming else answer.content
        headers = [*answer.items(), *(("Set-Cookie", str(c)) for c in answer.cookies.values())]
        lines = [f"{name}: {answer.status_code}", *sorted(_told(headers, content))]
        if b'"urn:stepwise' in content:
            lines.append("  " + re.sub(r'(?<="trace_id":")\w+', "…", content.decode()))
        return "\n".join((*lines, ""))


def _told(headers: list[tuple[str, str]], content: bytes) -> list[str]:
    names = [name for name, _ in headers]
    assert len(set(names)) == len(names) - max(0, names.count("Set-Cookie") - 1)
    return [f"  {name}: {_written(name, value, content)}" for name, value in headers]


def _written(name: str, value: str, content: bytes) -> str:
    if name == "Content-Length":
        assert content == b"" or int(value) == len(content)
        return "0" if value == "0" else "…"
    if name == "Content-Security-Policy":
        # Its directives have no order.
        parts = sorted(part.strip() for part in value.split(";"))
        return re.sub(r"nonce-[^']+", "nonce-…", "; ".join(parts))
    assert name != "X-Request-ID" or re.fullmatch("[0-9a-f]{32}", value)
    return "…" if name in ("X-Request-ID", "ETag", "Expires", "Set-Cookie") else value


@pytest.fixture
def asked(
    patient: Patient,
    therapist: User,
    stranger: User,
    clinic: Clinic,
    now: datetime,
    set_clock: SetClock,
) -> Asked:
    set_clock(now)
    return Asked(patient, therapist, stranger, now)


@pytest.fixture
def all_lines(asked: Asked, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Asks everything, then once more as in production."""

    def lines() -> str:
        written = []
        for case in CASES:
            with monkeypatch.context() as broken:
                if "broken" in case[-1]:
                    broken.setattr(meta_api, "respond", lambda *_: 1 / 0)
                written.append(asked.lines(case))
        settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        return "\n".join((*written, *(asked.lines(case) for case in SECURE)))

    return lines


def test_every_kind_of_answer_has_the_headers_that_are_written_down(
    all_lines: Callable[[], str],
) -> None:
    assert all_lines() == WRITTEN_DOWN.read_text(encoding="utf-8")


def test_the_long_way_says_the_same(
    all_lines: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through every middleware, as pages go."""
    monkeypatch.setattr(CallsMiddleware, "_is_usual", lambda *_: False)
    # A problem that is made of Django's own page comes after the length is said there.
    written = WRITTEN_DOWN.read_text(encoding="utf-8")
    assert _without_length(all_lines()) == _without_length(written)


def _without_length(lines: str) -> list[str]:
    return [line for line in lines.splitlines() if "Content-Length" not in line]
