"""A clinic's own exercise on its way to the phone: prescribed, shown, edited."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Clinic, Patient, Role, User
from backend.accounts.revisions import revision
from backend.accounts.services import employ, start_care
from exercises.catalog import selectors as catalog
from exercises.plans.models import ClinicExercise, Prescription
from exercises.plans.services.prescribing import adapt_prescriptions
from exercises.plans.services.variations import Words, edit_exercise
from exercises.plans.services.writings import Author
from exercises.reports.fhir.bundle import bundle
from exercises.reports.record.rows import quiet, read_record
from tests.client import ApiClient
from tests.exercises.triage.desk import STRETCH, WHY, Desk
from tests.exercises.triage.diary import START, Diary, at
from tests.exercises.triage.test_visits import report
from tests.factories import make_clinic, make_therapist

Api = Callable[[User | Patient | None], ApiClient]
SetClock = Callable[[datetime], None]
WORDS = {"name": "Stretch on the stairs", "steps": ["Stand on a stair.", "Lower a heel."]}


@pytest.fixture
def diary(patient: Patient, therapist: User, set_clock: SetClock) -> Diary:
    set_clock(at(0, 9))
    return Diary(patient)


@pytest.fixture
def desk(api: Api, therapist: User, patient: Patient, diary: Diary) -> Desk:
    return Desk(api(therapist), patient)


@pytest.fixture
def phone(api: Api, patient: Patient, diary: Diary) -> ApiClient:
    return api(patient)


def own(desk: Desk, **changes: Any) -> Any:
    answer = desk.doctor.post("clinic-exercises", WORDS | {"exercise": STRETCH} | changes)
    assert answer.status_code == 201, answer.json()
    return answer


def varied(desk: Desk) -> tuple[str, Any]:
    """An own exercise, prescribed in place of the catalogue's."""
    answer = own(desk)
    changed = desk.change(STRETCH, variation=answer.json()["id"])
    assert changed.status_code == 200, changed.json()
    return answer.json()["id"], answer


def shown(phone: ApiClient) -> list[dict[str, Any]]:
    """What each answer of the phone says of the exercise."""
    today = phone.get("me/today").json()["occurrences"]
    plan = phone.get("me/plan").json()["prescriptions"]
    return [next(one for one in found if one["exercise"] == STRETCH) for found in (today, plan)]


def test_a_phone_shows_it_under_its_own_name_with_the_safety_of_its_base(
    desk: Desk, phone: ApiClient
) -> None:
    before = shown(phone)
    own_id, _ = varied(desk)
    base = catalog.exercise(STRETCH).name
    for was, one in zip(before, shown(phone), strict=True):
        assert (one["exercise"], one["name"]) == (STRETCH, WORDS["name"])
        assert one["variation"] == WORDS | {
            "id": own_id, "version": 1, "note": "", "based_on": base,
        }  # fmt: skip
        assert (one["stop_rules"], one["dose"]) == (was["stop_rules"], was["dose"])
        assert "variation" not in was
    changes = phone.get("sync/pull").json()["changes"]
    records = [c["data"] for c in changes if c["entity"] == "prescription"]
    assert [r["variation"]["steps"] for r in records if "variation" in r] == [WORDS["steps"]]
    assert desk.of(STRETCH)["prescription"]["name"] == WORDS["name"]


def test_an_edit_reaches_the_screen_the_plan_and_the_feed(desk: Desk, phone: ApiClient) -> None:
    own_id, answer = varied(desk)
    shown(phone)
    cursor = phone.get("sync/pull").json()["cursor"]
    version = phone.get("me/plan").json()["version"]
    said = WORDS | {"name": "On the stairs", "steps": ["Stand."], "note": "Hold the rail."}
    path = f"clinic-exercises/{own_id}"
    assert desk.doctor.put(path, said, If_Match=answer["ETag"]).status_code == 200
    for one in shown(phone):
        assert (one["name"], one["variation"]["steps"]) == ("On the stairs", ["Stand."])
        assert (one["variation"]["version"], one["variation"]["note"]) == (2, "Hold the rail.")
    assert phone.get("me/plan").json()["version"] == version + 1
    changes = phone.get(f"sync/pull?cursor={cursor}").json()["changes"]
    (record,) = (c["data"] for c in changes if c["entity"] == "prescription")
    assert (record["variation"]["name"], record["version"]) == ("On the stairs", 2)


def test_an_edit_that_was_cut_short_is_finished_by_the_same_edit(
    desk: Desk, phone: ApiClient, therapist: User
) -> None:
    own_id, answer = varied(desk)
    said = WORDS | {"name": "On the stairs"}
    path = f"clinic-exercises/{own_id}"
    desk.doctor.put(path, said, If_Match=answer["ETag"])
    row = Prescription.objects.get(variation=own_id)
    # As if the second step had not been reached for this patient.
    Prescription.objects.update(variation_words=WORDS | {"version": 1, "note": ""})
    Prescription.objects.filter(variation=None).update(variation_words=None)
    assert desk.doctor.put(path, said, If_Match=answer["ETag"]).status_code == 200
    assert shown(phone)[0]["name"] == "On the stairs"
    now = Prescription.objects.get(pk=row.pk)
    assert (now.version, now.rev > row.rev) == (row.version + 1, True)
    # Once it has arrived, the same edit writes nothing.
    desk.doctor.put(path, said, If_Match=answer["ETag"])
    assert Prescription.objects.get(pk=row.pk).rev == now.rev


def test_what_has_ended_keeps_the_words_that_were_shown(desk: Desk, set_clock: SetClock) -> None:
    own_id, answer = varied(desk)
    set_clock(at(3, 9))
    assert desk.retire(STRETCH).status_code == 200
    set_clock(at(9, 9))
    path = f"clinic-exercises/{own_id}"
    desk.doctor.put(path, WORDS | {"name": "Anew"}, If_Match=answer["ETag"])
    words = Prescription.objects.get(variation=own_id).variation_words
    assert words is not None
    assert words["name"] == WORDS["name"]


def test_it_stays_through_a_change_of_dose_and_goes_where_it_is_taken_back(
    desk: Desk, phone: ApiClient
) -> None:
    varied(desk)
    desk.change(STRETCH, dose={"reps": {"min": 2, "max": 3}})
    assert desk.of(STRETCH)["prescription"]["variation"]["name"] == WORDS["name"]
    whole = WHY | {"exercise": STRETCH, "dose": {}, "slots": ["evening"], "weekdays": [0]}
    path = desk.one(STRETCH)
    put = desk.doctor.put(path, whole, If_Match=desk.tag(path)).json()["prescription"]
    assert put["variation"]["name"] == WORDS["name"]
    back = desk.change(STRETCH, variation=None).json()["prescription"]
    assert (back["name"], "variation" in back) == (catalog.exercise(STRETCH).name, False)


def test_a_preview_names_it_and_writes_nothing(desk: Desk) -> None:
    answer = own(desk)
    body = {"exercise": STRETCH, "variation": answer.json()["id"]}
    body["prescription"] = desk.of(STRETCH)["prescription"]["id"]
    seen = desk.doctor.post(f"{desk.path}/preview", body)
    assert seen.status_code == 200, seen.json()
    named = {o["name"] for o in seen.json()["plan"]["occurrences"] if o["exercise"] == STRETCH}
    assert WORDS["name"] in named
    assert not Prescription.objects.exclude(variation=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_look_at_it_takes_no_lock(desk: Desk) -> None:
    answer = own(desk)
    body = {"exercise": STRETCH, "variation": answer.json()["id"]}
    body["prescription"] = desk.of(STRETCH)["prescription"]["id"]
    assert desk.doctor.post(f"{desk.path}/preview", body).status_code == 200
    assert desk.change(STRETCH, variation=answer.json()["id"]).status_code == 200


def test_one_of_another_exercise_or_a_retired_one_is_refused(desk: Desk) -> None:
    other = own(desk, exercise="EX-03").json()["id"]
    refused = desk.change(STRETCH, variation=other)
    assert (refused.status_code, refused.json()["code"]) == (409, "variation_of_another")
    answer = own(desk, name="Gone")
    gone = answer.json()["id"]
    desk.doctor.post(f"clinic-exercises/{gone}/retire", If_Match=answer["ETag"])
    refused = desk.change(STRETCH, variation=gone)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_offered_here")


def test_only_a_clinic_where_the_patient_is_in_care_lends_its_own(
    desk: Desk, api: Api, clinic: Clinic, therapist: User, now: datetime
) -> None:
    hill = make_clinic(now=now, name="Hill")
    elsewhere = make_therapist(now=now, clinic=hill)
    answer = api(elsewhere).post("clinic-exercises", WORDS | {"exercise": STRETCH})
    theirs = answer.json()["id"]
    # That the therapist works there too is not enough.
    employ(user=therapist, clinic=hill, role=Role.THERAPIST, now=now)
    refused = desk.change(STRETCH, variation=theirs)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_offered_here")
    never = desk.change(STRETCH, variation="0190a000-0000-7000-8000-000000000000")
    assert never.json()["code"] == "not_offered_here"


def test_a_retired_one_stays_where_it_is_prescribed(desk: Desk, phone: ApiClient) -> None:
    own_id, answer = varied(desk)
    desk.doctor.post(f"clinic-exercises/{own_id}/retire", If_Match=answer["ETag"])
    assert shown(phone)[0]["name"] == WORDS["name"]
    again = desk.change(STRETCH, variation=own_id, dose={"reps": {"min": 2, "max": 3}})
    assert again.json()["prescription"]["variation"]["id"] == own_id


def test_what_forbids_the_base_forbids_it_too(
    desk: Desk, api: Api, patient: Patient, set_clock: SetClock
) -> None:
    own_id = own(desk, exercise="EX-02").json()["id"]
    set_clock(at(1, 9))
    desk.retire("EX-02")
    report(api(patient), "S-TINGLE-LEG")
    refused = desk.add("EX-02", variation=own_id, overrides={"tingling": "She can bear it"})
    assert (refused.status_code, refused.json()["code"]) == (409, "contraindicated")


def test_a_profile_that_forbids_the_base_ends_it(desk: Desk, diary: Diary) -> None:
    own_id = own(desk, exercise="EX-02").json()["id"]
    assert desk.change("EX-02", variation=own_id).status_code == 200
    with revision(diary.patient.pk) as rev:
        adapt_prescriptions(
            plan=diary.plan, on_date=START, flags_before=[], flags_now=["tingling"], rev=rev
        )
    assert Prescription.objects.get(variation=own_id).ends_on == START


def test_the_plan_costs_as_many_queries_with_it_as_without(
    desk: Desk,
    phone: ApiClient,
    set_clock: SetClock,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    set_clock(at(0, 10))

    def asked() -> int:
        with django_assert_max_num_queries(60) as counted:
            phone.get("me/plan")
            phone.get("sync/pull")
        return len(counted)

    asked()
    before = asked()
    varied(desk)
    asked()
    assert asked() == before


def test_an_edit_costs_the_same_for_each_patient(
    desk: Desk,
    patient: Patient,
    other_patient: Patient,
    therapist: User,
    clinic: Clinic,
    set_clock: SetClock,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    own_id, _ = varied(desk)
    author = Author(user=therapist, now=at(0, 9))

    def edited(name: str) -> int:
        held = ClinicExercise.objects.get(pk=own_id)
        words = Words(name=name, steps=("Stand.",))
        with django_assert_max_num_queries(40) as counted:
            edit_exercise(own=held, words=words, base_version=held.version, author=author)
        return len(counted)

    one = edited("A")
    Diary(other_patient)
    start_care(patient=other_patient, therapist=therapist, clinic=clinic, now=at(0, 9))
    second = Desk(desk.doctor, other_patient)
    assert second.change(STRETCH, variation=own_id).status_code == 200
    per_patient = edited("B") - one
    assert 0 < per_patient <= 8


def test_the_page_for_the_doctor_names_both(
    desk: Desk, phone: ApiClient, set_clock: SetClock
) -> None:
    varied(desk)
    set_clock(at(3, 9))
    names = {row["exercise"]: row["name"] for row in phone.get("me/brief").json()["exercises"]}
    assert names[STRETCH] == f"{WORDS['name']} ({catalog.exercise(STRETCH).name})"


def test_an_export_carries_its_words(desk: Desk, patient: Patient) -> None:
    own_id, _ = varied(desk)
    document, _ = read_record(patient.pk, now=at(0, 10), say=quiet)
    (row,) = (one for one in document["record"]["prescriptions"] if one["variation"] == own_id)
    assert row["variation_words"]["steps"] == WORDS["steps"]
    resources = [entry["resource"] for entry in bundle(document)["entry"]]
    (request,) = (one for one in resources if one["id"] == row["id"])
    assert request["note"][-1]["text"] == "\n".join([str(WORDS["name"]), *WORDS["steps"]])


def test_a_template_changes_the_amount_and_leaves_the_way(desk: Desk, phone: ApiClient) -> None:
    own_id, _ = varied(desk)
    item = {"exercise": STRETCH, "dose": {"reps": {"min": 2, "max": 3}}}
    template = desk.doctor.post("templates", {"name": "Less", "phases": {"initial": [item]}})
    body = WHY | {"template": template.json()["id"]}
    applied = desk.doctor.post(f"{desk.plan}/apply", body, If_Match=desk.tag(desk.plan))
    assert applied.status_code == 200, applied.json()
    shown_now = desk.of(STRETCH)["prescription"]
    assert shown_now["dose"]["reps"] == {"min": 2, "max": 3}
    assert shown_now["variation"]["id"] == own_id
