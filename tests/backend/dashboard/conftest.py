"""A browser that is signed in, without the steps of signing in."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client

from backend.accounts.models import Patient, User
from backend.accounts.services import make_session_token


@pytest.fixture
def browse(
    db: None, now: datetime, set_clock: Callable[[datetime], None]
) -> Callable[[User | Patient], Client]:
    """`browse(person)` is a client with a session of that person; the clock stands at `now`."""
    set_clock(now)

    def signed_in(person: User | Patient) -> Client:
        user = person.user if isinstance(person, Patient) else person
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = make_session_token(user, now)
        return client

    return signed_in
