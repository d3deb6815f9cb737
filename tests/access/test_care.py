"""Who looks after a patient: handed over, ended, left, moved to another clinic."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from backend.accounts.models import CareRelationship, Patient, User
from backend.accounts.services import invite
from tests.client import ApiClient
from tests.factories import make_clinic, make_therapist

Api = Callable[[Any], ApiClient]
UNKNOWN = "0190a000-0000-7000-8000-000000000000"


def test_a_therapist_hands_one_patient_over_and_ends_care(
    api: Api, therapist: User, stranger: User, patient: Patient, now: datetime
) -> None:
    hers, path = api(therapist), f"patients/{patient.pk}/hand-over"
    assert hers.post(path, {"to": str(therapist.pk)}).status_code == 400
    assert hers.post(path, {"to": UNKNOWN}).status_code == 400
    assert hers.post(path, {"to": str(stranger.pk)}).status_code == 204
    assert hers.post(path, {"to": str(stranger.pk)}).status_code == 404
    end = f"patients/{patient.pk}/end-care"
    assert hers.post(end).status_code == 404
    assert api(stranger).post(end).status_code == 204
    assert api(stranger).get(f"patients/{patient.pk}").status_code == 404


def test_a_patient_leaves_a_therapists_care(
    api: Api, therapist: User, patient: Patient, other_patient: Patient
) -> None:
    [care] = api(patient).get("me").json()["care"]
    assert api(other_patient).delete(f"me/care/{care['id']}").status_code == 404
    for _ in range(2):
        assert api(patient).delete(f"me/care/{care['id']}").status_code == 204
    assert api(therapist).get(f"patients/{patient.pk}").status_code == 404
    assert api(patient).get("me").json()["care"] == []


def test_a_transfer_takes_the_old_clinics_sight_at_once_and_keeps_the_history(
    api: Api, patient: Patient, therapist: User, now: datetime
) -> None:
    elsewhere = make_clinic(now=now, name="Hill Clinic")
    new = make_therapist(now=now, clinic=elsewhere, name="Nora New")
    _, code = invite(clinic=elsewhere, therapist=new, now=now)
    assert api(therapist).get(f"patients/{patient.pk}").status_code == 200

    joined = api(patient).post(f"invitations/{code}/accept", {"leave_others": True})

    assert joined.json()["clinic"]["name"] == "Hill Clinic"
    for path in (f"patients/{patient.pk}", f"patients/{patient.pk}/plan"):
        assert api(therapist).get(path).status_code == 404
    assert api(new).get(f"patients/{patient.pk}").status_code == 200
    assert [care["clinic"]["name"] for care in api(patient).get("me").json()["care"]] == [
        "Hill Clinic"
    ]


def test_a_therapist_may_say_why_care_ends(
    api: Api, therapist: User, patient: Patient, now: datetime
) -> None:
    end = f"patients/{patient.pk}/end-care"
    refused = api(therapist).post(end, {"reason": "bored"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert api(therapist).post(end, {"reason": "recovered"}).status_code == 204
    assert CareRelationship.objects.get(patient=patient).end_reason == "recovered"


def test_a_patient_may_say_why_she_leaves_and_the_first_word_stays(
    api: Api, therapist: User, patient: Patient
) -> None:
    [care] = api(patient).get("me").json()["care"]
    path = f"me/care/{care['id']}"
    refused = api(patient).delete(f"{path}?reason=bored")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert CareRelationship.objects.get(patient=patient).ended_at is None
    for query in ("?reason=no_time", "?reason=other", ""):
        assert api(patient).delete(f"{path}{query}").status_code == 204
    assert CareRelationship.objects.get(patient=patient).end_reason == "no_time"


def test_nobody_has_to_say_why(api: Api, therapist: User, patient: Patient) -> None:
    assert api(therapist).post(f"patients/{patient.pk}/end-care").status_code == 204
    assert CareRelationship.objects.get(patient=patient).end_reason == "unknown"
