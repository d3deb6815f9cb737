"""Sign-in is open to anybody: whatever arrives there is answered, and never with a 500."""

import pytest
from django.test import Client

HOSTILE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"email": NaN}',
    b'{"email": 1, "password": 2}',
    b'{"email": {"a": 1}, "password": [1]}',
    b'{"email": "a\\u0000b@example.org", "password": "a long enough secret"}',
    b'{"email": "\\ud800@example.org", "password": "a long enough secret"}',
    b'{"email": "a@example.org", "password": "\\u0000a long enough secret"}',
    b'{"email": "b@example.org", "password": "\\ud800a long enough secret"}',
    b'{"email": "c@example.org", "password": "a long enough secret", "name": "\\ud800"}',
    b'{"email": "d@example.org", "password": "a long enough secret", "name": "a\\u0000"}',
    b'{"email": "' + b"a" * 5000 + b'@example.org", "password": "a long enough secret"}',
]
PATHS = [
    "auth/signup",
    "auth/login",
    "auth/email/verify",
    "auth/password/request",
    "auth/password/reset",
    "auth/2fa/authenticate",
    "auth/reauthenticate",
    "account/password/change",
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_hostile_bodies_are_refused_clearly(path: str) -> None:
    client = Client(raise_request_exception=False)
    for body in HOSTILE:
        answer = client.post(f"/api/auth/app/v1/{path}", data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500, (body[:60], answer.status_code)
