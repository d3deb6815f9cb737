"""A therapist works on a plan: looks at an order first, then gives it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import AuditEvent, Patient, User
from exercises.plans.models import PlanOrder, RecoveryPlan
from exercises.triage.levels import Level
from tests.backend.dashboard.records import make_alert
from tests.client import ApiClient

Browse = Callable[[User | Patient], Client]
Api = Callable[[User | Patient | None], ApiClient]
ANSWERS = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}
SCRIPT = "<script>alert('x')</script>"


@pytest.fixture
def plan(api: Api, patient: Patient, therapist: User) -> RecoveryPlan:
    """The plan that the intake opened; the patient shares her diary."""
    assert api(patient).put("me/intake", {"answers": ANSWERS}).status_code == 200
    return RecoveryPlan.objects.get(patient=patient)


def page_of(patient: Patient, below: str = "") -> str:
    return f"/dashboard/patients/{patient.pk}/plan/{below}"


def sent(plan: RecoveryPlan, action: str, **more: str) -> dict[str, str]:
    about = {"action": action, "version": str(plan.version), "begun": "yes", "step": "do"}
    return about | {"seen": "2026-05-04T08:00:00+00:00", "reason": "Seen in clinic"} | more


def test_the_plan_says_where_it_stands_and_what_may_be_ordered(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan
) -> None:
    answer = browse(therapist).get(page_of(patient))
    text = answer.content.decode()
    assert answer.status_code == 200
    for words in ("Initial · day 0", "Move on to Rehabilitation", "Hold in this phase", "Gate to"):
        assert words in text
    assert "Not now: The plan is in its first phase." in text
    assert "Release the hold" not in text
    assert AuditEvent.objects.filter(action="plan.read", actor_id=therapist.pk).exists()


def test_an_order_is_looked_at_before_it_is_given_and_looking_changes_nothing(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan
) -> None:
    client = browse(therapist)
    look = client.post(page_of(patient, "order/"), {"action": "pause"})
    text = look.content.decode()
    assert look.status_code == 200
    assert "The next 14 days, if you order it" in text
    assert "4 May</span>" in text
    assert ">paused<" in text
    assert 'role="alert"' not in text
    assert not PlanOrder.objects.exists()


@pytest.mark.parametrize(
    ("action", "shown"),
    [("hold", "Held in this phase until 1 Jun 2026: Seen in clinic"), ("pause", "Paused")],
)
def test_an_order_is_carried_out_once_however_often_it_is_clicked(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan, action: str, shown: str
) -> None:
    client = browse(therapist)
    for _ in range(2):
        answer = client.post(page_of(patient, "order/"), sent(plan, action, until="2026-06-01"))
        assert (answer.status_code, answer["Location"]) == (302, page_of(patient))
    assert PlanOrder.objects.filter(action=action).count() == 1
    text = client.get(page_of(patient)).content.decode()
    assert shown in text
    assert "Seen in clinic" in text
    assert "by Theo Therapist" in text


def test_every_order_finds_its_way_back(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan
) -> None:
    client = browse(therapist)
    for action in (
        "advance",
        "step_back",
        "release_hold",
        "hold",
        "release_hold",
        "pause",
        "resume",
    ):
        plan.refresh_from_db()
        look = client.post(page_of(patient, "order/"), {"action": action})
        assert look.status_code == 200
        answer = client.post(page_of(patient, "order/"), sent(plan, action, reason=f"{action} now"))
        assert answer.status_code == 302, answer.content
    assert PlanOrder.objects.count() == 7
    plan.refresh_from_db()
    assert (plan.phase, plan.held_at) == ("initial", None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"reason": "  "}, "Say why."),
        ({"reason": "x" * 501}, "At most 500 characters; this has 501."),
        ({"reason": "a\x07b"}, "Use plain text without control characters."),
        ({"until": "2026-05-04"}, "A date after today."),
        ({"until": "2028-05-04"}, "At most a year from today."),
        ({"until": "someday"}, "Write a date."),
        ({"until": "2026-02-31"}, "Write a date."),
    ],
)
def test_what_could_not_be_taken_is_said_and_what_was_typed_is_kept(
    browse: Browse,
    therapist: User,
    patient: Patient,
    plan: RecoveryPlan,
    more: dict[str, str],
    said: str,
) -> None:
    kept = {"reason": "She asked for it", "until": "2026-05-20"} | more
    answer = browse(therapist).post(page_of(patient, "order/"), sent(plan, "hold", **kept))
    text = answer.content.decode()
    assert answer.status_code == 400
    assert said in text
    assert f'value="{kept["until"]}"' in text
    assert f'value="{kept["reason"]}"' in text
    assert not PlanOrder.objects.exists()


def test_a_stale_form_says_what_changed_and_keeps_what_was_typed(
    browse: Browse,
    api: Api,
    therapist: User,
    patient: Patient,
    plan: RecoveryPlan,
) -> None:
    client, doctor = browse(therapist), api(therapist)
    tag = doctor.get(f"patients/{patient.pk}/plan")["ETag"]
    body = {"reason": f"A colleague was first {SCRIPT}", "until": "2026-05-12"}
    assert doctor.post(f"patients/{patient.pk}/plan/hold", body, If_Match=tag).status_code == 200
    stale = client.post(page_of(patient, "order/"), sent(plan, "advance", reason="My own words"))
    text = stale.content.decode()
    assert stale.status_code == 409
    assert "The plan was changed while you were at it." in text
    assert "Hold in this phase until 12 May 2026 by Theo Therapist" in text
    assert SCRIPT not in text
    assert 'value="My own words"' in text
    plan.refresh_from_db()
    assert (plan.phase, plan.version) == ("initial", 2)
    assert f'name="version" value="{plan.version}"' in text
    assert client.post(page_of(patient, "order/"), sent(plan, "advance")).status_code == 302
    plan.refresh_from_db()
    assert plan.phase == "rehab"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "\N{SUPERSCRIPT TWO}"])
def test_a_version_that_never_was_is_stale(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan, version: str
) -> None:
    more = {"version": version, "seen": "2026-99-99T"}
    answer = browse(therapist).post(page_of(patient, "order/"), sent(plan, "pause", **more))
    assert answer.status_code == 409


def test_what_the_plan_is_in_no_state_for_is_said_in_words(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan, now: datetime
) -> None:
    client = browse(therapist)
    look = client.post(page_of(patient, "order/"), {"action": "step_back"})
    assert b"The plan is in its first phase." in look.content
    given = client.post(page_of(patient, "order/"), sent(plan, "resume"))
    assert given.status_code == 409
    assert b"The plan is not paused." in given.content
    assert client.post(page_of(patient, "order/"), sent(plan, "dance")).status_code == 404


def test_a_stranger_finds_nothing_and_a_look_is_no_order(
    browse: Browse, therapist: User, stranger: User, patient: Patient, plan: RecoveryPlan
) -> None:
    assert browse(stranger).get(page_of(patient)).status_code == 404
    assert browse(stranger).post(page_of(patient, "order/"), sent(plan, "pause")).status_code == 404
    assert browse(therapist).get(page_of(patient, "order/")).status_code == 405
    assert not PlanOrder.objects.exists()


def test_without_a_plan_the_page_says_when_it_begins(
    browse: Browse, api: Api, therapist: User, patient: Patient
) -> None:
    client = browse(therapist)
    assert b"It begins when the intake is answered" in client.get(page_of(patient)).content
    assert client.post(page_of(patient, "order/"), {"action": "pause"}).status_code == 404


def test_of_an_unshared_diary_the_plan_is_hidden(
    browse: Browse, api: Api, therapist: User, patient: Patient, plan: RecoveryPlan
) -> None:
    withdrawn = {"scope": "diary", "granted": False, "version": 1}
    assert api(patient).post("me/consents", withdrawn).status_code == 200
    client = browse(therapist)
    for answer in (
        client.get(page_of(patient)),
        client.post(page_of(patient, "order/"), sent(plan, "pause")),
    ):
        assert answer.status_code == 403
        assert b"does not share the diary at present" in answer.content
    assert not PlanOrder.objects.exists()


def test_the_page_costs_the_same_whatever_was_ordered(
    browse: Browse,
    therapist: User,
    patient: Patient,
    plan: RecoveryPlan,
    now: datetime,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client = browse(therapist)
    client.post(page_of(patient, "order/"), sent(plan, "hold"))
    client.get(page_of(patient))
    with django_assert_max_num_queries(35) as counted:
        client.get(page_of(patient))
    cost = len(counted)
    for number in range(3):
        plan.refresh_from_db()
        client.post(page_of(patient, "order/"), sent(plan, "hold", reason=f"hold {number}"))
        make_alert(patient, now=now, level=Level.ROUTINE)
    client.get(page_of(patient))
    with django_assert_num_queries(cost):
        client.get(page_of(patient))
