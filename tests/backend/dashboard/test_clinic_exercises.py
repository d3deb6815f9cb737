"""A clinic's own exercises on the pages: written, and prescribed."""

from collections.abc import Callable
from datetime import datetime
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Clinic, Patient, Role, User
from backend.accounts.services import employ
from exercises.catalog import selectors as catalog
from exercises.plans.models import ClinicExercise, Prescription, RecoveryPlan
from tests.backend.dashboard.test_prescribing_page import ANSWERS, Api, Form
from tests.exercises.triage.desk import HIP, STRETCH
from tests.factories import make_clinic, make_therapist, make_user

Browse = Callable[[User | Patient], Client]
TYPED = {
    "exercise": STRETCH,
    "name": "On the stairs",
    "steps": "Stand on a stair.\r\n\r\n Lower a heel. ",
    "note": "Hold the rail.",
}


@pytest.fixture
def listed(clinic: Clinic) -> str:
    return reverse("dashboard:clinic_exercises", args=[clinic.pk])


@pytest.fixture
def plan(api: Api, patient: Patient, therapist: User) -> RecoveryPlan:
    assert api(patient).put("me/intake", {"answers": ANSWERS}).status_code == 200
    return RecoveryPlan.objects.get(patient=patient)


def made(client: Client, listed: str, **changes: str) -> ClinicExercise:
    answer = client.post(f"{listed}new/", TYPED | changes)
    assert (answer.status_code, answer["Location"]) == (302, listed)
    return ClinicExercise.objects.latest("id")


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_an_exercise_is_typed_kept_shown_and_edited(
    browse: Browse, therapist: User, listed: str
) -> None:
    client = browse(therapist)
    assert "No exercises of your own yet" in text_of(client, listed)
    own = made(client, listed)
    assert own.steps == ["Stand on a stair.", "Lower a heel."]
    text = text_of(client, listed)
    assert f"Based on {catalog.exercise(STRETCH).name}" in text
    assert "Lower a heel." in text
    page = f"{listed}{own.pk}/"
    assert "Stand on a stair.\nLower a heel." in text_of(client, page)
    typed = TYPED | {"name": "At home", "version": "1"}
    assert client.post(page, typed).status_code == 302
    assert client.post(page, typed | {"name": "Late"}).status_code == 409
    own.refresh_from_db()
    assert (own.name, own.version, own.exercise) == ("At home", 2, STRETCH)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"exercise": "EX-99"}, "not one of the available choices"),
        ({"name": "  "}, "This field is required"),
        ({"steps": " \n "}, "This field is required"),
        ({"steps": "x\n" * 13}, "At most 12 steps"),
        ({"steps": "x" * 301}, "At most 300 characters a step"),
        ({"note": "a\x07b"}, "plain text"),
    ],
)
def test_what_cannot_be_kept_is_said(
    browse: Browse, therapist: User, listed: str, changes: dict[str, str], said: str
) -> None:
    answer = browse(therapist).post(f"{listed}new/", TYPED | changes)
    assert (answer.status_code, said in unescape(answer.content.decode())) == (400, True)
    assert not ClinicExercise.objects.exists()


def test_a_name_is_used_once_and_a_retired_one_is_gone(
    browse: Browse, therapist: User, listed: str
) -> None:
    client = browse(therapist)
    own = made(client, listed)
    taken = client.post(f"{listed}new/", TYPED)
    assert (taken.status_code, b"has an exercise of that name" in taken.content) == (400, True)
    client.post(f"{listed}{own.pk}/retire/", {"version": "7"})
    assert "On the stairs" in text_of(client, listed)
    client.post(f"{listed}{own.pk}/retire/", {"version": "1"})
    assert "No exercises of your own yet" in text_of(client, listed)
    assert client.get(f"{listed}{own.pk}/").status_code == 404


def test_only_the_clinics_therapists_open_it(
    browse: Browse, therapist: User, patient: Patient, clinic: Clinic, listed: str, now: datetime
) -> None:
    own = made(browse(therapist), listed)
    manager = make_user(now=now)
    employ(user=manager, clinic=clinic, role=Role.MANAGER, now=now)
    elsewhere = make_therapist(now=now, clinic=make_clinic(now=now, name="Hill"))
    for person in (manager, elsewhere):
        for path in (listed, f"{listed}new/", f"{listed}{own.pk}/"):
            assert browse(person).get(path).status_code in (403, 404)
    assert browse(patient).get(listed).status_code == 403
    hill = make_clinic(now=now, name="Vale")
    employ(user=therapist, clinic=hill, role=Role.THERAPIST, now=now)
    there = reverse("dashboard:clinic_exercise", args=[hill.pk, own.pk])
    assert browse(therapist).get(there).status_code == 404


def test_it_is_chosen_in_the_form_of_an_exercise_and_taken_back(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan, listed: str
) -> None:
    client = browse(therapist)
    own = made(client, listed)
    base = catalog.exercise(STRETCH).name
    row = Prescription.objects.get(plan=plan, exercise=STRETCH)
    form = Form(client, reverse("dashboard:prescription", args=[patient.pk, row.pk]))
    assert f"On the stairs (based on {base})" in unescape(form.text)
    form.order(exercise=f"{STRETCH}:{own.pk}", reason="Her wish")
    made_of_it = Prescription.objects.get(variation=own.pk)
    shown = text_of(client, reverse("dashboard:plan", args=[patient.pk]))
    assert f"On the stairs (based on {base})" in shown
    assert "Stand on a stair. Lower a heel. Hold the rail." in shown
    # A change of dose leaves it, even once it is offered no longer.
    client.post(f"{listed}{own.pk}/retire/", {"version": "1"})
    path = reverse("dashboard:prescription", args=[patient.pk, made_of_it.pk])
    form = Form(client, path)
    assert form.fields()["exercise"] == f"{STRETCH}:{own.pk}"
    form.order(reps_min="2", reps_max="3", reason="Less")
    row = Prescription.objects.get(variation=own.pk, ends_on=None)
    form = Form(client, reverse("dashboard:prescription", args=[patient.pk, row.pk]))
    form.order(exercise=STRETCH, reason="Back to the usual")
    assert Prescription.objects.get(plan=plan, exercise=STRETCH, ends_on=None).variation is None


def test_another_exercise_takes_nothing_of_it_along_and_a_made_up_one_is_refused(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan, listed: str
) -> None:
    client = browse(therapist)
    own = made(client, listed)
    row = Prescription.objects.get(plan=plan, exercise=STRETCH)
    path = reverse("dashboard:prescription", args=[patient.pk, row.pk])
    form = Form(client, path)
    assert form.send("look", exercise=f"{STRETCH}:0190a000-0000-7000-8000-000000000000") == 409
    assert form.send("look", exercise=f"{STRETCH}:what") == 400
    assert form.send("look", exercise=f"{HIP}:{own.pk}") == 409
