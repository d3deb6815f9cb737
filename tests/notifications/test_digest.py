"""The therapist's daily list."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.consents import answer
from backend.accounts.models import Leave, Membership, Patient, User
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertStatus
from notifications.digests import last_digest, next_digest
from notifications.models import DigestPlan, Message
from notifications.services import drain, plan_digests, write_digests
from tests.client import ApiClient
from tests.factories import make_care, make_clinic, make_patient, make_therapist
from tests.notifications.rows import Recorder, close_alert, make_alert

pytestmark = pytest.mark.django_db
Api = Callable[[User | Patient | None], ApiClient]
# Eight o'clock in Berlin on the Tuesday after `now`, a Monday.
TUESDAY = datetime(2026, 5, 5, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _planned(therapist: User, now: datetime) -> None:
    plan_digests(now=now + timedelta(minutes=1))


def items(user: User, day: datetime) -> list[str]:
    found = Message.objects.filter(recipient=user, kind="digest", local_date=day.date()).first()
    return [one["alert"] for one in found.content["items"]] if found else []


def test_what_can_wait_stands_on_the_list_of_the_next_morning(
    patient: Patient, therapist: User, now: datetime
) -> None:
    low = make_alert(patient=patient, level=Level.ROUTINE, at=now)
    high = make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)

    assert write_digests(now=TUESDAY - timedelta(seconds=1)) == 0
    assert write_digests(now=TUESDAY) == 1

    assert items(therapist, TUESDAY) == [str(high.pk), str(low.pk)]
    assert Message.objects.get(kind="digest").patient is None


def test_an_alert_stays_on_the_list_until_somebody_takes_it_up(
    patient: Patient, therapist: User, now: datetime
) -> None:
    alert = make_alert(patient=patient, level=Level.ROUTINE, at=now)
    for day in range(3):
        write_digests(now=TUESDAY + day * DAY)
        assert items(therapist, TUESDAY + day * DAY) == [str(alert.pk)]
    Alert.objects.update(status=AlertStatus.ACKNOWLEDGED, acknowledged_at=now)
    write_digests(now=TUESDAY + 3 * DAY)

    assert items(therapist, TUESDAY + 3 * DAY) == []
    assert Message.objects.filter(kind="digest").count() == 3


def test_what_was_taken_back_is_listed_until_it_is_reviewed(
    patient: Patient, therapist: User, now: datetime
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    close_alert(alert, now, AlertStatus.RETRACTED)
    write_digests(now=TUESDAY)
    assert items(therapist, TUESDAY) == [str(alert.pk)]

    Alert.objects.update(review_open=False)
    write_digests(now=TUESDAY + DAY)
    assert items(therapist, TUESDAY + DAY) == []


def test_of_a_patient_who_does_not_share_her_diary_only_what_is_urgent_is_listed(
    patient: Patient, therapist: User, now: datetime
) -> None:
    for scope in ("diary", "notes"):
        answer(patient_id=patient.pk, scope=scope, granted=False, text_version=1, now=now)
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    grave = make_alert(patient=patient, level=Level.URGENT_SAME_DAY, at=now)
    write_digests(now=TUESDAY)

    assert items(therapist, TUESDAY) == [str(grave.pk)]


def test_an_empty_list_is_not_sent(patient: Patient, therapist: User, now: datetime) -> None:
    assert write_digests(now=TUESDAY) == 1
    assert not Message.objects.exists()
    assert DigestPlan.objects.get().next_due_at == TUESDAY + DAY


def test_a_list_is_written_once_and_never_for_strangers(
    patient: Patient, therapist: User, stranger: User, other_patient: Patient, now: datetime
) -> None:
    plan_digests(now=now + timedelta(minutes=1))
    make_alert(patient=patient, level=Level.ROUTINE, at=now)
    make_alert(patient=other_patient, level=Level.ROUTINE, at=now)
    write_digests(now=TUESDAY)
    DigestPlan.objects.update(next_due_at=TUESDAY)
    write_digests(now=TUESDAY + timedelta(minutes=1))

    assert Message.objects.filter(kind="digest").count() == 1
    assert items(stranger, TUESDAY) == []


def test_the_weekend_is_left_out_and_monday_has_it_all(
    patient: Patient, therapist: User, now: datetime
) -> None:
    alert = make_alert(patient=patient, level=Level.ROUTINE, at=now)
    friday = TUESDAY + 3 * DAY
    write_digests(now=friday)

    assert DigestPlan.objects.get().next_due_at == friday + 3 * DAY
    write_digests(now=friday + 3 * DAY)
    assert items(therapist, friday + 3 * DAY) == [str(alert.pk)]


def test_a_list_that_is_hours_late_waits_for_the_next_morning(
    patient: Patient, therapist: User, now: datetime
) -> None:
    make_alert(patient=patient, level=Level.ROUTINE, at=now)

    write_digests(now=TUESDAY + timedelta(hours=6))
    assert not Message.objects.exists()
    write_digests(now=TUESDAY + DAY + timedelta(hours=5))
    assert Message.objects.count() == 1


def test_a_therapist_who_travelled_gets_it_by_her_clock(
    patient: Patient, therapist: User, now: datetime
) -> None:
    make_alert(patient=patient, level=Level.ROUTINE, at=now)
    User.objects.filter(pk=therapist.pk).update(time_zone="America/New_York")

    # Two in the morning there; her last list fell due eighteen hours ago.
    write_digests(now=TUESDAY)
    assert not Message.objects.exists()
    write_digests(now=TUESDAY + timedelta(hours=6))
    assert Message.objects.count() == 1


def test_who_stands_in_has_the_colleagues_items_on_her_list(
    patient: Patient, therapist: User, stranger: User, now: datetime
) -> None:
    plan_digests(now=now + timedelta(minutes=1))
    Membership.objects.filter(user=therapist).update(backup=stranger)
    Leave.objects.create(membership=therapist.memberships.get(), started_at=now)
    alert = make_alert(patient=patient, level=Level.ROUTINE, at=now)
    write_digests(now=TUESDAY)

    assert items(stranger, TUESDAY) == [str(alert.pk)]
    assert items(therapist, TUESDAY) == []


def test_the_list_is_sent_and_read(
    api: Api, patient: Patient, therapist: User, now: datetime, channels: dict[str, Recorder]
) -> None:
    alert = make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    write_digests(now=TUESDAY)
    drain(now=TUESDAY, channels=channels)

    assert [one.kind for one in channels["email"].to(therapist.email)] == ["digest"]
    item = next(
        one
        for one in api(therapist).get("me/notifications").json()["items"]
        if one["kind"] == "digest"
    )
    assert item["title"] == "Waiting for your answer: 1"
    assert item["items"] == [{"alert": str(alert.pk), "level": "prompt_days"}]
    assert "patient" not in item


def test_many_lists_cost_no_more_queries_than_one(
    patient: Patient, therapist: User, now: datetime
) -> None:
    def queries(at: datetime) -> int:
        with CaptureQueriesContext(connection) as captured:
            write_digests(now=at)
        return len(captured)

    make_alert(patient=patient, level=Level.ROUTINE, at=now)
    one = queries(TUESDAY)
    for _ in range(5):
        clinic = make_clinic(now=now)
        other = make_therapist(now=now, clinic=clinic)
        hers = make_patient(now=now)
        make_care(patient=hers, therapist=other, clinic=clinic, now=now)
        make_alert(patient=hers, level=Level.ROUTINE, at=now)
    plan_digests(now=TUESDAY + timedelta(minutes=1))

    assert queries(TUESDAY + DAY) <= one
    assert Message.objects.filter(kind="digest").count() == 7


def test_a_therapist_chooses_her_morning(
    api: Api, therapist: User, now: datetime, patient: Patient
) -> None:
    client = api(therapist)
    usual = client.get("me/digest")
    assert usual.json() == {"at": "08:00", "weekdays": [0, 1, 2, 3, 4]}

    chosen = {"at": "07:30", "weekdays": [6, 2]}
    answer = client.put("me/digest", chosen, If_Match=usual["ETag"])

    assert answer.status_code == 200
    assert answer.json() == client.get("me/digest").json() == {"at": "07:30", "weekdays": [2, 6]}
    assert client.get("me/digest", If_None_Match=answer["ETag"]).status_code == 304
    assert DigestPlan.objects.get(user=therapist).next_due_at == datetime(
        2026, 5, 6, 5, 30, tzinfo=UTC
    )
    assert client.put("me/digest", chosen, If_Match=usual["ETag"]).status_code == 412
    assert client.put("me/digest", chosen).status_code == 428
    assert api(patient).get("me/digest").status_code == 403
    assert api(None).get("me/digest").status_code == 401


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"at": "25:00", "weekdays": [1]}, "/at"),
        ({"at": "08:00", "weekdays": []}, "/weekdays"),
        ({"at": "08:00", "weekdays": [7]}, "/weekdays"),
        ({"at": "08:00", "weekdays": [1, 1]}, "/weekdays"),
        ({"at": "08:00"}, "/weekdays"),
    ],
)
def test_a_bad_choice_is_refused_by_field(
    api: Api, therapist: User, body: dict[str, Any], pointer: str
) -> None:
    client = api(therapist)
    answer = client.put("me/digest", body, If_Match=client.get("me/digest")["ETag"])

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Nuuk", "Pacific/Apia"])
def test_the_last_list_never_lies_after_the_next(zone: str) -> None:
    from datetime import time

    for hour in range(0, 24 * 21, 5):
        moment = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(hours=hour)
        last = last_digest(time(8), "024", zone, moment)
        assert last is not None
        assert last <= moment < next_digest(time(8), "024", zone, moment)
        assert next_digest(time(8), "024", zone, last) > moment
