"""A mail tells the owner of an account that its password or second factor was changed."""

import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Patient, User
from backend.accounts.services import enable_totp
from tests.factories import PASSWORD

Auth = Callable[..., Any]
NEW = "a wholly new passphrase"


def entered(person: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def change_password(person: User) -> Any:
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    return entered(person).post(reverse("account_change_password"), form)


def test_a_changed_password_is_told(patient: Patient, mailoutbox: list[Any]) -> None:
    assert change_password(patient.user).status_code == 302
    (sent,) = mailoutbox
    assert (sent.subject, sent.to) == ("Your password was changed", [patient.user.email])
    assert "From the address: 127.0.0.1" in sent.body
    assert "If it was not you" in sent.body
    assert "http" not in sent.body


def test_a_reset_password_is_told(
    patient: Patient, auth: Auth, code_in: Callable[..., str], mailoutbox: list[Any]
) -> None:
    asked = auth("post", "auth/password/request", {"email": patient.user.email})
    body = {"key": code_in(mailoutbox[0]), "password": NEW}
    auth("post", "auth/password/reset", body, asked.json()["meta"]["session_token"])
    assert [sent.subject for sent in mailoutbox[1:]] == ["Your password was changed"]


def test_a_second_factor_that_is_removed_is_told(patient: Patient, mailoutbox: list[Any]) -> None:
    client = entered(patient.user)
    enable_totp(patient.user)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=patient.user).exists()
    assert [sent.subject for sent in mailoutbox] == ["A second factor was removed"]


def test_a_mail_server_that_is_away_undoes_no_change(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> int:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(EmailBackend, "send_messages", away)
    assert change_password(patient.user).status_code == 302
    assert User.objects.get(pk=patient.pk).check_password(NEW)
