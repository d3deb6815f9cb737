"""How strictly one patient is judged, on the page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import Patient, User
from exercises.triage.models import KnownStable, ThresholdSet
from exercises.triage.rules.pack import default_pack
from exercises.triage.thresholds.offered import offered

Browse = Callable[[User | Patient], Client]
DEFAULTS = {name: str(one.default) for name, one in offered(default_pack().constants).items()}
SCRIPT = "<script>alert('x')</script>"


def page_of(patient: Patient, below: str = "") -> str:
    return f"/dashboard/patients/{patient.pk}/rules/{below}"


def numbers(**own: str) -> dict[str, str]:
    return DEFAULTS | {"version": "0", "reason": "lives alone"} | own


def test_numbers_are_set_once_however_often_it_is_clicked(
    browse: Browse, therapist: User, patient: Patient
) -> None:
    client = browse(therapist)
    assert b"Nothing was set" in client.get(page_of(patient)).content
    for _ in range(2):
        answer = client.post(page_of(patient, "thresholds/"), numbers(severe_from="6"))
        assert (answer.status_code, answer["Location"]) == (302, page_of(patient))
    stands = ThresholdSet.objects.get()
    assert (stands.values, stands.by) == ({"severe_from": 6}, therapist)
    text = client.get(page_of(patient)).content.decode()
    assert "Pain counts as severe from 6 of 10" in text
    assert "of her own" in text
    assert "lives alone" in text


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"severe_from": "8"}, "From 6 to 7."),
        ({"severe_from": "5"}, "From 6 to 7."),
        ({"severe_from": "six"}, "A whole number from 6 to 7."),
        ({"reason": " "}, "Say why."),
        ({"reason": "x" * 501}, "At most 500 characters"),
    ],
)
def test_what_is_looser_or_no_number_is_refused_and_kept(
    browse: Browse, therapist: User, patient: Patient, own: dict[str, str], said: str
) -> None:
    sent = numbers(few_weeks_days="15") | own
    answer = browse(therapist).post(page_of(patient, "thresholds/"), sent)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert said in text
    for value in ("15", *own.values()):
        assert f'value="{value}"' in text
    assert not ThresholdSet.objects.exists()


def test_a_stale_form_says_so_and_keeps_what_was_typed(
    browse: Browse, therapist: User, patient: Patient
) -> None:
    client = browse(therapist)
    client.post(page_of(patient, "thresholds/"), numbers(severe_from="6"))
    stale = client.post(page_of(patient, "thresholds/"), numbers(few_weeks_days="15"))
    text = stale.content.decode()
    assert stale.status_code == 409
    assert "The numbers were set by somebody else while you were at it." in text
    assert 'value="15"' in text
    assert 'name="version" value="1"' in text


def test_a_symptom_is_marked_as_known_and_stable(
    browse: Browse, therapist: User, patient: Patient
) -> None:
    client = browse(therapist)
    form = client.get(f"{page_of(patient)}?symptom=S-NUMB-LEG")
    assert re.search(rb'value="S-NUMB-LEG"\s+selected', form.content)
    sent = {"symptom": "S-NUMB-LEG", "side": "left", "reason": f"since the operation {SCRIPT}"}
    for _ in range(2):
        assert client.post(page_of(patient, "stable/"), sent).status_code == 302
    word = KnownStable.objects.get()
    assert (word.symptom, word.side, word.by) == ("S-NUMB-LEG", "left", therapist)
    text = client.get(page_of(patient)).content.decode()
    assert "since the operation" in text
    assert SCRIPT not in text


def test_a_word_that_could_not_be_taken_is_kept(
    browse: Browse, therapist: User, patient: Patient
) -> None:
    sent = {"symptom": "S-NOTHING", "side": "above", "reason": "kept words"}
    answer = browse(therapist).post(page_of(patient, "stable/"), sent)
    text = answer.content.decode()
    assert answer.status_code == 400
    for said in ("Choose a symptom.", "Choose one of these.", 'value="kept words"'):
        assert said in text
    empty = browse(therapist).post(page_of(patient, "stable/"), sent | {"reason": ""})
    assert b"Say how you know it." in empty.content
    assert not KnownStable.objects.exists()


def test_a_stranger_finds_nothing(browse: Browse, stranger: User, patient: Patient) -> None:
    client = browse(stranger)
    assert client.get(page_of(patient)).status_code == 404
    for below in ("thresholds/", "stable/"):
        assert client.post(page_of(patient, below), numbers()).status_code == 404


def test_the_page_costs_the_same_whatever_was_set(
    browse: Browse,
    therapist: User,
    patient: Patient,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client = browse(therapist)
    client.post(page_of(patient, "thresholds/"), numbers(severe_from="6"))
    client.get(page_of(patient))
    with django_assert_max_num_queries(20) as counted:
        client.get(page_of(patient))
    cost = len(counted)
    for version, value in enumerate(("7", "6"), start=1):
        client.post(
            page_of(patient, "thresholds/"), numbers(severe_from=value, version=str(version))
        )
    client.get(page_of(patient))
    with django_assert_num_queries(cost):
        client.get(page_of(patient))
