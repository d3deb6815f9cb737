"""Who erases herself is gone at once, from every table, and stays gone after a restore."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from pytest_django.fixtures import Settings

from backend.accounts.erasures import ledger, services
from backend.accounts.erasures.services import apply_again, delete_data, erase_person, settle
from backend.accounts.models import (
    AuditEvent,
    CareRelationship,
    Clinic,
    KeptAnswer,
    Membership,
    Patient,
    StoredSession,
    User,
)
from backend.accounts.restoring import erase_again
from backend.accounts.session_store import SessionStore
from exercises.reports.record.listing import all_models
from exercises.tracking.models import Fact
from notifications.models import Delivery, Message
from notifications.services import drain
from tests.client import ApiClient
from tests.exercises.reports.record.conftest import filled_world, saddle
from tests.factories import PASSWORD
from tests.hostile.example import DAY
from tests.hostile.world import taken_back
from tests.notifications.rows import Recorder

Api = Callable[[User | Patient | None], ApiClient]
PAIN = DAY | {"site": "knee", "kind": "now", "score": 3}
# What may still hold her id, and nothing else of her.
PSEUDONYMOUS = {"accounts.AuditEvent"}
# What belongs to her account, and not to her record.
STAYING = {
    "account.EmailAddress", "accounts.AuditEvent", "accounts.CalledIn",
    "accounts.CareRelationship", "accounts.Consent", "accounts.Invitation", "accounts.Patient",
    "accounts.StoredSession", "accounts.User", "mfa.Authenticator",
    "notifications.MailOptOut", "notifications.PushEndpoint", "usersessions.UserSession",
}  # fmt: skip


@pytest.fixture(autouse=True)
def erasures(settings: Settings, tmp_path: Path) -> Path:
    """The ledger of this test."""
    settings.ERASURE_LEDGER = tmp_path / "erasures.jsonl"
    return tmp_path / "erasures.jsonl"


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


# --- the ledger ----------------------------------------------------------------------------------


def test_the_ledger_says_who_and_when_and_nothing_else(
    patient: Patient, now: datetime, erasures: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(user_id=patient.pk, now=now)
    (entry,) = ledger.erasures()
    assert (entry.subject, entry.what, entry.step, entry.at) == (patient.pk, "person", "done", now)
    assert erasures.stat().st_mode & 0o777 == 0o600
    assert patient.user.email not in erasures.read_text()
    assert [*AuditEvent.objects.filter(action="person.erased").values_list("patient_id")] == [
        (patient.pk,)
    ]


def _as_in_a_backup(patient: Patient, now: datetime) -> None:
    """Puts the person back as a restored database has her."""
    User(id=patient.pk, email="back@example.org", joined_at=now).save(force_insert=True)
    Patient.objects.create(id=patient.pk, user_id=patient.pk, created_at=now)


def test_a_restore_brings_nobody_back(patient: Patient, now: datetime) -> None:
    erase_person(user_id=patient.pk, now=now)
    _as_in_a_backup(patient, now)
    assert "erased again" in erase_again(now + timedelta(days=1))
    assert not User.objects.filter(pk=patient.pk).exists()


def test_a_restore_brings_no_deleted_data_back(api: Api, patient: Patient, now: datetime) -> None:
    api(patient).put(f"me/pain-reports/{uuid4()}", PAIN)
    delete_data(user_id=patient.pk, now=now + timedelta(hours=1))
    Patient.objects.filter(pk=patient.pk).update(data_deleted_at=None)
    api(patient).put(f"me/pain-reports/{uuid4()}", PAIN)
    assert apply_again(now=now + timedelta(days=1)) == (0, 1)
    assert not Fact.objects.filter(patient=patient).exists()


def test_what_was_reported_since_the_deletion_stays(
    api: Api, patient: Patient, now: datetime
) -> None:
    delete_data(user_id=patient.pk, now=now)
    api(patient).put(f"me/pain-reports/{uuid4()}", PAIN)
    assert apply_again(now=now + timedelta(days=1)) == (0, 0)
    assert Fact.objects.filter(patient=patient).count() == 1


def test_ledgers_of_other_machines_are_read_as_well(
    patient: Patient, now: datetime, tmp_path: Path, settings: Settings
) -> None:
    erase_person(user_id=patient.pk, now=now)
    _as_in_a_backup(patient, now)
    elsewhere, settings.ERASURE_LEDGER = settings.ERASURE_LEDGER, tmp_path / "mine.jsonl"
    said = StringIO()
    call_command("apply_erasures", str(elsewhere), stdout=said)
    assert said.getvalue() == "1 people erased again, the data of 0 deleted again.\n"
    with pytest.raises(CommandError, match="no file"):
        call_command("apply_erasures", str(tmp_path / "none"))


def test_an_erasure_that_failed_is_void(
    patient: Patient, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_user: User) -> None:
        raise DatabaseError

    monkeypatch.setattr(services, "remove_loose_ends", broken)
    with pytest.raises(DatabaseError), transaction.atomic():
        erase_person(user_id=patient.pk, now=now)
    assert [entry.step for entry in ledger.erasures()] == ["void"]
    assert apply_again(now=now) == (0, 0)


@pytest.mark.parametrize(("is_gone", "step"), [(True, "done"), (False, "void")])
def test_an_erasure_whose_process_died_is_settled_by_the_database(
    patient: Patient, now: datetime, is_gone: bool, step: str
) -> None:
    asked = ledger.ask(subject=patient.pk, what="person", now=now)
    assert ledger.standing([asked]) == [asked]
    if is_gone:
        patient.user.delete()
    assert settle(now=now + timedelta(minutes=9)) == 0
    assert settle(now=now + timedelta(minutes=10)) == 1
    assert [entry.step for entry in ledger.erasures()] == [step]
    assert settle(now=now + timedelta(days=1)) == 0


def test_a_line_that_was_cut_off_hides_no_other(
    patient: Patient, now: datetime, erasures: Path
) -> None:
    erasures.write_text('{"erasure": "0')
    erase_person(user_id=patient.pk, now=now)
    assert [entry.subject for entry in ledger.erasures()] == [patient.pk]


def test_nothing_is_erased_where_the_ledger_cannot_be_written(
    api: Api, patient: Patient, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.ERASURE_LEDGER = tmp_path / "file" / "erasures.jsonl"
    answer = api(patient).delete("me", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (503, "erasure_unavailable")
    assert User.objects.filter(pk=patient.pk).exists()


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
