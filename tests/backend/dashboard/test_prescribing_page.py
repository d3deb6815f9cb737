"""A therapist adds, changes, exchanges and ends exercises on the pages."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import Patient, User
from exercises.plans.models import Prescription, PrescriptionOrder, RecoveryPlan
from tests.client import ApiClient
from tests.exercises.triage.desk import BRIDGE, HIP, STRETCH, TWICE, Desk

Browse = Callable[[User | Patient], Client]
Api = Callable[[User | Patient | None], ApiClient]
ANSWERS = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}
_INPUT = re.compile(r"<input\b[^>]*>", re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


@pytest.fixture
def plan(api: Api, patient: Patient, therapist: User) -> RecoveryPlan:
    assert api(patient).put("me/intake", {"answers": ANSWERS}).status_code == 200
    return RecoveryPlan.objects.get(patient=patient)


class Form:
    """A form as a browser would send it: read from the page, changed, sent again."""

    def __init__(self, client: Client, path: str) -> None:
        self.client, self.path = client, path
        self.answer: Any = client.get(path)
        assert self.answer.status_code == 200

    @property
    def text(self) -> str:
        return str(self.answer.content.decode())

    def fields(self, which: str = "change") -> dict[str, Any]:
        start = self.text.index(f'<h2 id="{which}">')
        part = self.text[start : self.text.index("</form>", start)]
        found: dict[str, Any] = {}
        for tag in _INPUT.findall(part):
            given = dict(_ATTRIBUTE.findall(tag))
            if given.get("type") == "checkbox":
                if "checked" in tag:
                    found.setdefault(given["name"], []).append(given["value"])
            elif "name" in given:
                found[given["name"]] = given.get("value", "")
        if chosen := re.search(r'<option value="([^"]*)"\s+selected', part):
            found["exercise"] = chosen[1]
        return found

    def send(self, step: str, *, which: str = "change", **typed: Any) -> int:
        self.answer = self.client.post(self.path, self.fields(which) | typed | {"step": step})
        return int(self.answer.status_code)

    def order(self, *, which: str = "change", **typed: Any) -> int:
        assert self.send("look", which=which, **typed) == 200, self.text
        return self.send("do", which=which, **typed | {"reason": typed.get("reason", "Seen")})


def add(client: Client, patient: Patient) -> Form:
    return Form(client, f"/dashboard/patients/{patient.pk}/plan/prescriptions/add/")


def change(client: Client, plan: RecoveryPlan, exercise: str) -> Form:
    row = plan.prescriptions.filter(exercise=exercise, ends_on=None).get()
    return Form(client, f"/dashboard/patients/{plan.patient_id}/plan/prescriptions/{row.pk}/")


def orders() -> list[tuple[str, str]]:
    rows = PrescriptionOrder.objects.order_by("id")
    return [(order.action, order.exercise) for order in rows]


def test_a_changed_dose_is_looked_at_and_ordered(
    browse: Browse, therapist: User, plan: RecoveryPlan
) -> None:
    form = change(browse(therapist), plan, STRETCH)
    assert form.send("look", reps_min="3", reps_max="4", note="slowly") == 200
    assert "The next 14 days, if you order it" in form.text
    assert not orders()
    assert form.send("do", reason="Too easy") == 302
    row = Prescription.objects.get(exercise=STRETCH, ends_on=None)
    assert (row.dose["reps"], row.dose["note"]) == ({"min": 3, "max": 4}, "slowly")
    assert orders() == [("change", STRETCH)]


def test_what_was_not_looked_at_is_shown_before_it_is_ordered(
    browse: Browse, therapist: User, plan: RecoveryPlan
) -> None:
    form = change(browse(therapist), plan, STRETCH)
    assert form.send("look", reps_min="3", reps_max="4") == 200
    assert form.send("do", reps_min="5", reps_max="5", reason="Too easy") == 200
    assert "This is not what you looked at." in form.text
    assert not orders()
    assert form.send("do") == 302
    assert Prescription.objects.get(exercise=STRETCH, ends_on=None).dose["reps"]["min"] == 5


def test_an_exchanged_exercise_comes_with_its_own_dose(
    browse: Browse, therapist: User, plan: RecoveryPlan
) -> None:
    form = change(browse(therapist), plan, STRETCH)
    plan.prescriptions.filter(exercise=HIP).delete()
    assert form.order(exercise=HIP) == 302
    assert orders() == [("swap", HIP)]
    made = plan.prescriptions.get(exercise=HIP, ends_on=None)
    old = plan.prescriptions.get(exercise=STRETCH)
    assert old.ends_on is not None
    assert made.dose != old.dose


def test_an_exercise_is_added_and_another_ended(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan
) -> None:
    plan.prescriptions.filter(exercise=HIP).delete()
    client = browse(therapist)
    assert add(client, patient).order(exercise=HIP, weekdays=["0", "3"], slots=["evening"]) == 302
    made = plan.prescriptions.get(exercise=HIP)
    assert (made.slots, made.weekdays, made.by) == (["evening"], 0b1001, therapist)
    form = change(client, plan, HIP)
    assert form.send("look", which="end") == 200
    assert "No longer there: " in form.text
    assert form.send("do", which="end", reason="It hurts") == 302
    assert orders() == [("add", HIP), ("retire", HIP)]


def test_what_stands_against_it_is_said_and_gone_past_with_a_reason(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan
) -> None:
    form = add(browse(therapist), patient)
    assert form.send("look", exercise=BRIDGE, sets_min="1", sets_max="1") == 409
    assert "The catalogue does not offer this exercise in the plan&#x27;s phase." in form.text
    why = {"override:other_phase": "She did it before"}
    typed = {"sets_min": "1", "sets_max": "1", "reps_min": "3", "reps_max": "5"}
    assert form.send("look", **why, **typed) == 200
    assert form.send("do", reason="Ready for it") == 302
    assert PrescriptionOrder.objects.get().overrides == {"other_phase": "She did it before"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reason": ""}, "Say why."),
        ({"reason": "x" * 501}, "This is too long."),
        ({"reason": "a\x07b"}, "Control characters"),
        ({"reps_min": "9", "reps_max": "2"}, "the first is above the second"),
        ({"reps_min": "900", "reps_max": "900"}, "From "),
        ({"reps_min": "a few"}, "Two whole numbers, from and to."),
        ({"reps_min": "", "reps_max": ""}, "An amount that the exercise has"),
        ({"starts_on": "2026-05-01"}, "Today or later."),
        ({"starts_on": "tomorrow"}, "Write a date."),
        ({"note": "n" * 201}, "This is too long."),
        ({"slots": []}, "Choose at least one."),
        ({"weekdays": ["9"]}, "Expected"),
        ({"exercise": "EX-99"}, "There is no such exercise."),
        ({"exercise": ""}, "Choose an exercise."),
    ],
)
def test_what_could_not_be_taken_is_said_and_what_was_typed_is_kept(
    browse: Browse, therapist: User, plan: RecoveryPlan, typed: Mapping[str, Any], said: str
) -> None:
    form = change(browse(therapist), plan, STRETCH)
    kept = {"note": "keep this", "reason": "and this"} | typed
    assert form.send("do", **kept) == 400
    assert said in form.text
    assert 'role="alert"' in form.text
    for name in ("note", "reason"):
        assert f'value="{kept[name]}"' in form.text
    assert not orders()


def test_a_stale_form_speaks_of_what_a_colleague_wrote_and_keeps_what_was_typed(
    browse: Browse, api: Api, therapist: User, patient: Patient, plan: RecoveryPlan
) -> None:
    form = change(browse(therapist), plan, STRETCH)
    assert form.send("look", reps_min="3", reps_max="4") == 200
    assert Desk(api(therapist), patient).change(STRETCH, dose=TWICE).status_code == 200
    assert form.send("do", reason="My own words") == 409
    assert "The plan was changed while you were at it." in form.text
    assert "Changed: " in form.text
    fields = form.fields()
    assert (fields["reps_min"], fields["reason"]) == ("3", "My own words")
    newest = plan.prescriptions.get(exercise=STRETCH, ends_on=None)
    assert fields["version"] == str(newest.version)
    assert f"prescriptions/{newest.pk}/" in form.text
    form.path = f"/dashboard/patients/{patient.pk}/plan/prescriptions/{newest.pk}/"
    assert form.order() == 302
    assert plan.prescriptions.get(exercise=STRETCH, ends_on=None).dose["sets"] is not None


def test_a_double_click_orders_once(
    browse: Browse, therapist: User, patient: Patient, plan: RecoveryPlan
) -> None:
    client = browse(therapist)
    for form, which in (
        (change(client, plan, STRETCH), "change"),
        (change(client, plan, STRETCH), "end"),
    ):
        before = PrescriptionOrder.objects.count()
        row = plan.prescriptions.get(exercise=STRETCH, ends_on=None)
        form.path = f"/dashboard/patients/{patient.pk}/plan/prescriptions/{row.pk}/"
        form.answer = client.get(form.path)
        assert form.send("look", which=which, starts_on="2026-05-06") == 200
        sent = form.fields(which) | {"step": "do", "reason": "Once"}
        assert [client.post(form.path, sent).status_code for _ in range(2)] == [302, 302]
        assert PrescriptionOrder.objects.count() == before + 1


def test_a_stranger_finds_nothing(
    browse: Browse, therapist: User, stranger: User, patient: Patient, plan: RecoveryPlan
) -> None:
    row = plan.prescriptions.filter(ends_on=None).first()
    assert row is not None
    base = f"/dashboard/patients/{patient.pk}/plan/prescriptions/"
    client = browse(stranger)
    for path in (f"{base}add/", f"{base}{row.pk}/"):
        assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)
    hers = browse(therapist)
    assert hers.get(f"{base}0190a000-0000-7000-8000-000000000000/").status_code == 404


def test_the_form_costs_the_same_whatever_was_ordered(
    browse: Browse,
    api: Api,
    therapist: User,
    patient: Patient,
    plan: RecoveryPlan,
    now: datetime,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client, desk = browse(therapist), Desk(api(therapist), patient)
    change(client, plan, HIP)
    with django_assert_max_num_queries(20) as counted:
        form = change(client, plan, HIP)
    cost = len(counted)
    for number in range(3):
        desk.change(STRETCH, dose={"reps": {"min": 2 + number, "max": 6}})
    client.get(form.path)
    with django_assert_num_queries(cost):
        change(client, plan, HIP)
