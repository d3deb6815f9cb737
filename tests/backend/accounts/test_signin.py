"""Signing up and in over the public HTTP API, as the app does it."""

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from backend.accounts.models import Patient, User
from backend.accounts.services import enable_totp, make_session_token
from backend.core import clock
from tests.client import ApiClient
from tests.factories import PASSWORD

Api = Callable[[Any], ApiClient]
Auth = Callable[..., Any]


def sign_up(auth: Auth, email: str = "Nora@Example.org") -> Any:
    return auth("post", "auth/signup", {"email": email, "password": PASSWORD})


def sign_in(auth: Auth, email: str, password: str = PASSWORD, token: str = "") -> Any:
    return auth("post", "auth/login", {"email": email, "password": password}, token)


def totp_code(secret: str, steps_ago: int = 0) -> str:
    counter = struct.pack(">Q", int(time.time()) // 30 - steps_ago)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def test_a_person_signs_up_with_a_code_from_her_mail_and_has_a_record(
    db: None, auth: Auth, code_in: Callable[..., str]
) -> None:
    pending = sign_up(auth)
    assert pending.status_code == 401
    early = pending.json()["meta"]["session_token"]
    assert ApiClient(early).get("me").status_code == 401

    done = auth("post", "auth/email/verify", {"key": code_in(mail.outbox[0])}, early)

    assert done.status_code == 200
    me = ApiClient(done.json()["meta"]["session_token"]).get("me")
    assert me.status_code == 200
    assert me.json()["email"] == "nora@example.org"
    assert me.json()["roles"] == ["patient"]
    user = User.objects.get(email="nora@example.org")
    assert str(user.patient.pk) == me.json()["id"]


def test_mails_carry_no_link(db: None, auth: Auth, patient: Patient) -> None:
    sign_up(auth)
    sign_up(auth, patient.user.email)
    auth("post", "auth/password/request", {"email": patient.user.email})
    auth("post", "auth/password/request", {"email": "nobody@example.org"})
    assert len(mail.outbox) == 4
    assert not [sent.body for sent in mail.outbox if "http" in sent.body]


def test_a_wrong_code_does_not_open_the_account(db: None, auth: Auth) -> None:
    token = sign_up(auth).json()["meta"]["session_token"]
    refused = auth("post", "auth/email/verify", {"key": "XXXX-XXXX"}, token)
    assert refused.status_code == 400
    assert ApiClient(token).get("me").status_code == 401


def test_signing_up_with_a_known_address_looks_the_same(patient: Patient, auth: Auth) -> None:
    known = sign_up(auth, patient.user.email)
    unknown = sign_up(auth)
    assert known.status_code == unknown.status_code == 401
    assert known.json()["data"] == unknown.json()["data"]
    assert "already has an account" in mail.outbox[0].body
    assert User.objects.filter(email=patient.user.email).count() == 1


def test_a_name_may_be_given_when_signing_up(db: None, auth: Auth) -> None:
    body = {"email": "nora@example.org", "password": PASSWORD, "name": "Nora Müller"}
    auth("post", "auth/signup", body)
    assert User.objects.get().name == "Nora Müller"


@pytest.mark.parametrize("field", ["email", "password", "name"])
@pytest.mark.parametrize("garbage", ["nora\x00@example.org", "nora\ud800@example.org"])
def test_text_that_no_database_keeps_is_refused(
    db: None, auth: Auth, field: str, garbage: str
) -> None:
    body = {"email": "nora@example.org", "password": PASSWORD, field: garbage}
    assert auth("post", "auth/signup", body).status_code == 400
    assert sign_in(auth, body["email"], body["password"]).status_code == 400


@pytest.mark.parametrize("password", ["short1", "password123", "nora@example.org"])
def test_weak_passwords_are_refused(db: None, auth: Auth, password: str) -> None:
    answer = auth("post", "auth/signup", {"email": "nora@example.org", "password": password})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["param"] == "password"
    assert not User.objects.exists()


def test_signing_in_works_whatever_the_case_of_the_address(patient: Patient, auth: Auth) -> None:
    answer = sign_in(auth, patient.user.email.upper())
    assert answer.status_code == 200
    assert ApiClient(answer.json()["meta"]["session_token"]).get("me").status_code == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    patient: Patient, auth: Auth
) -> None:
    known = sign_in(auth, patient.user.email, "not her password")
    unknown = sign_in(auth, "nobody@example.org", "not her password")
    assert known.status_code == unknown.status_code == 400
    assert known.json() == unknown.json()


def test_guessing_does_not_end_the_sessions_of_the_victim(
    patient: Patient, auth: Auth, api: Api
) -> None:
    phone = api(patient)
    for _ in range(6):
        sign_in(auth, patient.user.email, "a guess")
    assert phone.get("me").status_code == 200


def test_a_forgotten_password_is_replaced_by_code_and_ends_other_sessions(
    patient: Patient, auth: Auth, api: Api, code_in: Callable[..., str]
) -> None:
    old = api(patient)
    asked = auth("post", "auth/password/request", {"email": patient.user.email})
    token = asked.json()["meta"]["session_token"]
    reset = {"key": code_in(mail.outbox[0]), "password": "a wholly new passphrase"}

    assert auth("post", "auth/password/reset", reset, token).status_code in (200, 401)

    assert sign_in(auth, patient.user.email).status_code == 400
    assert sign_in(auth, patient.user.email, "a wholly new passphrase").status_code == 200
    assert old.get("me").status_code == 401


def test_asking_for_a_reset_tells_nobody_whether_the_address_is_known(
    patient: Patient, auth: Auth
) -> None:
    known = auth("post", "auth/password/request", {"email": patient.user.email})
    unknown = auth("post", "auth/password/request", {"email": "nobody@example.org"})
    assert known.status_code == unknown.status_code
    assert known.json()["data"] == unknown.json()["data"]


def test_signing_out_ends_the_token_at_once(patient: Patient, auth: Auth) -> None:
    token = sign_in(auth, patient.user.email).json()["meta"]["session_token"]
    assert ApiClient(token).get("me").status_code == 200
    auth("delete", "auth/session", "", token)
    assert ApiClient(token).get("me").status_code == 401


def test_a_session_is_listed_and_ended_from_another_one(
    patient: Patient, auth: Auth, now: datetime
) -> None:
    lost = make_session_token(patient.user, now)
    mine = sign_in(auth, patient.user.email).json()["meta"]["session_token"]
    listed = auth("get", "auth/sessions", "", mine).json()["data"]
    assert len(listed) == 2
    other = [row["id"] for row in listed if not row["is_current"]]

    assert auth("delete", "auth/sessions", {"sessions": other}, mine).status_code == 200

    assert ApiClient(lost).get("me").status_code == 401
    assert ApiClient(mine).get("me").status_code == 200


def test_an_inactive_person_is_out_at_once(patient: Patient, api: Api) -> None:
    phone = api(patient)
    User.objects.filter(pk=patient.user_id).update(is_active=False)
    assert phone.get("me").status_code == 401


@pytest.mark.parametrize("token", ["", "x" * 32, "é" * 40, "a" * 5000])
def test_no_token_or_a_made_up_one_gets_401_and_how_to_sign_in(db: None, token: str) -> None:
    answer = Client().get("/api/v1/me", headers={"X-Session-Token": token})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'X-Session-Token realm="api"'
    assert answer.json()["code"] == "not_authenticated"


def test_a_second_factor_is_asked_for_and_lets_a_therapist_in(therapist: User, auth: Auth) -> None:
    secret = enable_totp(therapist)
    half = sign_in(auth, therapist.email)
    token = half.json()["meta"]["session_token"]
    assert half.status_code == 401
    assert ApiClient(token).get("me").status_code == 401

    done = auth("post", "auth/2fa/authenticate", {"code": totp_code(secret)}, token)

    assert done.status_code == 200
    full = done.json()["meta"]["session_token"]
    assert ApiClient(full).post("invitations", {}).status_code == 201


def test_a_code_of_the_second_factor_works_once(therapist: User, auth: Auth) -> None:
    code = totp_code(enable_totp(therapist))
    answers = []
    for _ in range(2):
        token = sign_in(auth, therapist.email).json()["meta"]["session_token"]
        answers.append(auth("post", "auth/2fa/authenticate", {"code": code}, token).status_code)
    assert answers == [200, 400]


def test_a_code_that_changed_while_it_was_typed_is_still_good_an_older_one_is_not(
    therapist: User,
) -> None:
    secret = enable_totp(therapist)
    factor = Authenticator.objects.get(user=therapist).wrap()
    with time_machine.travel(clock.now(), tick=False):
        assert factor.validate_code(totp_code(secret, steps_ago=1))
        assert not factor.validate_code(totp_code(secret, steps_ago=2))


def test_the_secret_of_a_second_factor_is_not_in_the_database(therapist: User) -> None:
    secret = enable_totp(therapist)
    stored = Authenticator.objects.get(user=therapist).data["secret"]
    assert secret not in stored
    assert Authenticator.objects.get(user=therapist).wrap().validate_code(totp_code(secret))


def test_an_older_secret_key_still_opens_a_second_factor(therapist: User, settings: Any) -> None:
    secret = enable_totp(therapist)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key"
    assert Authenticator.objects.get(user=therapist).wrap().validate_code(totp_code(secret))


def test_a_therapist_without_second_factor_may_not_use_the_therapists_api(
    therapist: User, now: datetime
) -> None:
    client = ApiClient(make_session_token(therapist, now, second_factor=False))
    answer = client.post("invitations", {})
    assert answer.status_code == 403
    assert answer.json()["code"] == "second_factor_required"
