"""A clinic's own exercises: what they may say, and who reads and writes them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import AuditEvent, Clinic, Patient, Role, User
from backend.accounts.services import employ
from exercises.catalog import selectors as catalog
from exercises.plans.models import ClinicExercise, ClinicExerciseEdition
from tests.client import ApiClient
from tests.factories import make_clinic, make_therapist, make_user

Api = Callable[[User | Patient | None], ApiClient]
BODY: dict[str, Any] = {
    "name": "Stretch on the stairs",
    "steps": ["Stand on the lowest stair.", "Lower one heel."],
    "note": "Hold the rail.",
}
NEW = BODY | {"exercise": "EX-01"}
NOBODYS = "0190a000-0000-7000-8000-000000000000"


@pytest.fixture
def desk(api: Api, therapist: User) -> ApiClient:
    return api(therapist)


def made(desk: ApiClient, **changes: Any) -> Any:
    answer = desk.post("clinic-exercises", NEW | changes)
    assert answer.status_code == 201, answer.json()
    return answer


def test_an_own_exercise_is_made_listed_and_read_as_it_was_sent(
    desk: ApiClient, clinic: Clinic
) -> None:
    answer = made(desk)
    view = answer.json()
    assert {name: view[name] for name in NEW} == NEW
    assert view["based_on"] == catalog.exercise("EX-01").name
    assert (view["clinic"], view["version"]) == (str(clinic.pk), 1)
    assert desk.get("clinic-exercises").json() == {"items": [view], "next_cursor": None}
    one = desk.get(f"clinic-exercises/{view['id']}")
    assert (one.json(), one["ETag"]) == (view, answer["ETag"])
    assert desk.get(f"clinic-exercises/{view['id']}", If_None_Match=one["ETag"]).status_code == 304
    event = AuditEvent.objects.get(action="clinic_exercise.made")
    assert (event.object_id, event.patient_id) == (view["id"], None)


def test_an_edit_is_a_new_version_and_the_old_one_is_kept(desk: ApiClient) -> None:
    answer = made(desk)
    path = f"clinic-exercises/{answer.json()['id']}"
    assert desk.put(path, BODY | {"name": "Calm"}).status_code == 428
    changed = desk.put(path, BODY | {"name": "Calm"}, If_Match=answer["ETag"])
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    # Sent again it changes nothing, although it names the version before.
    again = desk.put(path, BODY | {"name": "Calm"}, If_Match=answer["ETag"])
    assert (again.status_code, again.json()) == (200, changed.json())
    names = ClinicExerciseEdition.objects.order_by("version").values_list("name", flat=True)
    assert list(names) == [BODY["name"], "Calm"]
    for tag in (answer["ETag"], '"what"'):
        stale = desk.put(path, BODY | {"name": "Other"}, If_Match=tag)
        assert (stale.status_code, stale.json()["code"]) == (412, "stale")


def test_a_retired_one_is_no_longer_offered_and_frees_its_name(desk: ApiClient) -> None:
    answer = made(desk)
    path = f"clinic-exercises/{answer.json()['id']}"
    assert desk.post(f"{path}/retire").status_code == 428
    assert desk.post(f"{path}/retire", If_Match='"x"').status_code == 412
    for _ in range(2):
        retired = desk.post(f"{path}/retire", If_Match=answer["ETag"])
        assert (retired.status_code, "retired_at" in retired.json()) == (200, True)
    assert AuditEvent.objects.filter(action="clinic_exercise.retired").count() == 1
    assert desk.get("clinic-exercises").json()["items"] == []
    assert desk.put(path, BODY | {"name": "New"}, If_Match=retired["ETag"]).status_code == 412
    made(desk)


def test_a_name_is_used_once_at_a_clinic_whatever_its_case(desk: ApiClient) -> None:
    made(desk)
    taken = desk.post("clinic-exercises", NEW | {"name": "STRETCH on the stairs "})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    other = made(desk, name="Other")
    path = f"clinic-exercises/{other.json()['id']}"
    assert desk.put(path, BODY, If_Match=other["ETag"]).status_code == 409


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (NEW | {"exercise": "EX-99"}, "/exercise", "unknown_exercise"),
        (NEW | {"name": "  "}, "/name", "required"),
        (NEW | {"steps": []}, "/steps", "invalid"),
        (NEW | {"steps": ["Stand.", " "]}, "/steps/1", "required"),
        (NEW | {"steps": ["x"] * 13}, "/steps", "invalid"),
        (NEW | {"steps": ["x" * 301]}, "/steps/0", "invalid"),
        (NEW | {"note": "a\x00b"}, "/note", "invalid"),
        (NEW | {"clinic": NOBODYS}, "/clinic", "invalid"),
    ],
)
def test_what_cannot_be_kept_is_refused_where_it_stands(
    desk: ApiClient, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = desk.post("clinic-exercises", body)
    assert answer.status_code == 400
    first = answer.json()["errors"][0]
    assert (first["pointer"], first["code"]) == (pointer, code)
    assert not ClinicExercise.objects.exists()


def test_the_base_is_for_good(desk: ApiClient) -> None:
    answer = made(desk)
    path = f"clinic-exercises/{answer.json()['id']}"
    refused = desk.put(path, BODY | {"exercise": "EX-03"}, If_Match=answer["ETag"])
    assert refused.json()["errors"][0]["pointer"] == "/exercise"


def test_another_clinics_exercise_looks_like_one_that_does_not_exist(
    api: Api, desk: ApiClient, now: datetime
) -> None:
    answer = made(desk)
    path, tag = f"clinic-exercises/{answer.json()['id']}", answer["ETag"]
    elsewhere = api(make_therapist(now=now, clinic=make_clinic(now=now, name="Hill")))
    assert elsewhere.get("clinic-exercises").json()["items"] == []
    found = [
        elsewhere.get(path),
        elsewhere.put(path, BODY, If_Match=tag),
        elsewhere.post(f"{path}/retire", If_Match=tag),
        elsewhere.get(f"clinic-exercises/{NOBODYS}"),
    ]
    assert {one.status_code for one in found} == {404}


def test_colleagues_share_them_and_nobody_else_reads_them(
    api: Api, desk: ApiClient, stranger: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    made(desk)
    assert len(api(stranger).get("clinic-exercises").json()["items"]) == 1
    manager = make_user(now=now)
    employ(user=manager, clinic=clinic, role=Role.MANAGER, now=now)
    assert api(manager).get("clinic-exercises").status_code == 403
    assert api(patient).get("clinic-exercises").status_code == 403


def test_of_several_clinics_one_is_named(
    api: Api, therapist: User, clinic: Clinic, now: datetime
) -> None:
    hill = make_clinic(now=now, name="Hill")
    employ(user=therapist, clinic=hill, role=Role.THERAPIST, now=now)
    desk = api(therapist)
    refused = desk.post("clinic-exercises", NEW)
    assert refused.json()["errors"][0]["pointer"] == "/clinic"
    assert made(desk, clinic=str(hill.pk)).json()["clinic"] == str(hill.pk)


def test_the_list_is_paged_in_a_constant_number_of_queries(
    desk: ApiClient,
    set_clock: Callable[[datetime], None],
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    set_clock(now + timedelta(minutes=5))
    made(desk, name="A")
    with django_assert_max_num_queries(9) as counted:
        desk.get("clinic-exercises?limit=2")
    usual = len(counted)
    for name in "BCD":
        made(desk, name=name)
    with django_assert_num_queries(usual):
        first = desk.get("clinic-exercises?limit=2").json()
    rest = desk.get(f"clinic-exercises?limit=2&cursor={first['next_cursor']}").json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["A", "B", "C", "D"]
    assert rest["next_cursor"] is None
