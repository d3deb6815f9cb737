"""The frame of every page: who is led where, and the colours."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Clinic, Patient, Role, User
from backend.accounts.selectors import Workplace
from backend.accounts.services import employ
from backend.dashboard.presenters.navigation import clinic_links, landing, navigation
from tests.factories import make_clinic, make_user

Browse = Callable[[User | Patient], Client]
SESSIONS = "/dashboard/sessions/"


def labels(links: Any) -> list[str]:
    return [link.label for link in links]


@pytest.mark.django_db
def test_each_role_is_offered_the_pages_that_open_for_it(clinic: Clinic) -> None:
    def offered(*roles: str) -> list[str]:
        return labels(navigation([Workplace(clinic, frozenset(roles))], "/").main)

    assert offered(Role.THERAPIST) == ["Patients", "Work list", "Clinic"]
    assert offered(Role.MANAGER) == ["Clinic"]
    assert labels(navigation([], "/").main) == []


def test_the_page_that_is_open_is_marked(clinic: Clinic) -> None:
    place = Workplace(clinic, frozenset({Role.THERAPIST}))
    panel = reverse("dashboard:panel")
    assert [link.current for link in navigation([place], panel).main] == ["page", "", ""]
    below = navigation([place], f"{panel}patients/1/").main
    assert [link.current for link in below] == ["true", "", ""]
    members = reverse("dashboard:clinic_members", args=[clinic.pk])
    assert [link.current for link in navigation([place], members).main] == ["", "", "page"]
    assert clinic_links(place, members)[0].current == "page"
    sessions = navigation([place], SESSIONS).account
    assert [link.current for link in sessions] == ["", "page"]


def test_of_several_clinics_the_bar_leads_to_the_one_that_is_open(
    clinic: Clinic, now: datetime
) -> None:
    hill = make_clinic(now=now, name="Hill Clinic")
    places = [Workplace(one, frozenset({Role.MANAGER})) for one in (clinic, hill)]
    path = reverse("dashboard:clinic_members", args=[hill.pk])
    [link] = navigation(places, path).main
    assert link.url == path
    assert str(clinic.pk) in navigation(places, "/").main[0].url


def test_only_a_therapist_begins_with_patients(clinic: Clinic) -> None:
    both = Workplace(clinic, frozenset({Role.THERAPIST, Role.MANAGER}))
    assert landing([both]) is None
    assert landing([]) is None
    manager = Workplace(clinic, frozenset({Role.MANAGER}))
    assert landing([manager]) == reverse("dashboard:clinic_members", args=[clinic.pk])


def test_a_manager_lands_on_her_clinic(browse: Browse, clinic: Clinic, now: datetime) -> None:
    manager = make_user(now=now, name="Mara Manager")
    employ(user=manager, clinic=clinic, role=Role.MANAGER, now=now)
    client = browse(manager)
    answer = client.get("/dashboard/", follow=True)
    assert answer.request["PATH_INFO"] == f"/dashboard/clinics/{clinic.pk}/members/"
    assert b"Patients</a>" not in answer.content
    one = client.get(f"/dashboard/clinics/{clinic.pk}/")
    assert one["Location"] == f"/dashboard/clinics/{clinic.pk}/members/"


def test_another_clinic_looks_like_one_that_does_not_exist(
    browse: Browse, therapist: User, clinic: Clinic, now: datetime
) -> None:
    hill = make_clinic(now=now, name="Hill Clinic")
    client = browse(therapist)
    for path in ("", "members/"):
        assert client.get(f"/dashboard/clinics/{hill.pk}/{path}").status_code == 404
        assert client.get(f"/dashboard/clinics/{clinic.pk}/{path}").status_code in (200, 302)


def test_the_bar_is_there_on_pages_of_no_role_and_of_no_address(
    browse: Browse, therapist: User
) -> None:
    client = browse(therapist)
    for path in (SESSIONS, "/nothing/", "/accounts/2fa/"):
        assert b'aria-label="Main"' in client.get(path).content
    assert b'aria-label="Main"' not in Client().get("/accounts/login/").content


def test_the_colours_are_kept_in_this_browser(browse: Browse, therapist: User) -> None:
    client = browse(therapist)
    text = client.get(SESSIONS).content.decode()
    assert 'content="light dark"' in text
    assert 'media="(prefers-color-scheme: dark)"' in text
    before = {"Referer": f"http://testserver{SESSIONS}"}
    answer = client.post("/dashboard/theme/", {"theme": "dark"}, headers=before)
    assert answer["Location"] == before["Referer"]
    assert answer.cookies["stepwise_theme"]["httponly"]
    text = client.get(SESSIONS).content.decode()
    assert 'content="dark"' in text
    assert 'media="all"' in text
    client.post("/dashboard/theme/", {"theme": "light"})
    assert "dark.css" not in client.get(SESSIONS).content.decode()
    client.post("/dashboard/theme/", {"theme": "system"})
    assert 'content="light dark"' in client.get(SESSIONS).content.decode()


def test_a_choice_of_colours_leads_nowhere_else(browse: Browse, therapist: User) -> None:
    client = browse(therapist)
    for back in ("https://example.org/", "//example.org", "", "javascript:alert(1)"):
        answer = client.post("/dashboard/theme/", {"theme": "pink"}, headers={"Referer": back})
        assert answer["Location"] == "/dashboard/"
        assert "stepwise_theme" not in answer.cookies
