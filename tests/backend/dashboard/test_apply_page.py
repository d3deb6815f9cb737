"""A therapist applies a template to a plan: on the page and over the API by one service."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from backend.accounts.models import Clinic, Patient, User
from exercises.plans.models import ClinicTemplate, PlanOrder, PrescriptionOrder, RecoveryPlan
from exercises.plans.prescribable import Wanted
from exercises.plans.services import templates
from exercises.plans.services.writings import Author
from exercises.triage.levels import Level
from tests.backend.dashboard.records import make_alert
from tests.client import ApiClient
from tests.exercises.triage.desk import HIP, STRETCH

Browse = Callable[[User | Patient], Client]
Api = Callable[[User | Patient | None], ApiClient]
ANSWERS = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}
GENTLE = (
    Wanted(exercise=STRETCH, amounts={"reps": {"min": 4, "max": 5}}),
    Wanted(exercise=HIP, amounts={}),
)


@pytest.fixture
def plan(api: Api, patient: Patient, therapist: User) -> RecoveryPlan:
    assert api(patient).put("me/intake", {"answers": ANSWERS}).status_code == 200
    return RecoveryPlan.objects.get(patient=patient)


@pytest.fixture
def template(therapist: User, clinic: Clinic, now: datetime) -> ClinicTemplate:
    content = templates.Content(name="Gentle", description="", phases={"initial": GENTLE})
    author = Author(user=therapist, now=now)
    return templates.make_template(clinic=clinic, content=content, author=author)


def page_of(patient: Patient) -> str:
    return f"/dashboard/patients/{patient.pk}/plan/apply/"


def sent(plan: RecoveryPlan, template: str, **more: str) -> dict[str, str]:
    about = {"version": str(plan.version), "seen": "2026-05-04T08:00:00+00:00", "step": "do"}
    return about | {"template": template, "look": template, "reason": "Gentler"} | more


def standing(plan: RecoveryPlan) -> set[str]:
    return {row.exercise for row in plan.prescriptions.filter(ends_on=None)}


def test_a_template_is_looked_at_and_applied_once(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan, template: ClinicTemplate
) -> None:
    client, before = browse(therapist), standing(plan)
    assert b"Gentle" in client.get(page_of(patient)).content
    look = client.post(page_of(patient), {"template": str(template.pk), "step": "look"})
    text = look.content.decode()
    assert look.status_code == 200
    assert "No longer there: " in text
    assert "Apply it" in text
    assert standing(plan) == before
    for _ in range(2):
        assert client.post(page_of(patient), sent(plan, str(template.pk))).status_code == 302
    assert standing(plan) == {STRETCH, HIP}
    order = PlanOrder.objects.get(action="apply")
    assert (order.template, order.template_version) == (template.pk, template.version)
    changed = PrescriptionOrder.objects.filter(action="change")
    assert [one.exercise for one in changed] == [STRETCH]
    page = client.get(f"/dashboard/patients/{patient.pk}/plan/").content.decode()
    assert "Applied a template" in page


def test_the_catalogues_own_brings_back_what_was_ended(
    browse: Browse, api: Api, therapist: User, patient: Patient, plan: RecoveryPlan,
    template: ClinicTemplate,
) -> None:  # fmt: skip
    client, before = browse(therapist), standing(plan)
    client.post(page_of(patient), sent(plan, str(template.pk)))
    plan.refresh_from_db()
    assert client.post(page_of(patient), sent(plan, "catalogue")).status_code == 302
    assert standing(plan) == before


def test_the_api_does_the_same(
    api: Api, therapist: User, patient: Patient, plan: RecoveryPlan, template: ClinicTemplate
) -> None:
    doctor, base = api(therapist), f"patients/{patient.pk}/plan"
    body: dict[str, Any] = {"template": str(template.pk)}
    look = doctor.post(f"{base}/apply/preview", body)
    assert (look.status_code, look.json()["left_out"]) == (200, [])
    assert look.json()["plan"]["removed"]
    tag = look["ETag"]
    order = body | {"reason": "Gentler"}
    first = doctor.post(f"{base}/apply", order, If_Match=tag)
    again = doctor.post(f"{base}/apply", order, If_Match=tag)
    assert (first.status_code, first.json()) == (200, again.json())
    assert doctor.post(f"{base}/apply", body | {"reason": "x"}, If_Match=tag).status_code == 412
    assert doctor.post(f"{base}/apply", order).status_code == 428
    unknown = doctor.post(f"{base}/apply", order | {"template": str(uuid4())}, If_Match=tag)
    assert unknown.json()["errors"][0]["pointer"] == "/template"
    assert standing(plan) == {STRETCH, HIP}


def test_what_stands_against_an_exercise_leaves_it_out_and_says_so(
    browse: Browse, api: Api, therapist: User, patient: Patient, plan: RecoveryPlan,
    template: ClinicTemplate,
) -> None:  # fmt: skip
    answers = ANSWERS | {"history": ["recent_spinal_procedure"]}
    assert api(patient).put("me/intake", {"answers": answers}).status_code == 200
    look = browse(therapist).post(page_of(patient), {"template": str(template.pk), "step": "look"})
    assert look.status_code in (200, 409)
    assert b"Left out for this patient" in look.content


def test_a_stale_form_says_what_changed_and_keeps_what_was_typed(
    browse: Browse, api: Api, therapist: User, patient: Patient, plan: RecoveryPlan,
    template: ClinicTemplate,
) -> None:  # fmt: skip
    doctor, base = api(therapist), f"patients/{patient.pk}/plan"
    doctor.post(f"{base}/hold", {"reason": "Wait"}, If_Match=doctor.get(base)["ETag"])
    client = browse(therapist)
    stale = client.post(page_of(patient), sent(plan, str(template.pk), reason="My own words"))
    text = stale.content.decode()
    assert stale.status_code == 409
    assert "The plan was changed while you were at it." in text
    assert 'value="My own words"' in text
    plan.refresh_from_db()
    assert client.post(page_of(patient), sent(plan, str(template.pk))).status_code == 302


def test_what_could_not_be_taken_is_said(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan,
    template: ClinicTemplate, now: datetime,
) -> None:  # fmt: skip
    client = browse(therapist)
    for given in ("", "nonsense", str(uuid4())):
        answer = client.post(page_of(patient), sent(plan, given))
        assert answer.status_code == 400
        assert b"Choose a template." in answer.content
    missing = client.post(page_of(patient), sent(plan, str(template.pk), reason=" "))
    assert b"Say why." in missing.content
    unseen = client.post(page_of(patient), sent(plan, str(template.pk), look=""))
    assert (unseen.status_code, PlanOrder.objects.count()) == (200, 0)
    make_alert(patient, now=now, level=Level.URGENT_SAME_DAY)
    paused = client.post(page_of(patient), sent(plan, str(template.pk)))
    assert paused.status_code == 409
    assert b"An emergency or urgent alert is open; resolve it first." in paused.content


def test_a_stranger_finds_nothing(
    browse: Browse, api: Api, stranger: User, patient: Patient, plan: RecoveryPlan
) -> None:
    assert browse(stranger).get(page_of(patient)).status_code == 404
    assert browse(stranger).post(page_of(patient), sent(plan, "catalogue")).status_code == 404
    assert api(stranger).post(f"patients/{patient.pk}/plan/apply", {}).status_code == 404
