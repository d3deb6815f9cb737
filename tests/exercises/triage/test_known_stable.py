"""A clinician says that she knows a symptom as stable."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEvent, Patient, User
from exercises.triage.models import Alert, KnownStable
from tests.client import ApiClient
from tests.exercises.triage.diary import Diary
from tests.exercises.triage.test_visits import report

Api = Callable[[User | Patient | None], ApiClient]
WORD = {"symptom": "S-NUMB-LEG", "side": "left", "reason": "Known for years"}


@pytest.fixture
def path(patient: Patient, therapist: User) -> str:
    Diary(patient)
    return f"patients/{patient.pk}/known-stable"


def test_the_word_is_kept_with_its_end_and_listed(
    api: Api, path: str, patient: Patient, therapist: User, now: datetime
) -> None:
    answer = api(therapist).post(path, WORD)

    assert answer.status_code == 201
    said = answer.json()
    assert said | {"id": "", "by": ""} == WORD | {
        "id": "", "by": "", "at": "2026-05-04T08:00:00Z", "expires_at": "2026-05-18T08:00:00Z",
        "stands": True,
    }  # fmt: skip
    assert said["by"] == therapist.name
    assert api(therapist).get(path).json()["items"] == [said]
    actions = AuditEvent.objects.filter(patient_id=patient.pk, action="symptom.known_stable")
    assert actions.count() == 1


def test_the_same_symptom_no_longer_alerts_and_a_worse_one_does(
    api: Api, path: str, patient: Patient, therapist: User, set_clock: Callable[[datetime], None],
    now: datetime,
) -> None:  # fmt: skip
    phone = api(patient)
    report(phone, "S-NUMB-LEG", laterality="left", severity="mild", course="stable")
    assert Alert.objects.get(rule="PR-NEURO-NEW").status == "open"
    api(therapist).post(path, WORD)
    assert Alert.objects.get(rule="PR-NEURO-NEW").status == "cleared"
    set_clock(now + timedelta(days=1))
    later = "2026-05-05"
    report(phone, "S-NUMB-LEG", later, laterality="left", severity="mild", course="stable")
    assert Alert.objects.filter(rule="PR-NEURO-NEW", status="open").count() == 0
    report(phone, "S-NUMB-LEG", later, laterality="right", severity="mild", course="stable")
    assert Alert.objects.filter(rule="PR-NEURO-NEW", status="open").count() == 1
    report(phone, "S-NUMB-LEG", later, laterality="left", severity="severe", course="worsening")
    assert Alert.objects.filter(level__gte=3, status="open").count() >= 2


@pytest.mark.parametrize(("hours", "count"), [(0, 1), (0.9, 1), (1, 2)])
def test_the_same_word_within_the_hour_is_a_repetition(
    api: Api, path: str, therapist: User, now: datetime, hours: float, count: int,
    set_clock: Callable[[datetime], None],
) -> None:  # fmt: skip
    doctor = api(therapist)
    first = doctor.post(path, WORD)
    set_clock(now + timedelta(hours=hours))
    again = doctor.post(path, WORD)
    assert again.status_code == 201
    assert KnownStable.objects.count() == count
    assert (again.json() == first.json()) is (count == 1)


def test_an_expired_word_is_listed_as_one(
    api: Api, path: str, therapist: User, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    doctor = api(therapist)
    doctor.post(path, {"symptom": "S-NUMB-LEG"})
    for days, stands in ((13, True), (14, False)):
        set_clock(now + timedelta(days=days))
        (item,) = doctor.get(path).json()["items"]
        assert item["stands"] is stands
        assert "side" not in item


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/symptom"),
        ({"symptom": "S-NOTHING"}, "/symptom"),
        (WORD | {"side": "up"}, "/side"),
        (WORD | {"reason": "x" * 501}, "/reason"),
        (WORD | {"until": "2027-01-01"}, "/until"),
    ],
)
def test_what_does_not_fit_is_said(
    api: Api, path: str, therapist: User, body: dict[str, Any], pointer: str
) -> None:
    answer = api(therapist).post(path, body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_only_who_cares_for_the_patient_may_say_or_read_it(
    api: Api, path: str, patient: Patient, stranger: User
) -> None:
    assert api(stranger).post(path, WORD).status_code == 404
    assert api(stranger).get(path).status_code == 404
    assert api(patient).post(path, WORD).status_code == 403
    assert api(None).get(path).status_code == 401
    assert not KnownStable.objects.exists()


def test_listing_costs_the_same_for_one_word_and_for_many(
    api: Api, path: str, therapist: User
) -> None:
    doctor = api(therapist)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            doctor.get(path)
        return len(captured)

    doctor.post(path, WORD)
    one = queries()
    for number in range(5):
        doctor.post(path, WORD | {"reason": str(number)})
    assert queries() == one
