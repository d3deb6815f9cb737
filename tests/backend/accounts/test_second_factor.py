"""The second factor of those who work at a clinic: from the first password to the first page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Clinic, Role, User
from backend.accounts.services import add_person, employ, enable_totp, make_session_token
from tests.backend.accounts.test_signin import totp_code
from tests.client import ApiClient
from tests.factories import PASSWORD, make_user

NEW = "a wholly new passphrase"


@pytest.fixture(params=[Role.THERAPIST, Role.MANAGER, Role.AUDITOR])
def colleague(request: pytest.FixtureRequest, clinic: Clinic, now: datetime) -> User:
    """Somebody who works at the clinic."""
    user = make_user(now=now)
    employ(user=user, clinic=clinic, role=request.param, now=now)
    return user


def test_whoever_works_at_a_clinic_needs_a_second_factor(colleague: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": colleague.email, "password": PASSWORD})
    assert client.get("/dashboard/any/")["Location"].startswith("/accounts/2fa/totp/activate/")
    secret = enable_totp(colleague)
    client = Client()
    client.post("/accounts/login/", {"login": colleague.email, "password": PASSWORD})
    assert client.get("/dashboard/any/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})
    assert client.get("/dashboard/any/").status_code == 200


def test_somebody_just_added_sets_a_password_a_second_factor_and_is_in(
    clinic: Clinic, now: datetime, mailoutbox: list[Any], code_in: Callable[..., str]
) -> None:
    user = add_person(email="new@example.org", password="", name="Nina New", now=now)
    user.set_unusable_password()
    user.save()
    employ(user=user, clinic=clinic, role=Role.THERAPIST, now=now)
    client = Client()

    client.post(reverse("account_reset_password"), {"email": user.email})
    code = {"code": code_in(mailoutbox[0])}
    asked = client.post(reverse("account_confirm_password_reset_code"), code, follow=True)
    assert b"New password" in asked.content
    form = {"password1": NEW, "password2": NEW}
    done = client.post(reverse("account_complete_password_reset"), form, follow=True)
    assert b"Sign in to Stepwise" in done.content

    client.post("/accounts/login/", {"login": user.email, "password": NEW})
    asked = client.get("/dashboard/", follow=True)
    assert b"Confirm that it is you" in asked.content
    client.post(reverse("account_reauthenticate"), {"password": NEW})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    codes = client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)}, follow=True)
    assert len(codes.context["unused_codes"]) == 10

    client.post(reverse("mfa_reauthenticate"), {"code": totp_code(secret)})
    assert client.get("/dashboard/").content == b"welcome"


def test_a_recovery_code_opens_the_door_once(therapist: User) -> None:
    secret = enable_totp(therapist)
    client = _entered(therapist, secret)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_generate_recovery_codes"))
    code = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
    answers = []
    for _ in range(2):
        other = Client()
        other.post("/accounts/login/", {"login": therapist.email, "password": PASSWORD})
        answers.append(other.post(reverse("mfa_authenticate"), {"code": code}).status_code)
    assert answers == [302, 200]


def test_no_recovery_code_is_to_be_read_in_the_database(therapist: User) -> None:
    client = _entered(therapist, enable_totp(therapist))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_generate_recovery_codes"))
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    kept = Authenticator.objects.get(user=therapist, type="recovery_codes").data
    assert not [code for code in codes if code in str(kept)]
    assert kept["seed"].startswith("gAAAA")


def test_a_session_without_it_does_nothing_of_a_role_in_the_api(
    therapist: User, now: datetime
) -> None:
    half = ApiClient(make_session_token(therapist, now, second_factor=False))
    assert half.post("invitations", {}).json()["code"] == "second_factor_required"
    assert half.get("me").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "account_login",
        "account_reset_password",
        "account_change_password",
        "mfa_generate_recovery_codes",
    ],
)
def test_every_page_can_be_opened(therapist: User, name: str) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": therapist.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse(name), follow=True).status_code == 200


def _entered(user: User, secret: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})
    return client
