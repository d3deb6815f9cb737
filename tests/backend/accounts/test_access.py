"""May X see Y?"""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from backend.accounts.access import caseload, patient_for, patients_visible_to
from backend.accounts.models import CareRelationship, Clinic, Membership, Patient, Role, User
from backend.accounts.services import employ, end_care, start_care
from backend.core.problems import Problem
from tests.factories import make_clinic, make_user

SECOND = timedelta(seconds=1)


def test_a_patient_sees_herself_alone(
    patient: Patient, other_patient: Patient, now: datetime
) -> None:
    assert list(patients_visible_to(patient.user, now)) == [patient]


def test_a_therapist_sees_whom_she_looks_after(
    therapist: User, patient: Patient, other_patient: Patient, now: datetime
) -> None:
    assert list(patients_visible_to(therapist, now)) == [patient]
    assert list(caseload(therapist, now)) == [patient]


def test_a_colleague_at_the_same_clinic_sees_nobody(
    stranger: User, therapist: User, now: datetime
) -> None:
    assert not patients_visible_to(stranger, now).exists()


def test_nobody_in_particular_sees_nothing(patient: Patient, now: datetime) -> None:
    assert not patients_visible_to(AnonymousUser(), now).exists()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
def test_other_roles_at_the_clinic_see_no_record(
    role: Role, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    user = make_user(now=now)
    employ(user=user, clinic=clinic, role=role, now=now)
    start_care(patient=patient, therapist=user, clinic=clinic, now=now)
    assert not patients_visible_to(user, now).exists()


def test_ended_care_is_out_of_sight_from_its_end_on(
    therapist: User, patient: Patient, now: datetime
) -> None:
    end_care(care=CareRelationship.objects.get(), by=patient.user_id, now=now + SECOND)
    assert patients_visible_to(therapist, now).exists()
    assert not patients_visible_to(therapist, now + SECOND).exists()


def test_who_left_the_clinic_sees_no_patient_of_it(therapist: User, now: datetime) -> None:
    Membership.objects.update(ended_at=now + SECOND)
    assert not patients_visible_to(therapist, now + SECOND).exists()


def test_a_job_at_another_clinic_does_not_open_the_record(therapist: User, now: datetime) -> None:
    Membership.objects.update(ended_at=now)
    elsewhere = make_clinic(now=now, name="Elsewhere")
    employ(user=therapist, clinic=elsewhere, role=Role.THERAPIST, now=now)
    assert not patients_visible_to(therapist, now).exists()


def test_care_at_a_new_clinic_replaces_that_at_the_old_one(
    therapist: User, patient: Patient, now: datetime
) -> None:
    elsewhere = make_clinic(now=now, name="Elsewhere")
    Membership.objects.update(ended_at=now)
    employ(user=therapist, clinic=elsewhere, role=Role.THERAPIST, now=now)
    start_care(patient=patient, therapist=therapist, clinic=elsewhere, now=now)
    assert patients_visible_to(therapist, now).get() == patient


def test_a_missing_patient_and_one_out_of_reach_look_alike(
    stranger: User, patient: Patient, now: datetime
) -> None:
    with pytest.raises(Problem) as out_of_reach:
        patient_for(stranger, patient.pk, now)
    with pytest.raises(Problem) as missing:
        patient_for(stranger, stranger.pk, now)
    assert vars(out_of_reach.value) == vars(missing.value)
    assert missing.value.status == 404


def test_two_queries_find_a_patient_with_her_user(
    therapist: User,
    patient: Patient,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2):
        assert patient_for(therapist, patient.pk, now).user.email
