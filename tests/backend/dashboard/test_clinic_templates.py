"""A clinic's templates on the pages."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Clinic, Patient, Role, User
from backend.accounts.services import employ
from exercises.catalog import selectors as catalog
from exercises.plans.clinic_template import MAX_PER_PHASE, from_plain
from exercises.plans.models import ClinicTemplate
from tests.factories import make_clinic, make_therapist, make_user

Browse = Callable[[User | Patient], Client]
STRETCH = "initial.EX-01"
TYPED = {
    "name": "After a flare",
    "description": "Gentle start",
    f"{STRETCH}.on": "on",
    f"{STRETCH}.sets": "2",
    f"{STRETCH}.reps": "8 - 12",
    f"{STRETCH}.note": "slowly",
    f"{STRETCH}.times": "2",
    f"{STRETCH}.days": "3",
    "phase": "initial",
    "initial.EX-02.sets": "3",  # not ticked
}


@pytest.fixture
def listed(clinic: Clinic) -> str:
    return reverse("dashboard:clinic_templates", args=[clinic.pk])


def made(client: Client, listed: str) -> ClinicTemplate:
    answer = client.post(f"{listed}new/", TYPED)
    template = ClinicTemplate.objects.get()
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{listed}{template.pk}/?phase=initial",
    )
    return template


def test_a_template_is_typed_kept_and_shown_in_words(
    browse: Browse, therapist: User, listed: str
) -> None:
    client = browse(therapist)
    assert b"No templates yet" in client.get(listed).content
    assert client.get(f"{listed}new/").status_code == 200
    template = made(client, listed)
    phases = from_plain(template.phases)
    [stretch] = phases["initial"]
    assert stretch.amounts == {"sets": {"min": 2, "max": 2}, "reps": {"min": 8, "max": 12}}
    assert (stretch.note, stretch.slots) == ("slowly", ("morning", "evening"))
    assert stretch.weekdays is not None
    assert stretch.weekdays.bit_count() == 3
    assert phases["rehab"] == ()
    text = client.get(listed).content.decode()
    assert "After a flare" in text
    assert "(slowly)" in text


def test_an_edit_shows_what_is_there_and_keeps_what_it_does_not_show(
    browse: Browse, therapist: User, listed: str
) -> None:
    client = browse(therapist)
    template = made(client, listed)
    template.phases["initial"][0] |= {"weekdays": 0b1100001, "slots": ["midday", "evening"]}
    template.phases["initial"][0]["amounts"]["knee_angle_deg"] = {"min": 10, "max": 20}
    template.save()
    path = f"{listed}{template.pk}/"
    text = client.get(path).content.decode()
    assert 'value="8-12"' in text
    assert 'value="slowly"' in text
    answer = client.post(path, TYPED | {"name": "Calm", "version": "1"})
    assert answer.status_code == 302
    template.refresh_from_db()
    [stretch] = from_plain(template.phases)["initial"]
    assert (template.version, stretch.weekdays, stretch.slots) == (
        2,
        0b1100001,
        ("midday", "evening"),
    )
    assert stretch.amounts["knee_angle_deg"] == {"min": 10, "max": 20}


def test_each_phase_is_written_alone_and_leaves_the_others(
    browse: Browse, therapist: User, listed: str
) -> None:
    client = browse(therapist)
    template = made(client, listed)
    path = f"{listed}{template.pk}/"
    page = client.get(path, {"phase": "rehab"}).content.decode()
    assert 'name="rehab.EX-10.on"' in page
    assert STRETCH not in page
    rehab = {"name": "After a flare", "phase": "rehab", "rehab.EX-10.on": "on", "version": "1"}
    assert client.post(path, rehab)["Location"] == f"{path}?phase=rehab"
    template.refresh_from_db()
    phases = from_plain(template.phases)
    assert [item.exercise for item in phases["initial"]] == ["EX-01"]
    assert [item.exercise for item in phases["rehab"]] == ["EX-10"]


def test_doses_are_asked_for_what_is_ticked_before_anything_is_saved(
    browse: Browse, therapist: User, listed: str
) -> None:
    ticked = {"phase": "initial", f"{STRETCH}.on": "on", "show": "doses", "description": "Calm"}
    answer = browse(therapist).post(f"{listed}new/", ticked)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'name="{STRETCH}.sets"' in text
    assert 'name="initial.EX-02.sets"' not in text
    assert 'value="Calm"' in text
    assert not ClinicTemplate.objects.exists()


def test_a_form_with_everything_ticked_can_still_be_sent(
    browse: Browse, therapist: User, listed: str
) -> None:
    client = browse(therapist)
    phase = max(catalog.phases(), key=lambda one: len(one.exercises) + len(one.available))
    codes = (*phase.exercises, *phase.available)
    assert len(codes) > MAX_PER_PHASE
    ticked = {f"{phase.id}.{code}.on": "on" for code in codes} | {"phase": phase.id}
    shown = client.post(f"{listed}new/", ticked | {"show": "doses"}).content.decode()
    fields = dict.fromkeys(re.findall(r'(?:input|select) id="([^"]+)"', shown), "")
    assert len(fields) > 7 * MAX_PER_PHASE
    answer = client.post(f"{listed}new/", fields | ticked | {"name": "All", "version": "1"})
    assert answer.status_code == 400
    assert b"At most 20 exercises" in answer.content


def test_a_save_on_an_old_version_loses_nothing_that_was_typed(
    browse: Browse, therapist: User, listed: str
) -> None:
    client = browse(therapist)
    template = made(client, listed)
    path = f"{listed}{template.pk}/"
    assert client.post(path, TYPED | {"name": "Calm", "version": "1"}).status_code == 302
    # A double click, then somebody who read it before.
    assert client.post(path, TYPED | {"name": "Calm", "version": "1"}).status_code == 302
    stale = client.post(path, TYPED | {"name": "Mine", "version": "1"})
    text = stale.content.decode()
    assert stale.status_code == 409
    assert "Somebody saved or retired it meanwhile" in text
    assert 'value="Mine"' in text
    assert 'name="version" value="2"' in text
    assert client.post(path, TYPED | {"name": "Mine", "version": "2"}).status_code == 302


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({f"{STRETCH}.sets": "99"}, "Sets: From 1 to 6."),
        ({f"{STRETCH}.sets": "two"}, "Sets: a number such as 2"),
        ({f"{STRETCH}.on": ""}, "Choose at least one exercise."),
        ({"name": "x\x00y"}, "Null characters are not allowed"),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed(
    browse: Browse, therapist: User, listed: str, changed: dict[str, str], said: str
) -> None:
    answer = browse(therapist).post(f"{listed}new/", TYPED | changed)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert said in text
    assert 'value="Gentle start"' in text
    assert not ClinicTemplate.objects.exists()


def test_a_name_that_is_taken_is_said(browse: Browse, therapist: User, listed: str) -> None:
    client = browse(therapist)
    made(client, listed)
    answer = client.post(f"{listed}new/", TYPED)
    assert answer.status_code == 400
    assert b"The clinic has a template of that name." in answer.content


def test_a_template_is_retired_once(browse: Browse, therapist: User, listed: str) -> None:
    client = browse(therapist)
    template = made(client, listed)
    path = f"{listed}{template.pk}/"
    wrong = client.post(f"{path}retire/", {"version": "7"}, follow=True)
    assert b"Somebody changed it meanwhile" in wrong.content
    assert client.post(f"{path}retire/", {"version": "1"}).status_code == 302
    assert client.post(f"{path}retire/", {"version": "1"}).status_code == 404
    assert client.get(path).status_code == 404
    assert b"No templates yet" in client.get(listed).content


def test_another_clinics_template_and_a_manager_find_nothing(
    browse: Browse, therapist: User, clinic: Clinic, listed: str, now: datetime
) -> None:
    template = made(browse(therapist), listed)
    hill = make_clinic(now=now, name="Hill")
    client = browse(make_therapist(now=now, clinic=hill))
    own = reverse("dashboard:clinic_templates", args=[hill.pk])
    for path in (listed, f"{listed}{template.pk}/", f"{own}{template.pk}/"):
        assert client.get(path).status_code == 404
    assert client.post(f"{own}{template.pk}/retire/", {"version": "1"}).status_code == 404
    manager = make_user(now=now)
    employ(user=manager, clinic=clinic, role=Role.MANAGER, now=now)
    assert browse(manager).get(listed).status_code == 403


def test_queries_do_not_grow_with_the_templates(
    browse: Browse,
    therapist: User,
    listed: str,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client = browse(therapist)
    made(client, listed)
    client.get(listed)
    with django_assert_max_num_queries(9) as counted:
        client.get(listed)
    usual = len(counted)
    for number in range(5):
        client.post(f"{listed}new/", TYPED | {"name": f"Template {number}"})
    with django_assert_num_queries(usual):
        client.get(listed)
