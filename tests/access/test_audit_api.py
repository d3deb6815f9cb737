"""Who looked at what, as the patient, an auditor and a manager read it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import AuditEvent, CareRelationship, Clinic, Patient, Role, User
from backend.accounts.services import employ, end_care
from tests.client import ApiClient
from tests.factories import make_care, make_clinic, make_patient, make_therapist, make_user

Api = Callable[[Any], ApiClient]
HOUR = timedelta(hours=1)


@pytest.fixture
def auditor(clinic: Clinic, now: datetime) -> User:
    user = make_user(now=now, name="Ada Auditor")
    employ(user=user, clinic=clinic, role=Role.AUDITOR, now=now)
    return user


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> User:
    user = make_user(now=now, name="Mara Manager")
    employ(user=user, clinic=clinic, role=Role.MANAGER, now=now)
    return user


def test_a_patient_reads_who_looked_when_and_at_what(
    api: Api, therapist: User, patient: Patient
) -> None:
    api(therapist).get(f"patients/{patient.pk}")
    api(therapist).get("patients")
    api(patient).post("me/consents", {"scope": "notes", "granted": False, "version": 1})
    items = api(patient).get("me/access-log").json()["items"]
    assert [(one["name"], one["role"], one["action"]) for one in items] == [
        (therapist.name, "therapist", "panel.read"),
        (therapist.name, "therapist", "patient.read"),
    ]
    assert items[1]["what"].startswith("Your page")


def test_the_log_pages_and_says_nothing_of_others(
    api: Api, therapist: User, patient: Patient, other_patient: Patient
) -> None:
    for _ in range(3):
        api(therapist).get(f"patients/{patient.pk}")
    first = api(patient).get("me/access-log?limit=2").json()
    rest = api(patient).get(f"me/access-log?limit=2&cursor={first['next_cursor']}").json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    assert api(other_patient).get("me/access-log").json()["items"] == []


def test_the_log_outlives_the_account_of_whoever_looked(
    api: Api, stranger: User, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    make_care(patient=patient, therapist=stranger, clinic=clinic, now=now)
    api(stranger).get(f"patients/{patient.pk}")
    stranger.delete()
    [item] = api(patient).get("me/access-log").json()["items"]
    assert (item["name"], item["role"]) == ("", "unknown")


def test_an_auditor_reads_ids_and_a_manager_pseudonyms(
    api: Api, auditor: User, manager: User, therapist: User, patient: Patient
) -> None:
    api(therapist).get(f"patients/{patient.pk}")
    audited = api(auditor).get("audit").json()["items"]
    looked = next(one for one in audited if one["action"] == "patient.read")
    assert (looked["patient"], looked["name"]) == (str(patient.pk), therapist.name)
    managed = api(manager).get("audit")
    assert {one["action"] for one in managed.json()["items"]} >= {"patient.read", "audit.read"}
    assert str(patient.pk) not in managed.content.decode()
    names = {one["patient"] for one in managed.json()["items"] if "patient" in one}
    assert len(names) == 1
    for answer in (managed, api(auditor).get("audit")):
        assert patient.user.name not in answer.content.decode()


def test_reading_the_audit_is_audited(
    api: Api, auditor: User, therapist: User, patient: Patient
) -> None:
    api(therapist).get(f"patients/{patient.pk}")
    api(auditor).get("audit")
    event = AuditEvent.objects.get(action="audit.read")
    assert (event.actor_id, event.patient_id) == (auditor.pk, patient.pk)
    [newest, _] = api(patient).get("me/access-log").json()["items"]
    assert (newest["role"], newest["action"]) == ("auditor", "audit.read")


def test_another_clinic_and_other_times_are_out_of_reach(
    api: Api,
    auditor: User,
    therapist: User,
    patient: Patient,
    set_clock: Callable[[datetime], None],
    now: datetime,
) -> None:
    hill = make_clinic(now=now, name="Hill")
    elsewhere = make_therapist(now=now, clinic=hill)
    away = make_patient(now=now)
    make_care(patient=away, therapist=elsewhere, clinic=hill, now=now)
    api(elsewhere).get(f"patients/{away.pk}")
    # The same patient, after she has gone over to the other clinic.
    end_care(care=CareRelationship.objects.get(patient=patient), by=None, now=now)
    set_clock(now + HOUR)
    make_care(patient=patient, therapist=elsewhere, clinic=hill, now=now + HOUR)
    api(elsewhere).get(f"patients/{patient.pk}")
    assert {one["name"] for one in api(auditor).get("audit").json()["items"]} <= {auditor.name}


def test_of_several_clinics_one_is_named(
    api: Api, auditor: User, clinic: Clinic, now: datetime
) -> None:
    hill = make_clinic(now=now, name="Hill")
    employ(user=auditor, clinic=hill, role=Role.AUDITOR, now=now)
    assert api(auditor).get("audit").status_code == 400
    assert api(auditor).get(f"audit?clinic={hill.pk}").status_code == 200
    assert api(auditor).get(f"audit?clinic={make_clinic(now=now).pk}").status_code == 400


def test_neither_patients_nor_therapists_read_the_audit(
    api: Api, patient: Patient, therapist: User
) -> None:
    assert api(patient).get("audit").status_code == 403
    assert api(therapist).get("audit").status_code == 403
    assert api(None).get("audit").status_code == 401
    assert api(therapist).get("me/access-log").status_code == 403


def test_queries_do_not_grow_with_the_events(
    api: Api,
    auditor: User,
    therapist: User,
    patient: Patient,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(5):
        api(therapist).get(f"patients/{patient.pk}")
    desk, phone = api(auditor), api(patient)
    with django_assert_max_num_queries(12):
        desk.get("audit")
    with django_assert_max_num_queries(9):
        phone.get("me/access-log")
