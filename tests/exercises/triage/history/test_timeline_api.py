"""GET patients/{id}/timeline."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from backend.accounts import consents
from backend.accounts.models import AuditEvent, Patient, User
from exercises.conversation.models import CareMessage, CareNote
from exercises.plans.models import (
    Flare,
    PauseReason,
    PlanOrder,
    PlanPause,
    PrescriptionOrder,
)
from exercises.tracking.models import FactType, Quarantined
from exercises.triage.history.sources import SOURCES
from exercises.triage.history.timeline_wire import EntryType
from exercises.triage.models import AlertEvent, KnownStable, ThresholdSet, Visit, VisitVersion
from tests.backend.dashboard.records import (
    DAY,
    make_alert,
    make_fact,
    make_plan,
    make_prescription,
    make_session,
)
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]
TODAY = date(2026, 5, 4)
HOUR = timedelta(hours=1)
SYMPTOM = {"symptoms": [], "answered_no": ["S-SADDLE"], "note": "Slept badly"}


def path_of(patient: Patient) -> str:
    return f"patients/{patient.pk}/timeline"


def asked(patient: Patient, query: dict[str, Any]) -> str:
    return f"{path_of(patient)}?{urlencode(query)}"


def everything(patient: Patient, therapist: User, now: datetime) -> None:
    """One row of every source, an hour apart, the first source the newest."""

    def at(name: str) -> datetime:
        names = [source.name for source in SOURCES]
        return now - (names.index(name) + 1) * HOUR

    plan = make_plan(patient, start=TODAY - 9 * DAY, now=at("phase_change"))
    row = make_prescription(plan)
    alert = make_alert(patient, now=now)
    AlertEvent.objects.create(alert=alert, at=at("alert_step"), step="acknowledged", by=therapist)
    AlertEvent.objects.create(alert=alert, at=at("prompt_answer"), step="will_go")
    KnownStable.objects.create(
        patient=patient,
        symptom="S-NUMB-LEG",
        by=therapist,
        at=at("known_stable"),
        expires_at=now + 90 * DAY,
    )
    visit = Visit.objects.create(
        patient=patient,
        id=uuid4(),
        state="planned",
        planned_on=TODAY,
        tz="Europe/Berlin",
        rev=1,
        created_at=now,
        updated_at=now,
    )
    VisitVersion.objects.create(
        visit=visit, version=1, at=at("visit"), content={"state": "planned", "tz": "Europe/Berlin"}
    )
    ThresholdSet.objects.create(
        patient=patient,
        version=1,
        values={},
        reason="Old fracture",
        by=therapist,
        at=at("thresholds"),
    )
    PlanOrder.objects.create(
        plan=plan,
        action="hold",
        reason="Exams",
        by=therapist,
        at=at("plan_order"),
        base_version=1,
        version=2,
    )
    PrescriptionOrder.objects.create(
        plan=plan,
        action="retire",
        exercise="EX-01",
        prescription=row,
        asked={},
        reason="Dizzy",
        by=therapist,
        at=at("prescription_order"),
        base_version=1,
        version=2,
    )
    PlanPause.objects.create(
        plan=plan,
        reason=PauseReason.THERAPIST,
        started_at=at("pause_started"),
        ended_at=at("pause_ended"),
    )
    Flare.objects.create(
        plan=plan,
        started_on=TODAY - 3 * DAY,
        ends_on=TODAY,
        ended_at=at("flare_ended"),
        outcome="settled",
    )
    Quarantined.objects.create(
        patient=patient,
        fact_id=uuid4(),
        type="session",
        raw="{}",
        digest="1",
        problem={"code": "invalid"},
        received_at=at("rejected"),
        rev=1,
    )
    for kind, data in (
        (FactType.SYMPTOM, SYMPTOM),
        (FactType.PAIN, {"site": "knee", "kind": "avg24", "score": 4}),
        (FactType.RELIEF, {"question": "relief_rest", "value": "yes"}),
        (FactType.LOCATION, {"most_distal": "calf"}),
        (FactType.HOME_CARE, {"modality": "ice", "site": "knee", "minutes": 15}),
        (FactType.QUESTIONNAIRE, {"instrument": "GROC", "answers": {"change": 1}}),
    ):
        fact = make_fact(patient, kind=kind, day=TODAY, now=at(kind.value), data=data)
        if kind == FactType.SYMPTOM:
            taken = make_fact(
                patient,
                kind=FactType.RETRACTION,
                day=TODAY,
                now=at("retraction"),
                data={"confirmed_none": True},
            )
            taken.target = fact.id
            taken.save()
            fact.retracted_by = taken.id
            fact.save()
    make_session(patient, day=TODAY, now=at("session"), prescription=row.pk)
    CareMessage.objects.create(
        patient=patient,
        id=uuid4(),
        author=patient.user,
        from_patient=True,
        text="Hello",
        sent_at=at("message"),
        rev=1,
    )
    CareNote.objects.create(patient=patient, author=therapist, text="Tired", at=at("care_note"))


def test_everything_stands_in_one_line_the_newest_first(
    api: Api, therapist: User, patient: Patient, now: datetime
) -> None:
    everything(patient, therapist, now)
    answer = api(therapist).get(path_of(patient))
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert [item["type"] for item in items] == [source.name for source in SOURCES]
    assert [item["at"] for item in items] == sorted((i["at"] for i in items), reverse=True)
    found = {item["type"]: item for item in items}
    assert found["plan_order"]["by"] == found["care_note"]["by"] == "Theo Therapist"
    assert "by" not in found["message"]
    assert found["symptom_report"]["standing"] is False
    assert found["retraction"]["data"]["target"] == found["symptom_report"]["id"]
    assert found["alert_step"]["data"]["rule"] == "RF-CES-BLADDER"
    assert found["pain_report"]["local_date"] == "2026-05-04"
    assert AuditEvent.objects.filter(action="timeline.read", patient_id=patient.pk).exists()


def test_the_types_that_the_schema_names_are_those_of_the_sources() -> None:
    assert get_args(EntryType) == tuple(source.name for source in SOURCES)


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_hold_each_entry_once_even_where_all_happened_at_once(
    api: Api, therapist: User, patient: Patient, now: datetime, limit: int
) -> None:
    alert = make_alert(patient, now=now)
    for _ in range(3):
        AlertEvent.objects.create(alert=alert, at=now, step="reopened")
        make_fact(patient, kind=FactType.SYMPTOM, day=TODAY, now=now, data=SYMPTOM)
        make_fact(
            patient,
            kind=FactType.PAIN,
            day=TODAY,
            now=now,
            data={"site": "knee", "kind": "now", "score": 3},
        )
    KnownStable.objects.bulk_create(
        KnownStable(id=UUID(int=n), patient=patient, symptom="S-NUMB-LEG", at=now, expires_at=now)
        for n in (3, 1, 2)
    )
    client, found, query = api(therapist), [], {"limit": limit}
    while True:
        page = client.get(asked(patient, query)).json()
        found += [(item["type"], item["id"]) for item in page["items"]]
        assert len(page["items"]) <= limit
        if page["next_cursor"] is None:
            break
        # What arrives meanwhile belongs before the first page.
        AlertEvent.objects.create(alert=alert, at=now + HOUR, step="reopened")
        query = {"limit": limit, "cursor": page["next_cursor"]}
    assert len(found) == len(set(found)) == 12


def test_kinds_and_days_narrow_the_line(
    api: Api, therapist: User, patient: Patient, now: datetime
) -> None:
    everything(patient, therapist, now)
    client = api(therapist)
    both = client.get(asked(patient, {"kinds": "visits,pain"})).json()["items"]
    assert {item["kind"] for item in both} == {"visits", "pain"}
    day = client.get(asked(patient, {"from": "2026-05-04", "to": "2026-05-04"})).json()["items"]
    # Her day began at 22:00 UTC.
    assert 0 < len(day) < len(SOURCES)
    assert min(item["at"] for item in day) >= "2026-05-03T22:00:00Z"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"kinds": "weather"}, "/kinds"),
        ({"from": "monday"}, "/from"),
        ({"cursor": "made-up"}, "/cursor"),
        ({"limit": "0"}, "/limit"),
    ],
)
def test_what_makes_no_sense_is_refused(
    api: Api, therapist: User, patient: Patient, query: dict[str, str], pointer: str
) -> None:
    answer = api(therapist).get(asked(patient, query))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_the_patients_own_words_stay_hers_where_she_does_not_share_them(
    api: Api, therapist: User, patient: Patient, now: datetime
) -> None:
    make_fact(patient, kind=FactType.SYMPTOM, day=TODAY, now=now, data=SYMPTOM)
    client = api(therapist)
    assert "Slept badly" in client.get(path_of(patient)).content.decode()
    consents.answer(patient_id=patient.pk, scope="notes", granted=False, text_version=1, now=now)
    assert "Slept badly" not in client.get(path_of(patient)).content.decode()


def test_another_patients_rows_never_appear(
    api: Api, therapist: User, patient: Patient, other_patient: Patient, now: datetime
) -> None:
    everything(other_patient, therapist, now)
    assert api(therapist).get(path_of(patient)).json()["items"] == []


def test_a_page_costs_a_fixed_number_of_queries(
    api: Api,
    therapist: User,
    patient: Patient,
    now: datetime,
    django_assert_max_num_queries: Any,
    django_assert_num_queries: Any,
) -> None:
    client = api(therapist)
    everything(patient, therapist, now)
    client.get(path_of(patient))
    with django_assert_max_num_queries(36) as counted:
        client.get(path_of(patient))
    for _ in range(5):
        make_fact(patient, kind=FactType.SYMPTOM, day=TODAY, now=now, data=SYMPTOM)
        make_alert(patient, now=now)
    with django_assert_num_queries(len(counted)):
        client.get(path_of(patient))
