"""The addresses of sign-in and a guarded page, and the phone's side of signing in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client

AUTH = "/api/auth/app/v1/"


@pytest.fixture(autouse=True)
def _addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.backend.accounts.urls"


@pytest.fixture
def auth() -> Callable[..., Any]:
    """`auth("post", "auth/login", {...}, token)` speaks to the sign-in API as the app does."""
    client = Client()

    def call(method: str, path: str, body: Any = "", token: str = "") -> Any:
        headers = {"X-Session-Token": token} if token else {}
        send = getattr(client, method)
        return send(AUTH + path, data=body, content_type="application/json", headers=headers)

    return call


@pytest.fixture
def code_in() -> Callable[[EmailMessage], str]:
    """The one-time code in a mail."""

    def find(mail: EmailMessage) -> str:
        found = re.search(r"^[A-Z]{4}-[A-Z]{4}$", str(mail.body), re.MULTILINE)
        assert found, mail.body
        return found.group()

    return find
