"""What is taken from somebody is gone on her next request, under the token that she already holds."""

from collections.abc import Callable
from datetime import datetime

import pytest
from allauth.usersessions.models import UserSession

from backend.accounts.models import CareRelationship, Membership, Patient, User
from backend.accounts.services import end_care
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]


def end_the_care(_user: User, now: datetime) -> None:
    end_care(care=CareRelationship.objects.get(), by=None, now=now)


def end_the_membership(user: User, now: datetime) -> None:
    Membership.objects.filter(user=user).update(ended_at=now)


def deactivate(user: User, _now: datetime) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def end_the_session(user: User, _now: datetime) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()


def change_the_password(user: User, _now: datetime) -> None:
    user.set_password("another long enough password")
    user.save(update_fields=["password"])


@pytest.mark.parametrize(
    ("taken", "status"),
    [
        (end_the_care, 404),
        (end_the_membership, 403),
        (deactivate, 401),
        (end_the_session, 401),
        (change_the_password, 401),
    ],
)
def test_the_next_request_finds_nothing(
    api: Api,
    therapist: User,
    patient: Patient,
    now: datetime,
    taken: Callable[[User, datetime], None],
    status: int,
) -> None:
    desk = api(therapist)
    assert desk.get(f"patients/{patient.pk}").status_code == 200
    taken(therapist, now)
    assert desk.get(f"patients/{patient.pk}").status_code == status
    listed = desk.get("patients")
    assert listed.status_code != 200 or listed.json()["items"] == []


def test_a_deactivated_patient_is_signed_out_at_once(api: Api, patient: Patient) -> None:
    phone = api(patient)
    assert phone.get("me").status_code == 200
    User.objects.filter(pk=patient.user_id).update(is_active=False)
    assert phone.get("me").status_code == 401
    assert phone.get("me/advice").status_code == 401
