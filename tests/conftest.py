"""Fixtures for every test: the Celery app is loaded, and nothing leaves this machine.

The people: `patient` is looked after by `therapist` at `clinic`; `stranger` is a therapist of the
same clinic without the relationship; `other_patient` is noise that nobody should ever see.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

import backend.celery  # noqa: F401
from backend.accounts.models import Clinic, Patient, User
from backend.accounts.services import make_session_token
from backend.core import clock
from tests.client import ApiClient
from tests.factories import make_care, make_clinic, make_patient, make_therapist
from tests.sessions import end_other_sessions

# A busy machine is no finding. The suite tries the same examples each time, so that it says the same
# of the same code; STEPWISE_DRILL=1 looks for new ones.
settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("STEPWISE_DRILL") != "1",
)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests with real transactions empty the tables behind them, on SQLite by DELETE; only for that
    reason its trigger on audit events is gone in tests (tests of the trigger put it back)."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER accounts_audit_refuses_delete")
    yield
    with django_db_blocker.unblock():
        end_other_sessions()


@pytest.fixture
def now() -> datetime:
    """A Monday morning in spring."""
    return datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


@pytest.fixture
def clinic(db: None, now: datetime) -> Clinic:
    return make_clinic(now=now)


@pytest.fixture
def patient(db: None, now: datetime) -> Patient:
    return make_patient(now=now)


@pytest.fixture
def other_patient(db: None, now: datetime) -> Patient:
    return make_patient(now=now, name="Olga Other")


@pytest.fixture
def therapist(patient: Patient, clinic: Clinic, now: datetime) -> User:
    """Looks after `patient`."""
    user = make_therapist(now=now, clinic=clinic)
    make_care(patient=patient, therapist=user, clinic=clinic, now=now)
    return user


@pytest.fixture
def stranger(clinic: Clinic, now: datetime) -> User:
    """A therapist of the same clinic who looks after nobody."""
    return make_therapist(now=now, clinic=clinic, name="Stella Stranger")


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """`set_clock(instant)`: from here on every door takes that instant for the present."""

    def to(instant: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    return to


@pytest.fixture
def api(
    db: None, now: datetime, set_clock: Callable[[datetime], None]
) -> Callable[[User | Patient | None], ApiClient]:
    """`api(person)` is a client with a real session of that person; `api(None)` has none.

    The server's clock stands at `now`; `set_clock` moves it.
    """
    set_clock(now)

    def signed_in(person: User | Patient | None) -> ApiClient:
        user = person.user if isinstance(person, Patient) else person
        return ApiClient(make_session_token(user, now) if user else None)

    return signed_in
