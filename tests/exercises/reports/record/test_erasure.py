"""Who erases herself is gone at once, from every table."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from backend.accounts.erasures.services import apply_again, erase_person
from backend.accounts.models import (
    CareRelationship,
    Clinic,
    KeptAnswer,
    Membership,
    Patient,
    StoredSession,
    User,
)
from backend.accounts.session_store import SessionStore
from exercises.reports.record.listing import all_models
from exercises.tracking.models import Fact
from notifications.models import Delivery, Message
from notifications.services import drain
from tests.client import ApiClient
from tests.exercises.reports.record.conftest import PAIN, filled_world, saddle
from tests.factories import PASSWORD
from tests.hostile.world import taken_back
from tests.notifications.rows import Recorder

Api = Callable[[User | Patient | None], ApiClient]
pytestmark = pytest.mark.usefixtures("erasures")
# What may still hold her id, and nothing else of her.
PSEUDONYMOUS = {"accounts.AuditEvent"}
# What belongs to her account, and not to her record.
STAYING = {
    "account.EmailAddress", "accounts.AuditEvent", "accounts.CalledIn",
    "accounts.CareRelationship", "accounts.Consent", "accounts.Invitation", "accounts.Patient",
    "accounts.StoredSession", "accounts.User", "mfa.Authenticator",
    "notifications.MailOptOut", "notifications.PushEndpoint", "usersessions.UserSession",
}  # fmt: skip


def rows_speaking_of(words: list[str]) -> dict[str, int]:
    """In which tables any column of a row has one of `words` in it, read as text."""
    found = {}
    for label, model in all_models().items():
        rows = [str([str(cell) for cell in row]) for row in model._base_manager.values_list()]
        if count := sum(any(word in row for word in words) for row in rows):
            found[label] = count
    return found


def names_of(user: User) -> list[str]:
    return [str(user.pk), user.pk.hex, repr(user.pk), user.email]


# --- DELETE /me ---------------------------------------------------------------------------------


def test_all_that_is_hers_goes_and_her_data_alone_where_she_asks_for_that(
    now: datetime, db: None, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    world = filled_world(now)
    words = names_of(world.patient.user)
    assert len(rows_speaking_of(words)) > 30
    with taken_back():
        assert world.clients["patient"].delete("me/data", {"password": PASSWORD}).status_code == 204
        assert set(rows_speaking_of(words)) == STAYING
        assert world.clients["patient"].get("me").status_code == 200
        assert world.clients["therapist"].get(f"patients/{world.patient.pk}").status_code == 200
    assert world.clients["patient"].delete("me", {"password": PASSWORD}).status_code == 204
    assert set(rows_speaking_of(words)) == PSEUDONYMOUS
    assert User.objects.filter(pk=world.therapist.pk).exists()


def test_her_sessions_end_with_her(api: Api, patient: Patient) -> None:
    phone, tablet = api(patient), api(patient)
    assert phone.delete("me", {"password": PASSWORD}).status_code == 204
    assert [one.get("me").status_code for one in (phone, tablet)] == [401, 401]
    assert tablet.put(f"me/pain-reports/{uuid4()}", PAIN).status_code == 401


def test_nobody_elses_data_go_with_hers(
    api: Api, patient: Patient, other_patient: Patient, therapist: User
) -> None:
    assert api(other_patient).put(f"me/pain-reports/{uuid4()}", PAIN).status_code == 201
    assert api(patient).delete("me", {"password": PASSWORD}).status_code == 204
    assert Fact.objects.filter(patient=other_patient).count() == 1
    assert api(other_patient).get("me").status_code == 200
    assert api(therapist).get(f"patients/{patient.pk}").status_code == 404


def test_a_wrong_password_erases_nothing_and_is_limited(api: Api, patient: Patient) -> None:
    client = api(patient)
    answers = [client.delete("me", {"password": "guess"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert answers[0].json()["code"] == "wrong_password"
    assert Patient.objects.filter(pk=patient.pk).exists()


def test_a_session_alone_is_no_proof_but_a_recent_sign_in_is(
    api: Api, patient: Patient, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    client = api(patient)
    set_clock(now + timedelta(minutes=5))
    refused = client.delete("me")
    assert (refused.status_code, refused.json()["code"]) == (403, "proof_required")
    assert refused.json()["retry"] == "after_auth"
    set_clock(now + timedelta(minutes=4, seconds=59))
    assert client.delete("me").status_code == 204


@pytest.mark.parametrize("path", ["me", "me/data"])
def test_a_body_that_is_none_is_answered_clearly(api: Api, patient: Patient, path: str) -> None:
    answer = api(patient).delete(path, {"pasword": PASSWORD})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/pasword")


def test_a_repeated_erasure_is_harmless(api: Api, patient: Patient) -> None:
    client = api(patient)
    body = {"password": PASSWORD}
    assert client.delete("me", body, Idempotency_Key="erase-me").status_code == 204
    assert client.delete("me", body, Idempotency_Key="erase-me").status_code == 401


def test_an_erasure_asks_the_same_number_of_queries_however_long_the_record_is(
    api: Api, patient: Patient, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client = api(patient)
    for _ in range(4):
        client.put(f"me/symptom-reports/{uuid4()}", saddle(str(uuid4())))
    with django_assert_max_num_queries(170):
        assert client.delete("me", {"password": PASSWORD}).status_code == 204


def test_whoever_works_at_a_clinic_is_not_erased(api: Api, therapist: User) -> None:
    answer = api(therapist).delete("me", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "still_employed")


def test_whoever_worked_at_a_clinic_leaves_an_empty_row(
    api: Api, therapist: User, patient: Patient, now: datetime
) -> None:
    Membership.objects.filter(user=therapist).update(ended_at=now)
    words = [therapist.email, therapist.name]
    client = api(therapist)
    assert client.delete("me", {"password": PASSWORD}).status_code == 204
    assert rows_speaking_of(words) == {}
    held = User.objects.get(pk=therapist.pk)
    assert (held.is_active, held.has_usable_password()) == (False, False)
    assert client.get("me").status_code == 401
    assert CareRelationship.objects.filter(patient=patient).count() == 1
    assert apply_again(now=now) == (0, 0)


def test_a_sign_up_that_is_under_way_goes_as_well(patient: Patient, now: datetime) -> None:
    session = SessionStore()
    session["account_login"] = {"email": patient.user.email}
    session.save()
    other = SessionStore()
    other["account_login"] = {"email": "somebody@example.org"}
    other.save()
    erase_person(user_id=patient.pk, now=now)
    assert [row.session_key for row in StoredSession.objects.all()] == [other.session_key]


# --- DELETE /me/data -----------------------------------------------------------------------------


def test_her_phones_start_over_and_do_not_send_it_again(api: Api, patient: Patient) -> None:
    client = api(patient)
    client.put(f"me/pain-reports/{uuid4()}", PAIN)
    cursor = client.get("sync/pull").json()["cursor"]
    head = Patient.objects.get(pk=patient.pk).rev
    assert client.delete("me/data", {"password": PASSWORD}).status_code == 204
    gone = client.get(f"sync/pull?cursor={cursor}")
    assert (gone.status_code, gone.json()["reason"]) == (410, "replaced")
    fresh = client.get("sync/pull").json()
    assert {change["entity"] for change in fresh["changes"]} == {"profile"}
    assert Patient.objects.get(pk=patient.pk).rev > head
    again = client.put(f"me/pain-reports/{uuid4()}", PAIN)
    assert again.status_code == 201
    assert client.get(f"sync/pull?cursor={fresh['cursor']}").json()["changes"] != []


def test_a_repeated_deletion_deletes_once(api: Api, patient: Patient) -> None:
    client, body = api(patient), {"password": PASSWORD}
    client.post("me/exports", Idempotency_Key="an-export")
    first = client.delete("me/data", body, Idempotency_Key="delete-it")
    client.put(f"me/pain-reports/{uuid4()}", PAIN)
    again = client.delete("me/data", body, Idempotency_Key="delete-it")
    assert (first.status_code, again.status_code) == (204, 204)
    assert Fact.objects.filter(patient=patient).count() == 1
    assert KeptAnswer.objects.count() == 1


def test_only_a_patient_has_data_to_delete(api: Api, therapist: User) -> None:
    assert api(therapist).delete("me/data", {"password": PASSWORD}).status_code == 403


# --- an open alert --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["me", "me/data"])
def test_the_therapist_of_an_open_emergency_is_told_without_content(
    api: Api, patient: Patient, therapist: User, path: str, now: datetime
) -> None:
    api(patient).put(f"me/symptom-reports/{uuid4()}", saddle("it is numb"))
    assert api(patient).delete(path, {"password": PASSWORD}).status_code == 204
    drain(now=now, channels={"in_app": Recorder(), "email": Recorder()})
    (told,) = api(therapist).get("me/notifications").json()["items"]
    assert (told["kind"], told["level"], told["rule"]) == ("patient_left", "emergency_now", "")
    assert "deleted her data" in told["title"]
    row = Message.objects.get(kind="patient_left")
    assert (row.patient_id, row.alert_id, row.content) == (None, None, {})
    assert str(patient.pk) not in row.key
    assert {one.channel for one in Delivery.objects.filter(message=row)} >= {"in_app", "email"}


def test_without_an_open_red_flag_nobody_is_told(
    api: Api, patient: Patient, therapist: User
) -> None:
    api(patient).put(f"me/pain-reports/{uuid4()}", PAIN)
    assert api(patient).delete("me", {"password": PASSWORD}).status_code == 204
    assert not Message.objects.filter(kind="patient_left").exists()


# --- what is left on the disk ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_not_even_the_database_file_holds_her_words(
    patient: Patient, clinic: Clinic, now: datetime, api: Api
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps what it deleted until it vacuums")
    canary = "a-word-of-hers-7c1e"
    api(patient).put(f"me/pain-reports/{uuid4()}", PAIN | {"note": canary})
    file = Path(str(connection.settings_dict["NAME"]))
    held = [path for path in (file, file.with_name(f"{file.name}-wal")) if path.exists()]
    assert any(canary.encode() in path.read_bytes() for path in held)
    erase_person(user_id=patient.pk, now=now)
    assert not any(canary.encode() in path.read_bytes() for path in held)
