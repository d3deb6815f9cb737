"""A clinic's templates: what they may hold, and who reads and writes them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import AuditEvent, Clinic, Patient, Role, User
from backend.accounts.services import employ
from exercises.catalog.content import catalog
from exercises.plans.clinic_template import flaws
from exercises.plans.models import ClinicTemplate, TemplateEdition
from exercises.plans.prescribable import Wanted
from exercises.plans.templates import template_for, wanted_in
from tests.client import ApiClient
from tests.factories import make_clinic, make_therapist, make_user

Api = Callable[[User | Patient | None], ApiClient]
STRETCH, BRIDGE, STEPS = "EX-01", "EX-10", "EX-18"
TWICE = {"sets": {"min": 2, "max": 2}, "note": "slowly"}
BODY: dict[str, Any] = {
    "name": "After a flare",
    "description": "Gentle start",
    "phases": {
        "initial": [{"exercise": STRETCH, "dose": TWICE, "slots": ["evening", "morning"]}],
        "rehab": [{"exercise": BRIDGE, "weekdays": [0, 3]}],
    },
}


def with_initial(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return BODY | {"phases": {"initial": [*items]}} | changes


@pytest.fixture
def desk(api: Api, therapist: User) -> ApiClient:
    return api(therapist)


def made(desk: ApiClient, **changes: Any) -> Any:
    answer = desk.post("templates", BODY | changes)
    assert answer.status_code == 201, answer.json()
    return answer


def test_a_template_is_made_listed_and_read_as_it_was_sent(desk: ApiClient, clinic: Clinic) -> None:
    answer = made(desk)
    view = answer.json()
    assert (view["name"], view["clinic"], view["version"]) == (BODY["name"], str(clinic.pk), 1)
    [first] = view["phases"]["initial"]
    assert first == {"exercise": STRETCH, "dose": TWICE, "slots": ["morning", "evening"]}
    assert view["phases"]["rehab"] == [{"exercise": BRIDGE, "dose": {}, "weekdays": [0, 3]}]
    assert view["phases"]["long_term"] == []
    assert desk.get("templates").json() == {"items": [view], "next_cursor": None}
    one = desk.get(f"templates/{view['id']}")
    assert (one.json(), one["ETag"]) == (view, answer["ETag"])
    assert desk.get(f"templates/{view['id']}", If_None_Match=one["ETag"]).status_code == 304
    event = AuditEvent.objects.get(action="template.made")
    assert (event.object_id, event.patient_id) == (view["id"], None)


def test_an_edit_is_a_new_version_and_the_old_one_is_kept(desk: ApiClient) -> None:
    answer = made(desk)
    path = f"templates/{answer.json()['id']}"
    changed = desk.put(path, BODY | {"name": "Calm"}, If_Match=answer["ETag"])
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    names = TemplateEdition.objects.order_by("version").values_list("name", flat=True)
    assert list(names) == [BODY["name"], "Calm"]
    # Sent again it changes nothing, although it names the version before.
    again = desk.put(path, BODY | {"name": "Calm"}, If_Match=answer["ETag"])
    assert (again.status_code, again.json()) == (200, changed.json())
    assert TemplateEdition.objects.count() == 2


def test_an_edit_names_the_version_it_was_made_on(desk: ApiClient) -> None:
    answer = made(desk)
    path = f"templates/{answer.json()['id']}"
    assert desk.put(path, BODY | {"name": "Calm"}).status_code == 428
    desk.put(path, BODY | {"name": "Calm"}, If_Match=answer["ETag"])
    for tag in (answer["ETag"], '"what"'):
        stale = desk.put(path, BODY | {"name": "Other"}, If_Match=tag)
        assert (stale.status_code, stale.json()["code"]) == (412, "stale")


def test_a_retired_template_is_no_longer_offered_and_frees_its_name(desk: ApiClient) -> None:
    answer = made(desk)
    path = f"templates/{answer.json()['id']}"
    assert desk.post(f"{path}/retire").status_code == 428
    assert desk.post(f"{path}/retire", If_Match='"x"').status_code == 412
    for _ in range(2):
        retired = desk.post(f"{path}/retire", If_Match=answer["ETag"])
        assert retired.status_code == 200
        assert retired.json()["retired_at"]
    assert AuditEvent.objects.filter(action="template.retired").count() == 1
    assert desk.get("templates").json()["items"] == []
    assert desk.get(path)["ETag"] == retired["ETag"] != answer["ETag"]
    assert desk.put(path, BODY | {"name": "New"}, If_Match=retired["ETag"]).status_code == 412
    made(desk)


def test_a_name_is_used_once_at_a_clinic_whatever_its_case(desk: ApiClient) -> None:
    made(desk)
    answer = desk.post("templates", BODY | {"name": "AFTER a flare "})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
    other = made(desk, name="Other")
    path = f"templates/{other.json()['id']}"
    assert desk.put(path, BODY, If_Match=other["ETag"]).status_code == 409


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (with_initial(), "/phases", "required"),
        (with_initial({"exercise": "EX-99"}), "/phases/initial/0/exercise", "unknown_exercise"),
        (with_initial({"exercise": STEPS}), "/phases/initial/0/exercise", "other_phase"),
        (
            with_initial({"exercise": STRETCH}, {"exercise": STRETCH}),
            "/phases/initial/1/exercise",
            "repeated",
        ),
        (
            with_initial({"exercise": STRETCH, "dose": {"sets": {"min": 1, "max": 99}}}),
            "/phases/initial/0/dose/sets",
            "out_of_range",
        ),
        (
            with_initial({"exercise": STRETCH, "dose": {"sets": {"min": 3, "max": 2}}}),
            "/phases/initial/0/dose/sets",
            "out_of_range",
        ),
        (with_initial({"exercise": STRETCH}, name="  "), "/name", "required"),
        (BODY | {"clinic": "0190a000-0000-7000-8000-000000000000"}, "/clinic", "invalid"),
        (BODY | {"phases": {"later": []}}, "/phases/later", "unknown_field"),
    ],
)
def test_what_the_catalogue_forbids_no_template_holds(
    desk: ApiClient, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = desk.post("templates", body)
    assert answer.status_code == 400
    first = answer.json()["errors"][0]
    assert (first["pointer"], first["code"]) == (pointer, code)
    assert not ClinicTemplate.objects.exists()


def test_everything_that_the_catalogue_serves_may_stand_in_a_template() -> None:
    known = catalog()
    phases = {
        phase.id: [Wanted(exercise=code, amounts={}) for code in phase.exercises]
        for phase in known.phases.values()
    }
    offered = {phase.id: phase for phase in known.phases.values()}
    found = [*flaws(phases, exercises=known.exercises, offered=offered, limits=known.dose_limits)]
    assert [one for one in found if one.code != "too_many"] == []


def test_another_clinics_template_looks_like_one_that_does_not_exist(
    api: Api, desk: ApiClient, now: datetime
) -> None:
    answer = made(desk)
    path = f"templates/{answer.json()['id']}"
    elsewhere = api(make_therapist(now=now, clinic=make_clinic(now=now, name="Hill")))
    assert elsewhere.get("templates").json()["items"] == []
    tag = answer["ETag"]
    found = [
        elsewhere.get(path),
        elsewhere.put(path, BODY, If_Match=tag),
        elsewhere.post(f"{path}/retire", If_Match=tag),
    ]
    missing = elsewhere.get("templates/0190a000-0000-7000-8000-000000000000")
    assert {one.status_code for one in (*found, missing)} == {404}


def test_colleagues_share_the_templates_and_nobody_else_reads_them(
    api: Api, desk: ApiClient, stranger: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    made(desk)
    assert len(api(stranger).get("templates").json()["items"]) == 1
    manager = make_user(now=now)
    employ(user=manager, clinic=clinic, role=Role.MANAGER, now=now)
    assert api(manager).get("templates").status_code == 403
    assert api(patient).get("templates").status_code == 403


def test_of_several_clinics_one_is_named(
    api: Api, therapist: User, clinic: Clinic, now: datetime
) -> None:
    hill = make_clinic(now=now, name="Hill")
    employ(user=therapist, clinic=hill, role=Role.THERAPIST, now=now)
    desk = api(therapist)
    refused = desk.post("templates", BODY)
    assert refused.json()["errors"][0]["pointer"] == "/clinic"
    assert made(desk, clinic=str(hill.pk)).json()["clinic"] == str(hill.pk)


def test_a_plan_reads_what_a_template_wants_in_its_phase(
    desk: ApiClient, therapist: User, now: datetime
) -> None:
    view = made(desk).json()
    template = template_for(therapist, view["id"], now)
    assert template is not None
    [wanted] = wanted_in(template, "initial")
    assert (wanted.exercise, wanted.slots, wanted.note) == (
        STRETCH,
        ("morning", "evening"),
        "slowly",
    )
    assert wanted_in(template, "rehab")[0].weekdays == 0b1001
    assert wanted_in(template, "long_term") == ()


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
        desk.get("templates?limit=2")
    usual = len(counted)
    for name in "BCD":
        made(desk, name=name)
    with django_assert_num_queries(usual):
        first = desk.get("templates?limit=2").json()
    rest = desk.get(f"templates?limit=2&cursor={first['next_cursor']}").json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["A", "B", "C", "D"]
    assert rest["next_cursor"] is None
