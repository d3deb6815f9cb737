"""A patient's overview, timeline and accesses over HTTP."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from backend.accounts import audit, consents
from backend.accounts.models import AuditEvent, Patient, User
from exercises.plans.models import PlanOrder
from exercises.sync.services.intake import answer_intake
from exercises.tracking.models import FactType, Quarantined
from exercises.triage.models import Visit
from tests.backend.dashboard.records import (
    heard,
    make_alert,
    make_fact,
    make_pain_days,
    make_plan,
    make_prescription,
    make_session,
)

Browse = Callable[[User | Patient], Client]
TODAY = date(2026, 5, 4)
DAY = timedelta(days=1)
SCRIPT = "<script>alert('x')</script>"
PAGES = ("", "timeline/", "access/")


def page_of(patient: Patient, page: str = "") -> str:
    return f"/dashboard/patients/{patient.pk}/{page}"


def symptoms(patient: Patient, *, back: int, now: datetime, **data: Any) -> None:
    said = {"symptoms": [], "answered_no": [], **data}
    make_fact(
        patient, kind=FactType.SYMPTOM, day=TODAY - back * DAY, now=now - back * DAY, data=said
    )


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_a_patient_is_audited_and_closed_to_strangers(
    browse: Browse, therapist: User, stranger: User, patient: Patient, now: datetime, page: str
) -> None:
    before = AuditEvent.objects.filter(patient_id=patient.pk).count()
    assert browse(therapist).get(page_of(patient, page)).status_code == 200
    assert AuditEvent.objects.filter(patient_id=patient.pk).count() == before + 1
    assert browse(stranger).get(page_of(patient, page)).status_code == 404
    assert browse(patient).get(page_of(patient, page)).status_code == 403
    assert Client().get(page_of(patient, page)).status_code == 302
    assert browse(therapist).post(page_of(patient, page)).status_code == 405


def test_the_overview_tells_the_whole_story(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    answers = {"age": 44, "pregnant": "no", "first_episode": False, "history": []}
    more = {"body_map": ["thigh", "knee"], "spinal_signs": ["C-SGN-01"], "red_flags": []}
    answer_intake(patient=patient, answers={**answers, **more}, now=now - 3 * DAY)
    make_pain_days(patient, last=TODAY, knee=[6, 5, 4])
    there = {"code": "S-BUCKLE", "present": True, "attrs": {"laterality": "left"}}
    symptoms(patient, back=1, now=now, symptoms=[there], answered_no=["S-SADDLE"], note="It hurts")
    form = {"instrument": "GROC", "version": "1", "answers": {"change": -3}}
    make_fact(patient, kind=FactType.QUESTIONNAIRE, day=TODAY, now=now, data=form)
    Quarantined.objects.create(
        patient=patient,
        fact_id=uuid4(),
        type="session",
        raw='{"items": 3}',
        digest="1",
        problem={"code": "invalid", "detail": "/items: Expected an array."},
        received_at=now,
        rev=1,
    )
    Visit.objects.create(
        patient=patient,
        id=uuid4(),
        state="attended",
        attended_on=TODAY,
        tz="Europe/Berlin",
        with_whom="Dr Weber",
        outcome="tests",
        rev=1,
        created_at=now,
        updated_at=now,
    )
    heard(patient, at=now)
    text = browse(therapist).get(page_of(patient)).content.decode()
    for told in (
        "Has your knee given way under you?",
        "since 3 May 2026",
        "Answered no (1)",
        "Pattern of the L3 root",
        "They are no diagnosis",
        "Signs of a spinal origin: 1 of 7",
        "Way into Rehabilitation",
        "Not met · Day 3",
        "Global Rating of Change",
        "meaningful change",
        "Dr Weber",
        "tests ordered",
        "/items: Expected an array.",
        "Notes left by the patient",
        "It hurts",
        "None due",
        "In part",
    ):
        assert told in text, told


def test_a_span_is_chosen_in_the_address_and_a_strange_one_is_the_usual_one(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    make_plan(patient, start=TODAY - 200 * DAY, now=now)
    make_pain_days(patient, last=TODAY - 100 * DAY, knee=[5] * 20)
    client = browse(therapist)
    assert b"No pain was logged in this time" in client.get(page_of(patient)).content
    year = client.get(page_of(patient), {"weeks": "52"})
    assert "Mean pain of seven days each" in year.content.decode()
    assert client.get(page_of(patient), {"weeks": "-1"}).context["parts"].weeks == 6


def test_a_year_of_data_stays_light(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    plan = make_plan(patient, start=TODAY - 364 * DAY, now=now)
    rows = [make_prescription(plan, exercise=f"EX-0{n}") for n in range(1, 9)]
    make_pain_days(patient, last=TODAY, knee=[n % 9 for n in range(364)])
    for back in range(30):
        make_session(patient, day=TODAY - back * DAY, now=now - back * DAY, prescription=rows[0].pk)
    heard(patient, at=now)
    client = browse(therapist)
    assert len(client.get(page_of(patient), {"weeks": "52"}).content) < 120_000
    assert len(client.get(page_of(patient)).content) < 120_000


def test_the_overview_costs_the_same_queries_for_a_year_as_for_a_week(
    browse: Browse,
    therapist: User,
    patient: Patient,
    now: datetime,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    answer_intake(
        patient=patient,
        answers={"age": 44, "pregnant": "no", "first_episode": False, "history": []},
        now=now - 5 * DAY,
    )
    client = browse(therapist)
    symptoms(patient, back=0, now=now, answered_no=["S-SADDLE"])
    make_alert(patient, now=now)
    make_pain_days(patient, last=TODAY, knee=[5])
    client.get(page_of(patient))
    with django_assert_max_num_queries(50) as counted:
        client.get(page_of(patient))
    for back in range(1, 40):
        symptoms(patient, back=back, now=now, answered_no=["S-SADDLE"])
        make_alert(patient, now=now - back * DAY)
    make_pain_days(patient, last=TODAY - DAY, knee=[5] * 300)
    with django_assert_num_queries(len(counted)):
        client.get(page_of(patient), {"weeks": "52"})


def test_the_timeline_is_read_page_by_page_and_narrowed_in_the_address(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    plan = make_plan(patient, start=TODAY - 9 * DAY, now=now - 9 * DAY)
    PlanOrder.objects.create(
        plan=plan,
        action="hold",
        reason="Exams first",
        by=therapist,
        at=now,
        base_version=1,
        version=2,
    )
    for back in range(60):
        symptoms(patient, back=back, now=now, answered_no=["S-SADDLE"])
    client = browse(therapist)
    first = client.get(page_of(patient, "timeline/"))
    assert "Phase held" in first.content.decode()
    older = first.context["older"]
    second = client.get(page_of(patient, "timeline/") + older)
    assert second.context["older"] == ""
    seen = [
        entry.at.iso
        for page in (first, second)
        for day in page.context["days"]
        for entry in day.entries
    ]
    assert len(seen) == 62
    assert seen == sorted(seen, reverse=True)
    plan_alone = client.get(page_of(patient, "timeline/"), {"kind": "plan"}).content.decode()
    assert "Exams first" in plan_alone
    assert "Theo Therapist" in plan_alone
    assert "No to 1 question" not in plan_alone


def test_an_address_that_makes_no_sense_shows_what_there_is_and_says_so(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    symptoms(patient, back=0, now=now, answered_no=["S-SADDLE"])
    client = browse(therapist)
    for page in ("timeline/?cursor=cut-off", "timeline/?kind=weather", "timeline/?first=soon"):
        answer = client.get(page_of(patient, page))
        assert answer.status_code == 200
        assert b"No to 1 question" in answer.content
    backwards = client.get(page_of(patient, "timeline/?first=2026-05-04&last=2026-05-01"))
    assert b"This day is before the first one." in backwards.content
    assert client.get(page_of(patient, "access/?cursor=cut-off")).status_code == 200


@pytest.mark.parametrize("page", ["", "timeline/"])
def test_who_shares_no_diary_shows_none_on_any_page(
    browse: Browse, therapist: User, patient: Patient, now: datetime, page: str
) -> None:
    symptoms(patient, back=0, now=now, answered_no=["S-SADDLE"], note="Mine alone")
    consents.answer(patient_id=patient.pk, scope="notes", granted=False, text_version=1, now=now)
    client = browse(therapist)
    assert "Mine alone" not in client.get(page_of(patient, page)).content.decode()
    consents.answer(patient_id=patient.pk, scope="diary", granted=False, text_version=1, now=now)
    text = client.get(page_of(patient, page)).content.decode()
    assert "Diary not shared" in text
    assert "question" not in text


def test_who_looked_is_listed_with_role_and_thing(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    for _ in range(70):
        audit.record(actor_id=therapist.pk, action="series.read", patient_id=patient.pk, now=now)
    audit.record(actor_id=patient.pk, action="consent.granted", patient_id=patient.pk, now=now)
    client = browse(therapist)
    first = client.get(page_of(patient, "access/"))
    text = first.content.decode()
    assert "Theo Therapist" in text
    assert "The figures over time · read · 60 times" in text
    assert "consent" not in text.lower()
    second = client.get(page_of(patient, "access/") + first.context["older"]).content.decode()
    assert "10 times" in second


def test_nothing_that_a_patient_wrote_becomes_markup(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    patient.user.name = SCRIPT
    patient.user.save()
    answer_intake(
        patient=patient,
        answers={"age": 44, "pregnant": "no", "first_episode": False, "history": []},
        now=now - 5 * DAY,
    )
    odd = {"code": SCRIPT, "present": True, "attrs": {"laterality": SCRIPT, SCRIPT: SCRIPT}}
    symptoms(patient, back=0, now=now, symptoms=[odd], note=SCRIPT)
    activities = [{"text": SCRIPT, "score": 3}]
    make_fact(
        patient,
        kind=FactType.QUESTIONNAIRE,
        day=TODAY,
        now=now,
        data={"instrument": "PSFS", "version": "1", "answers": {"activities": activities}},
    )
    Quarantined.objects.create(
        patient=patient,
        fact_id=uuid4(),
        type=SCRIPT,
        raw=SCRIPT,
        digest="1",
        problem={"code": SCRIPT, "detail": SCRIPT},
        received_at=now,
        rev=1,
    )
    Visit.objects.create(
        patient=patient,
        id=uuid4(),
        state="cancelled",
        reason=SCRIPT,
        with_whom=SCRIPT,
        tz="Europe/Berlin",
        rev=1,
        created_at=now,
        updated_at=now,
    )
    client = browse(therapist)
    for page in PAGES:
        text = client.get(page_of(patient, page)).content.decode()
        assert SCRIPT not in text
        assert "&lt;script&gt;" in text
        assert " style=" not in text
