"""Erases a person, or her data alone: every row that is hers, in one transaction."""

import contextlib
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from backend.accounts import audit
from backend.accounts.erasures import ledger
from backend.accounts.erasures.traces import remove_loose_ends
from backend.accounts.models import (
    CareRelationship,
    Invitation,
    KeptAnswer,
    Leave,
    Membership,
    Patient,
    User,
)
from backend.accounts.revisions import revision
from backend.accounts.signals import data_going
from backend.core.crashpoints import reached
from backend.core.progress import Say

# What belongs to her account and not to her record, when she deletes her data and keeps the account.
WITH_THE_ACCOUNT = ("accounts.CareRelationship", "accounts.CalledIn", "accounts.Consent")
# An erasure that is still unfinished after this long is not under way any more.
UNFINISHED = timedelta(minutes=10)


class StillEmployed(Exception):
    """Somebody who works at a clinic: the clinic ends that first."""


def erase_person(*, user_id: UUID, now: datetime) -> None:
    """Erases a person with everything that is hers; her sessions end with it.

    Whoever worked at a clinic before leaves a row without name, address or password, since other
    people's records point to it. Raises `StillEmployed`, `ledger.LedgerUnwritable`.
    """
    with _noted(user_id, "person", now):
        _erase(user_id, now)


def delete_data(*, user_id: UUID, now: datetime) -> None:
    """Deletes a patient's record; account, care and consents stay, and the record begins anew.

    Raises `PatientMissing`, `ledger.LedgerUnwritable`.
    """
    with _noted(user_id, "data", now):
        _delete_data(user_id, now)


def apply_again(
    *, now: datetime, paths: Iterable[Path] = (), say: Say | None = None
) -> tuple[int, int]:
    """Erases again whom the ledger names and a restored database still holds; how many people, and
    how many people's data."""
    people = data = 0
    named = [*ledger.standing(ledger.erasures(paths))]
    for number, entry in enumerate(named, 1):
        if say:
            say("erasures", number, len(named))
        if _is_done(entry):
            continue
        if entry.what == "person":
            _erase(entry.subject, now, by_the_ledger=True)
            people += 1
        else:
            _delete_data(entry.subject, entry.at)
            data += 1
    _forget_pages()
    return people, data


def settle(*, now: datetime) -> int:
    """Finishes the ledger's account of erasures whose process died: done where the database says
    so, else void. How many."""
    unfinished = [
        entry
        for entry in ledger.erasures()
        if entry.step == "asked" and now - entry.at >= UNFINISHED
    ]
    for entry in unfinished:
        ledger.finish(entry, "done" if _is_done(entry) else "void")
    return len(unfinished)


@contextlib.contextmanager
def _noted(user_id: UUID, what: ledger.What, now: datetime) -> Iterator[None]:
    entry = ledger.ask(subject=user_id, what=what, now=now)
    reached("erasure.asked")
    try:
        yield
    except BaseException:
        _void_unless_done(entry)
        raise
    # Where this is a part of a larger transaction, it is done only with that.
    transaction.on_commit(partial(_done, entry))


def _done(entry: ledger.Entry) -> None:
    reached("erasure.committed")
    _forget_pages()
    # What was asked for and is not void is erased again after a restore in any case.
    with contextlib.suppress(ledger.LedgerUnwritable):
        ledger.finish(entry, "done")


def _void_unless_done(entry: ledger.Entry) -> None:
    try:
        is_done = _is_done(entry)
    except DatabaseError:
        # Nobody knows: it stays open until `settle` can ask.
        return
    ledger.finish(entry, "done" if is_done else "void")


def _is_done(entry: ledger.Entry) -> bool:
    if entry.what == "import":
        return User.objects.filter(pk=entry.subject).exists()
    if entry.what == "person":
        person = User.objects.filter(pk=entry.subject).first()
        return person is None or person.email == _nobody(entry.subject)
    hers = Patient.objects.filter(pk=entry.subject)
    return not hers.exists() or hers.filter(data_deleted_at__gte=entry.at).exists()


@transaction.atomic
def _erase(user_id: UUID, now: datetime, *, by_the_ledger: bool = False) -> None:
    # Locked as whole rows: who writes something that points to them waits, and finds them gone.
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        return
    if not by_the_ledger and user.memberships.filter(ended_at=None).exists():
        raise StillEmployed
    patient = Patient.objects.select_for_update().filter(pk=user_id).first()
    if patient is not None:
        data_going.send(sender=Patient, patient=patient, now=now)
    remove_loose_ends(user)
    if _is_in_others_records(user):
        _empty(user, patient, now)
    else:
        user.delete()
    audit.record(actor_id=user_id, action="person.erased", patient_id=user_id, now=now)
    reached("erasure.before_commit")


def _delete_data(user_id: UUID, at: datetime) -> None:
    with revision(user_id):
        patient = Patient.objects.select_for_update().get(pk=user_id)
        data_going.send(sender=Patient, patient=patient, now=at)
        for relation in Patient._meta.related_objects:
            model = relation.related_model
            if not isinstance(model, str) and model._meta.label not in WITH_THE_ACCOUNT:
                model._base_manager.filter(**{relation.field.name: patient}).delete()
        # Not the one of this very call, which is empty while it runs.
        KeptAnswer.objects.filter(user=user_id, answer__isnull=False).delete()
        Patient.objects.filter(pk=user_id).update(
            last_report_at=None,
            last_synced_at=None,
            life=secrets.token_hex(8),
            data_deleted_at=at,
        )
        audit.record(actor_id=user_id, action="data.deleted", patient_id=user_id, now=at)


def _is_in_others_records(user: User) -> bool:
    return (
        Membership.objects.filter(user=user).exists()
        or CareRelationship.objects.filter(therapist=user).exists()
        or Invitation.objects.filter(therapist=user).exists()
        or Leave.objects.filter(membership__user=user).exists()
    )


def _empty(user: User, patient: Patient | None, now: datetime) -> None:
    """Leaves the row, which says nothing about her any more."""
    user.memberships.filter(ended_at=None).update(ended_at=now)
    if patient is not None:
        patient.delete()
    for relation in User._meta.related_objects:
        model = relation.related_model
        if not isinstance(model, str) and model._meta.label in _OF_THE_ACCOUNT:
            model._base_manager.filter(**{relation.field.name: user}).delete()
    user.email, user.name, user.country = _nobody(user.pk), "", ""
    user.time_zone, user.language = "UTC", "en"
    user.is_active, user.last_login = False, None
    user.set_unusable_password()
    user.save()


_OF_THE_ACCOUNT = (
    "account.EmailAddress",
    "accounts.KeptAnswer",
    "accounts.StoredSession",
    "mfa.Authenticator",
    "notifications.DigestPlan",
    "notifications.MailOptOut",
    "notifications.Message",
    "notifications.PushEndpoint",
    "usersessions.UserSession",
)


def _nobody(user_id: UUID) -> str:
    return f"{user_id}@erased.invalid"


def _forget_pages() -> None:
    """SQLite overwrites what it deletes (secure_delete); the pages that its log still holds go with
    the log. Where somebody reads at this moment, it goes with the next checkpoint."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
