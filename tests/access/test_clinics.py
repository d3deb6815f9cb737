"""What managers do at their clinic, and what each change means on the next request."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.accounts.models import (
    AuditEvent,
    CareRelationship,
    Clinic,
    Invitation,
    Membership,
    Patient,
    Role,
    User,
)
from backend.accounts.rota import responsible_for
from backend.accounts.services import employ
from tests.client import ApiClient
from tests.factories import make_clinic, make_therapist, make_user

Api = Callable[[Any], ApiClient]
DAY = timedelta(days=1)
UNKNOWN = "0190a000-0000-7000-8000-000000000000"


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> User:
    """Manages `clinic`."""
    user = make_user(now=now, name="Mara Manager")
    employ(user=user, clinic=clinic, role=Role.MANAGER, now=now)
    return user


@pytest.fixture
def outsider(now: datetime) -> User:
    """Manages another clinic."""
    user = make_user(now=now, name="Otto Outsider")
    employ(user=user, clinic=make_clinic(now=now, name="Hill"), role=Role.MANAGER, now=now)
    return user


def at(clinic: Clinic, path: str = "") -> str:
    return f"clinics/{clinic.pk}{path}"


def member(clinic: Clinic, user: User, role: str = "therapist") -> str:
    return at(clinic, f"/members/{user.pk}/{role}")


def actions() -> list[str]:
    return [*AuditEvent.objects.order_by("pk").values_list("action", flat=True)]


def test_a_manager_reads_her_clinic_and_who_works_there(
    api: Api, manager: User, therapist: User, stranger: User, patient: Patient, clinic: Clinic
) -> None:
    desk = api(manager)
    [item] = desk.get("clinics").json()["items"]
    assert item == desk.get(at(clinic)).json()
    found = desk.get(at(clinic, "/members"))
    assert [(one["name"], one["role"], one["patients"]) for one in found.json()["items"]] == [
        ("Mara Manager", "manager", 0),
        ("Stella Stranger", "therapist", 0),
        ("Theo Therapist", "therapist", 1),
    ]
    assert patient.user.name not in found.content.decode()


PATHS = ["", "/members", "/invitations", "/leaves"]


@pytest.mark.parametrize("path", PATHS)
def test_another_clinics_manager_finds_nothing_and_therapists_may_not(
    api: Api, outsider: User, therapist: User, patient: Patient, clinic: Clinic, path: str
) -> None:
    there = api(outsider).get(at(clinic, path))
    missing = api(outsider).get(f"clinics/{UNKNOWN}{path}")
    assert there.status_code == missing.status_code == 404
    assert there.json() | {"trace_id": ""} == missing.json() | {"trace_id": ""}
    assert api(therapist).get(at(clinic, path)).status_code == 403
    assert api(patient).get(at(clinic, path)).status_code == 403
    assert api(None).get(at(clinic, path)).status_code == 401


def test_a_new_member_joins_by_invitation_and_only_once(
    api: Api, manager: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    made = api(manager).post(at(clinic, "/invitations"), {"role": "therapist"})
    assert made.status_code == 201
    [waiting] = api(manager).get(at(clinic, "/invitations")).json()["items"]
    assert "code" not in waiting
    newcomer = make_user(now=now, name="Nina Newcomer")
    path = f"invitations/{made.json()['code']}/accept"
    joined = api(newcomer).post(path)
    assert (joined.status_code, joined.json()["role"]) == (200, "therapist")
    assert api(newcomer).post(path).json() == joined.json()
    assert api(patient).post(path).status_code == 404
    assert newcomer.has_role("therapist")
    assert not patient.user.has_role("therapist")
    assert api(manager).get(at(clinic, "/invitations")).json()["items"] == []
    assert actions() == ["invitation.made", "member.joined"]


def test_a_manager_invites_a_patient_into_a_therapists_care(
    api: Api, manager: User, stranger: User, patient: Patient, clinic: Clinic
) -> None:
    body = {"role": "patient", "therapist": str(stranger.pk)}
    made = api(manager).post(at(clinic, "/invitations"), body)
    assert made.json()["therapist"]["name"] == stranger.name
    joined = api(patient).post(f"invitations/{made.json()['code']}/accept")
    assert joined.json()["therapist"] == stranger.name


def test_a_revoked_code_answers_like_an_unknown_one(
    api: Api, manager: User, clinic: Clinic, now: datetime
) -> None:
    made = api(manager).post(at(clinic, "/invitations"), {"role": "auditor"}).json()
    for _ in range(2):
        revoked = api(manager).delete(at(clinic, f"/invitations/{made['id']}"))
        assert revoked.status_code == 204
    person = make_user(now=now)
    answers = [api(person).post(f"invitations/{code}/accept") for code in (made["code"], "BB-BB")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert Invitation.objects.get().used_at is None


def test_a_service_lead_is_a_therapist_of_the_clinic(
    api: Api, manager: User, therapist: User, outsider: User, clinic: Clinic
) -> None:
    desk = api(manager)
    tag = desk.get(at(clinic))["ETag"]
    for wrong in (manager, outsider):
        refused = desk.patch(at(clinic), {"service_lead": str(wrong.pk)}, If_Match=tag)
        assert refused.json()["errors"][0]["code"] == "not_a_therapist"
    assert desk.patch(at(clinic), {"service_lead": None}).status_code == 428
    named = desk.patch(at(clinic), {"service_lead": str(therapist.pk)}, If_Match=tag)
    assert named.json()["service_lead"]["name"] == therapist.name
    assert desk.patch(at(clinic), {"service_lead": None}, If_Match=tag).status_code == 412


def test_while_a_therapist_is_away_her_backup_sees_her_patients_and_it_is_audited(
    api: Api,
    manager: User,
    therapist: User,
    stranger: User,
    patient: Patient,
    clinic: Clinic,
    set_clock: Callable[[datetime], None],
    now: datetime,
) -> None:
    desk, backup = api(manager), api(stranger)
    planned = desk.post(
        at(clinic, "/leaves"),
        {
            "user": str(therapist.pk),
            "first_day": "2026-05-05",
            "last_day": "2026-05-06",
            "backup": str(stranger.pk),
        },
    )
    assert planned.status_code == 201
    assert (planned.json()["first_day"], planned.json()["last_day"]) == ("2026-05-05", "2026-05-06")
    assert desk.get(at(clinic, "/leaves")).json()["items"] == [planned.json()]
    seen = {}
    for day in range(4):
        set_clock(now + day * DAY)
        seen[day] = backup.get(f"patients/{patient.pk}").status_code
        assert len(backup.get("patients").json()["items"]) == (seen[day] == 200)
    assert seen == {0: 404, 1: 200, 2: 200, 3: 404}
    looks = AuditEvent.objects.filter(actor_id=stranger.pk, patient_id=patient.pk)
    assert looks.filter(action="patient.read").count() == 2


def test_a_leave_that_is_ended_is_over_on_the_next_request(
    api: Api, manager: User, therapist: User, stranger: User, patient: Patient, clinic: Clinic
) -> None:
    desk, backup = api(manager), api(stranger)
    assert desk.patch(member(clinic, therapist), {"backup": str(stranger.pk)}).status_code == 204
    body = {"user": str(therapist.pk), "first_day": "2026-05-04"}
    leave = desk.post(at(clinic, "/leaves"), body).json()
    assert leave["backup"]["name"] == stranger.name
    assert desk.post(at(clinic, "/leaves"), body).json()["code"] == "leave_overlaps"
    assert backup.get(f"patients/{patient.pk}").status_code == 200
    for _ in range(2):
        assert desk.delete(at(clinic, f"/leaves/{leave['id']}")).status_code == 204
    assert backup.get(f"patients/{patient.pk}").status_code == 404
    assert desk.get(at(clinic, "/leaves")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"first_day": "2026-05-03"}, "/first_day"),
        ({"first_day": "2026-05-05", "last_day": "2026-05-04"}, "/last_day"),
        ({"first_day": "2026-05-05", "backup": UNKNOWN}, "/backup"),
        ({"first_day": "2026-05-05", "user": UNKNOWN}, "/user"),
        ({"first_day": "tomorrow"}, "/first_day"),
    ],
)
def test_a_leave_that_does_not_fit_is_named(
    api: Api, manager: User, therapist: User, clinic: Clinic, body: dict[str, str], pointer: str
) -> None:
    refused = api(manager).post(at(clinic, "/leaves"), {"user": str(therapist.pk)} | body)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_nobody_stands_in_for_herself(
    api: Api, manager: User, therapist: User, clinic: Clinic
) -> None:
    refused = api(manager).patch(member(clinic, therapist), {"backup": str(therapist.pk)})
    assert refused.status_code == 400


def test_a_therapist_leaves_only_after_her_patients_were_handed_over(
    api: Api,
    manager: User,
    therapist: User,
    stranger: User,
    patient: Patient,
    clinic: Clinic,
    now: datetime,
) -> None:
    desk, hers = api(manager), api(therapist)
    refused = desk.delete(member(clinic, therapist))
    assert (refused.status_code, refused.json()["patients"]) == (409, 1)
    given = desk.post(at(clinic, f"/members/{therapist.pk}/hand-over"), {"to": str(stranger.pk)})
    assert given.json() == {"patients": 1}
    assert hers.get(f"patients/{patient.pk}").status_code == 404
    assert api(stranger).get(f"patients/{patient.pk}").status_code == 200
    assert desk.delete(member(clinic, therapist)).status_code == 204
    assert hers.get("patients").status_code == 403
    assert desk.delete(member(clinic, therapist)).status_code == 404


def test_released_patients_stay_without_a_therapist_and_keep_their_advice(
    api: Api, manager: User, therapist: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    assert api(manager).delete(member(clinic, therapist) + "?release=true").status_code == 204
    assert responsible_for(patient, now) == []
    assert not CareRelationship.objects.filter(ended_at=None).exists()
    report = {
        "occurred_at": "2026-05-04T09:00:00+02:00",
        "tz": "Europe/Berlin",
        "local_date": "2026-05-04",
        "symptoms": [{"code": "S-SADDLE", "present": True}],
    }
    told = api(patient).put(f"me/symptom-reports/{UNKNOWN}", report)
    assert told.json()["advice"]["level"] == "emergency_now"


def test_the_last_manager_stays(api: Api, manager: User, clinic: Clinic, now: datetime) -> None:
    desk = api(manager)
    refused = desk.delete(member(clinic, manager, "manager"))
    assert refused.json()["code"] == "last_manager"
    employ(user=make_user(now=now), clinic=clinic, role=Role.MANAGER, now=now)
    assert desk.delete(member(clinic, manager, "manager")).status_code == 204
    assert desk.get(at(clinic)).status_code == 403


def test_a_backup_neither_hands_over_nor_ends_what_she_covers(
    api: Api, manager: User, therapist: User, stranger: User, patient: Patient, clinic: Clinic
) -> None:
    body = {"user": str(therapist.pk), "first_day": "2026-05-04", "backup": str(stranger.pk)}
    api(manager).post(at(clinic, "/leaves"), body)
    assert api(stranger).get(f"patients/{patient.pk}").status_code == 200
    assert api(stranger).post(f"patients/{patient.pk}/end-care").status_code == 404


def test_a_therapist_of_two_clinics_keeps_the_other_when_one_ends(
    api: Api, manager: User, therapist: User, clinic: Clinic, now: datetime
) -> None:
    second = make_clinic(now=now, name="Second")
    employ(user=therapist, clinic=second, role=Role.THERAPIST, now=now)
    api(manager).delete(member(clinic, therapist) + "?release=true")
    assert Membership.objects.get(user=therapist, ended_at=None).clinic == second
    assert api(therapist).get("patients").json()["items"] == []


def test_queries_do_not_grow_with_the_members(
    api: Api,
    manager: User,
    clinic: Clinic,
    now: datetime,
    django_assert_max_num_queries: Any,
    django_assert_num_queries: Any,
) -> None:
    desk = api(manager)
    desk.get(at(clinic, "/members"))
    with django_assert_max_num_queries(12) as counted:
        desk.get(at(clinic, "/members"))
    for _ in range(5):
        make_therapist(now=now, clinic=clinic)
    with django_assert_num_queries(len(counted)):
        desk.get(at(clinic, "/members"))
