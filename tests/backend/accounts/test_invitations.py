"""From a therapist's invitation to a care relationship."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from pytest_django import DjangoAssertNumQueries

from backend.accounts.access import patients_visible_to
from backend.accounts.codes import ALPHABET, code_hash, new_code
from backend.accounts.consents import granted
from backend.accounts.models import (
    AuditEvent,
    CareRelationship,
    Clinic,
    Invitation,
    Membership,
    Patient,
    Role,
    User,
)
from backend.accounts.services import INVITATION_LASTS, employ, end_care, invite
from tests.client import ApiClient
from tests.factories import make_clinic, make_therapist

Api = Callable[[Any], ApiClient]
UNKNOWN = "BBBBB-BBBBB"


@pytest.fixture
def code(stranger: User, clinic: Clinic, now: datetime) -> str:
    """An open invitation into the care of `stranger`."""
    return invite(clinic=clinic, therapist=stranger, now=now)[1]


def accept(client: ApiClient, code: str) -> Any:
    return client.post(f"invitations/{code}/accept")


def without_trace(answer: Any) -> Any:
    return answer.status_code, {**answer.json(), "trace_id": ""}


def test_a_therapist_invites_and_a_patient_comes_into_her_care(
    api: Api, stranger: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    made = api(stranger).post("invitations", {})
    assert made.status_code == 201
    assert datetime.fromisoformat(made.json()["expires_at"]) == now + INVITATION_LASTS

    answer = accept(api(patient), made.json()["code"])

    assert answer.status_code == 200
    assert answer.json()["clinic"] == {"id": str(clinic.pk), "name": clinic.name}
    assert answer.json()["therapist"] == stranger.name
    assert patients_visible_to(stranger, now).get() == patient
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["invitation.made", "care.started"]


def test_only_the_hash_of_a_code_is_kept(code: str) -> None:
    invitation = Invitation.objects.get()
    assert code not in str(vars(invitation))
    assert invitation.code_hash == code_hash(code)


def test_a_code_may_be_typed_in_small_letters_and_without_the_dash(
    api: Api, patient: Patient, code: str
) -> None:
    assert accept(api(patient), code.lower().replace("-", "")).status_code == 200


def test_accepting_again_is_harmless(
    api: Api, patient: Patient, code: str, set_clock: Callable[[datetime], None], now: datetime
) -> None:
    phone = api(patient)
    first = accept(phone, code)
    set_clock(now + INVITATION_LASTS * 2)
    again = accept(phone, code)
    assert (again.status_code, again.json()) == (200, first.json())
    assert CareRelationship.objects.count() == 1


def test_accepting_again_does_not_reopen_care_that_ended(
    api: Api, patient: Patient, code: str, now: datetime
) -> None:
    phone = api(patient)
    first = accept(phone, code)
    end_care(care=CareRelationship.objects.get(), by=patient.user_id, now=now)
    assert accept(phone, code).json() == first.json()
    assert not CareRelationship.objects.filter(ended_at=None).exists()


def test_used_expired_and_unknown_codes_get_one_answer(
    api: Api,
    patient: Patient,
    other_patient: Patient,
    stranger: User,
    clinic: Clinic,
    code: str,
    now: datetime,
) -> None:
    accept(api(patient), code)
    _, expired = invite(clinic=clinic, therapist=stranger, now=now - INVITATION_LASTS)
    phone = api(other_patient)
    answers = [without_trace(accept(phone, tried)) for tried in (code, expired, UNKNOWN, "%00é")]
    assert answers[0][0] == 404
    assert answers[0][1]["code"] == "invitation_invalid"
    assert answers == [answers[0]] * 4
    assert not CareRelationship.objects.filter(patient=other_patient).exists()


def test_the_invitation_of_a_therapist_who_left_does_not_work(
    api: Api, patient: Patient, code: str, now: datetime
) -> None:
    Membership.objects.update(ended_at=now)
    assert accept(api(patient), code).status_code == 404


def test_a_code_works_until_the_instant_it_expires(
    api: Api, patient: Patient, code: str, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    phone = api(patient)
    set_clock(now + INVITATION_LASTS)
    assert accept(phone, code).status_code == 404
    set_clock(now + INVITATION_LASTS - timedelta(seconds=1))
    assert accept(phone, code).status_code == 200


def test_every_failure_takes_the_same_statements(
    api: Api, patient: Patient, other_patient: Patient, code: str, django_assert_num_queries: Any
) -> None:
    accept(api(patient), code)
    phone = api(other_patient)
    for tried in (code, UNKNOWN):
        with django_assert_num_queries(8):
            accept(phone, tried)


def test_a_patients_invitation_is_for_patients_and_only_a_therapist_invites(
    api: Api, stranger: User, patient: Patient, code: str
) -> None:
    refused = accept(api(stranger), code)
    assert without_trace(refused) == without_trace(accept(api(stranger), UNKNOWN))
    assert refused.status_code == 404
    assert api(patient).post("invitations", {}).status_code == 403
    assert accept(api(None), code).status_code == 401
    assert api(None).post("invitations", {}).status_code == 401


def test_a_therapist_of_two_clinics_names_one(
    api: Api, stranger: User, clinic: Clinic, now: datetime
) -> None:
    second = make_clinic(now=now, name="Second")
    employ(user=stranger, clinic=second, role=Role.THERAPIST, now=now)
    client = api(stranger)
    unnamed = client.post("invitations", {})
    assert unnamed.status_code == 400
    assert unnamed.json()["errors"][0]["pointer"] == "/clinic"
    named = client.post("invitations", {"clinic": str(second.pk)})
    assert named.json()["clinic"]["name"] == "Second"


@pytest.mark.parametrize(
    "body",
    [
        {"clinic": "019a0000-0000-7000-8000-000000000000"},
        {"clinic": 1},
        {"therapist": "x"},
        [],
        "a",
        b"{",
        b"\xff",
    ],
)
def test_a_bad_invitation_request_says_what_is_wrong(api: Api, stranger: User, body: Any) -> None:
    answer = api(stranger).post("invitations", body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Invitation.objects.exists()


def test_accepting_takes_a_bounded_number_of_queries(
    api: Api, patient: Patient, code: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    phone = api(patient)
    with django_assert_max_num_queries(22):
        accept(phone, code)


def test_codes_are_long_and_unambiguous() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {11}
    assert set("".join(codes)) == {*ALPHABET, "-"}
    assert not set("01ILOUV") & set(ALPHABET)


def test_a_code_is_of_no_use_without_a_confirmed_address(
    api: Api, patient: Patient, code: str
) -> None:
    EmailAddress.objects.filter(user=patient.user).update(verified=False)
    refused = accept(api(patient), code)
    assert (refused.status_code, refused.json()["code"]) == (403, "email_unconfirmed")
    EmailAddress.objects.filter(user=patient.user).update(verified=True)
    assert accept(api(patient), code).status_code == 200


def test_joining_asks_for_consent_and_an_answer_given_there_counts(
    api: Api, patient: Patient, code: str, now: datetime
) -> None:
    phone = api(patient)
    joined = phone.post(f"invitations/{code}/accept", {"consents": {"notes": False}})
    assert (joined.status_code, joined.json()["role"]) == (200, "patient")
    assert granted(patient.pk, "diary", now)
    assert not granted(patient.pk, "notes", now)


def test_joining_a_second_clinic_keeps_the_first_unless_she_says_so(
    api: Api, patient: Patient, therapist: User, now: datetime
) -> None:
    elsewhere = make_clinic(now=now, name="Hill Clinic")
    new = make_therapist(now=now, clinic=elsewhere)
    _, code = invite(clinic=elsewhere, therapist=new, now=now)
    assert accept(api(patient), code).status_code == 200
    assert patients_visible_to(therapist, now).get() == patient


@pytest.mark.parametrize(
    "body", [{"leave_others": "yes"}, {"consents": {"reminders": True}}, {"code": "x"}]
)
def test_what_is_added_to_joining_must_fit(
    api: Api, patient: Patient, code: str, body: dict[str, Any]
) -> None:
    assert api(patient).post(f"invitations/{code}/accept", body).status_code == 400
    assert not CareRelationship.objects.exists()


def test_codes_cannot_be_guessed_and_good_ones_are_not_counted(
    api: Api,
    patient: Patient,
    code: str,
    now: datetime,
    set_clock: Callable[[datetime], None],
) -> None:
    client = api(patient)
    answers = [accept(client, UNKNOWN).status_code for _ in range(9)]
    assert [*answers, accept(client, code).status_code] == [404] * 9 + [200]
    assert [accept(client, UNKNOWN).status_code for _ in range(2)] == [404, 429]
    refused = client.post(f"invitations/{code}/accept", Idempotency_Key="once-more")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    set_clock(now + timedelta(seconds=int(refused["Retry-After"])))
    assert accept(client, code).status_code == 200


def test_tries_of_one_account_are_not_anothers(
    api: Api, patient: Patient, other_patient: Patient, code: str
) -> None:
    for _ in range(11):
        accept(api(other_patient), UNKNOWN)
    assert accept(api(patient), code).status_code == 200
