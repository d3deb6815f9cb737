"""GET /me/plan and /me/plan/phases."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.urls import include, path
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Patient, User
from backend.accounts.revisions import revision
from exercises.plans.models import PauseReason, RecoveryPlan
from exercises.plans.presenters import intake_view
from exercises.plans.selectors import intake_of
from exercises.plans.services import IntakeOutcome, change_phase, hold, pause
from tests.client import ApiClient
from tests.exercises.plans.conftest import ANSWERS

Api = Callable[[User | Patient | None], ApiClient]
SetClock = Callable[[datetime], None]
DAY = timedelta(days=1)

urlpatterns = [path("api/v1/", include("exercises.plans.urls"))]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def _clock(set_clock: SetClock, now: datetime) -> None:
    set_clock(now)


def test_the_plan_is_shown_with_doses_stop_rules_and_days(
    api: Api, patient: Patient, plan: RecoveryPlan
) -> None:
    answer = api(patient).get("me/plan")

    shown = answer.json()
    walk = next(item for item in shown["prescriptions"] if item["exercise"] == "EX-20")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert shown | {"prescriptions": []} == {
        "id": str(plan.id),
        "version": 1,
        "state": "active",
        "pause_reasons": [],
        "phase": "initial",
        "phase_since": "2026-05-04",
        "day": 0,
        "start_date": "2026-05-04",
        "held": False,
        "extended": False,
        "prescriptions": [],
    }
    assert walk["name"] == "Walking"
    assert walk["dose"]["minutes"] == {"min": 5, "max": 10}
    assert None not in walk["dose"].values()
    assert walk["slots"] == ["morning", "evening"]
    assert walk["weekdays"] == [0, 1, 2, 3, 4, 5, 6]
    assert "ends_on" not in walk
    assert "pain_over_limit" in [rule["code"] for rule in walk["stop_rules"]]


def test_without_a_plan_the_answer_says_what_to_do(api: Api, patient: Patient) -> None:
    for address in ("me/plan", "me/plan/phases"):
        answer = api(patient).get(address)

        assert answer.status_code == 404
        assert answer.json()["code"] == "no_plan"
        assert "intake" in answer.json()["detail"]


def test_nobody_sees_the_plan_of_another(
    api: Api, plan: RecoveryPlan, other_patient: Patient, therapist: User
) -> None:
    for address in ("me/plan", "me/plan/phases"):
        assert api(None).get(address).status_code == 401
        assert api(therapist).get(address).status_code == 403
        assert api(other_patient).get(address).status_code == 404


def test_an_unchanged_plan_is_not_sent_again_until_the_day_or_the_plan_changes(
    api: Api, patient: Patient, plan: RecoveryPlan, set_clock: SetClock, now: datetime
) -> None:
    client = api(patient)
    tag = client.get("me/plan")["ETag"]

    assert client.get("me/plan", If_None_Match=tag).status_code == 304
    set_clock(now + DAY)
    assert client.get("me/plan", If_None_Match=tag).status_code == 200
    set_clock(now)
    with revision(patient.id) as rev:
        pause(plan=plan, reason=PauseReason.THERAPIST, rev=rev, now=now)
    assert client.get("me/plan", If_None_Match=tag).status_code == 200


@pytest.mark.parametrize("reason", list(PauseReason))
def test_a_paused_plan_shows_no_exercise(
    api: Api, patient: Patient, plan: RecoveryPlan, now: datetime, reason: PauseReason
) -> None:
    with revision(patient.id) as rev:
        pause(plan=plan, reason=reason, rev=rev, now=now)

    shown = api(patient).get("me/plan").json()

    assert shown["state"] == "paused"
    assert shown["pause_reasons"] == [reason]
    assert shown["prescriptions"] == []


def test_a_held_and_extended_plan_says_so(
    api: Api,
    patient: Patient,
    plan: RecoveryPlan,
    therapist: User,
    set_clock: SetClock,
    now: datetime,
) -> None:
    with revision(patient.id) as rev:
        hold(plan=plan, by=therapist, reason="Review first", rev=rev, now=now)
    client = api(patient)
    set_clock(now + 14 * DAY)

    shown = client.get("me/plan").json()

    assert (shown["held"], shown["held_reason"]) == (True, "Review first")
    assert shown["day"] == 14
    assert shown["extended"]
    assert "on purpose" in shown["extended_text"]


def test_the_phases_show_where_the_plan_is_and_how_it_came_there(
    api: Api, patient: Patient, plan: RecoveryPlan, now: datetime
) -> None:
    with revision(patient.id) as rev:
        change_phase(
            plan=plan, phase="rehab", cause="gate", on_date=(now + 14 * DAY).date(), by=None,
            reason="", rev=rev, now=now + 14 * DAY,
        )  # fmt: skip

    shown = api(patient).get("me/plan/phases").json()

    assert [(item["id"], item["status"], item.get("since")) for item in shown["phases"]] == [
        ("initial", "past", "2026-05-04"),
        ("rehab", "current", "2026-05-18"),
        ("long_term", "upcoming", None),
    ]
    assert [item["first_day"] for item in shown["phases"]] == [0, 14, 42]
    assert "end_day" not in shown["phases"][2]
    assert [(item["phase"], item["cause"]) for item in shown["changes"]] == [
        ("initial", "start"),
        ("rehab", "gate"),
    ]


def test_the_number_of_queries_does_not_grow_with_the_plan(
    api: Api,
    patient: Patient,
    plan: RecoveryPlan,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = api(patient)
    for address in ("me/plan", "me/plan/phases"):
        with django_assert_max_num_queries(8):
            assert client.get(address).status_code == 200


def test_the_intake_is_shown_with_its_questions_and_what_is_missing(
    patient: Patient, answer: Callable[..., IntakeOutcome]
) -> None:
    empty = intake_view(None, None)
    assert (empty.status, empty.answers) == ("not_started", {})
    assert empty.missing == list(ANSWERS)

    begun = answer(patient, {"age": 52}).intake
    assert intake_view(begun, None).status == "in_progress"
    assert intake_view(begun, None).missing == [name for name in ANSWERS if name != "age"]

    outcome = answer(patient, ANSWERS)
    complete = intake_view(intake_of(patient.id), outcome.plan)
    assert (complete.status, complete.missing) == ("complete", [])
    assert outcome.plan
    assert complete.plan_id == outcome.plan.id
    flags = next(item for item in complete.questions if item.id == "red_flags")
    assert flags.options
    assert flags.section_title == "Warning signs"
