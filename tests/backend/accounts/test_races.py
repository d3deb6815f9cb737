"""What holds when two things happen at once.

These run on PostgreSQL: SQLite lets one writer in at a time, and the tests' database in memory
knows no second connection.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

import pytest
from django.db import connection

from backend.accounts.joining import InvitationInvalid, accept
from backend.accounts.models import AuditEvent, CareRelationship, Clinic, Patient, User
from backend.accounts.services import (
    ProfileStale,
    invite,
    update_profile,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="needs a second connection"),
]
T = TypeVar("T")


def at_once(calls: list[Callable[[], T]]) -> list[T]:
    """The results of `calls`, each made on a connection of its own."""

    def alone(call: Callable[[], T]) -> T:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(alone, calls))


def test_one_code_brings_one_of_many_patients_into_care(
    stranger: User, clinic: Clinic, patient: Patient, other_patient: Patient, now: datetime
) -> None:
    _, code = invite(clinic=clinic, therapist=stranger, now=now)

    def accepted(who: Patient) -> bool:
        try:
            accept(user=who.user, code=code, now=now)
        except InvitationInvalid:
            return False
        return True

    took = at_once([partial(accepted, who) for who in [patient, other_patient] * 3])

    assert sorted(took) == [False] * 3 + [True] * 3
    assert CareRelationship.objects.filter(therapist=stranger).count() == 1
    assert AuditEvent.objects.filter(action="care.started").count() == 1


def test_of_changes_to_one_version_of_a_profile_one_wins(patient: Patient, now: datetime) -> None:
    def rename(name: str) -> bool:
        user = User(**as_read)
        try:
            update_profile(user=user, changes={"name": name}, now=now)
        except ProfileStale:
            return False
        return True

    as_read = User.objects.values().get(pk=patient.user_id)
    done = at_once([partial(rename, name) for name in "abcdef"])
    assert done.count(True) == 1
    assert User.objects.get(pk=patient.user_id).version == 2
