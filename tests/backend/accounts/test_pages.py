"""The HTML pages of sign-in: who gets where, and what is not offered."""

import pytest
from allauth.mfa.utils import is_mfa_enabled
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Patient, User
from backend.accounts.services import enable_totp
from backend.accounts.signin_urls import IN_THE_APP
from tests.backend.accounts.test_signin import totp_code
from tests.factories import PASSWORD


def sign_in(user: User) -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def test_the_sign_in_page_asks_for_address_and_password(db: None) -> None:
    page = Client().get("/accounts/login/")
    assert page.status_code == 200
    assert b'name="login"' in page.content
    assert b'name="password"' in page.content


def test_nobody_sees_the_dashboard_without_signing_in(db: None) -> None:
    answer = Client().get("/dashboard/?sort=name")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/dashboard/%3Fsort%3Dname"


def test_a_patient_who_signs_in_there_does_not_see_the_dashboard(patient: Patient) -> None:
    assert sign_in(patient.user).get("/dashboard/").status_code == 403


def test_a_therapist_signs_in_with_her_second_factor(therapist: User) -> None:
    secret = enable_totp(therapist)
    client = sign_in(therapist)
    assert client.get("/dashboard/").status_code == 302
    answer = client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})
    assert answer["Location"] == "/dashboard/"
    assert client.get("/dashboard/").content == b"welcome"


def test_a_therapist_without_second_factor_is_led_to_set_one_up(therapist: User) -> None:
    client = sign_in(therapist)
    asked = client.get("/dashboard/", follow=True)
    assert asked.redirect_chain[0][0] == f"{reverse('mfa_activate_totp')}?next=/dashboard/"
    client.post(asked.redirect_chain[-1][0], {"password": PASSWORD})

    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    set_up = client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)}, follow=True)
    assert set_up.status_code == 200
    assert is_mfa_enabled(therapist)

    asked = client.get("/dashboard/", follow=True)
    proved = client.post(asked.redirect_chain[-1][0], {"code": totp_code(secret)}, follow=True)
    assert proved.content == b"welcome"


@pytest.mark.parametrize("name", IN_THE_APP)
def test_what_belongs_to_the_app_is_not_reachable_as_a_page(db: None, name: str) -> None:
    assert Client().get(reverse(name)).status_code == 404
    assert Client().post(reverse(name), {}).status_code == 404


@pytest.mark.parametrize("path", ["signup/", "email/", "password/set/", "confirm-email/"])
def test_allauths_own_paths_for_them_do_not_exist(db: None, path: str) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404
