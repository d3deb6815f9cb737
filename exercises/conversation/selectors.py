"""Reads of messages and notes; whoever asks has been let through by `access`."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from backend.accounts.access import caseload, is_open
from backend.accounts.models import CareRelationship, User
from exercises.conversation.models import CareMessage, CareNote


def messages_of(patient_id: UUID) -> QuerySet[CareMessage]:
    """What was written to and fro, the newest first."""
    return (
        CareMessage.objects.filter(patient_id=patient_id)
        .select_related("author", "read_by")
        .order_by("-row")
    )


def message_of(patient_id: UUID, message_id: UUID) -> CareMessage | None:
    """The message of that id."""
    return messages_of(patient_id).filter(id=message_id).first()


def unread_of(patient_id: UUID, *, by_patient: bool) -> QuerySet[CareMessage]:
    """What the patient (else her care team) has not read yet."""
    written = CareMessage.objects.filter(patient_id=patient_id, read_at=None)
    return written.filter(from_patient=not by_patient)


def unread_by_team(user: User, now: datetime) -> dict[UUID, int]:
    """How many messages of each patient in this therapist's care nobody of the team has read."""
    hers = caseload(user, now).filter(pk=OuterRef("patient_id"))
    rows = CareMessage.objects.filter(Exists(hers), from_patient=True, read_at=None)
    return dict(rows.values_list("patient").annotate(Count("row")).order_by())


def has_care_team(patient_id: UUID, now: datetime) -> bool:
    """Whether anybody looks after the patient, and so might read what she writes."""
    return CareRelationship.objects.filter(is_open(now), patient=patient_id).exists()


def notes_of(patient_id: UUID) -> QuerySet[CareNote]:
    """The care team's notes, corrected ones too, the newest first."""
    rows = CareNote.objects.filter(patient_id=patient_id)
    return rows.select_related("author", "corrected_by").order_by("-at", "-id")


def note_of(patient_id: UUID, note_id: UUID) -> CareNote | None:
    """One of them."""
    return notes_of(patient_id).filter(pk=note_id).first()


def unrelayed() -> QuerySet[CareMessage]:
    """What nobody told the other side of yet, oldest first."""
    return CareMessage.objects.filter(relayed_at=None).order_by("row")


def still_unread(ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """Those of the messages of these ids that the other side has not read, with their patients."""
    rows = CareMessage.objects.filter(id__in=list(ids), read_at=None)
    return set(rows.values_list("patient_id", "id"))
