"""Writing messages and notes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.accounts import audit
from backend.accounts.models import Patient, User
from backend.accounts.revisions import revision
from exercises.conversation.models import CareMessage, CareNote
from exercises.conversation.reading import red_flags_named
from exercises.conversation.selectors import has_care_team, message_of, unread_of


class NobodyThere(Exception):
    """Nobody looks after the patient: what she writes would be read by nobody."""


class OtherContent(Exception):
    """There is something else of that id."""


class AlreadyCorrected(Exception):
    """A later note corrects this one already; that one is to be corrected."""


@dataclass(frozen=True)
class Sent:
    """A message, and whether it was new."""

    message: CareMessage
    created: bool


def send_message(
    *,
    patient: Patient,
    message_id: UUID,
    text: str,
    by: User,
    now: datetime,
    trace_id: str = "",
) -> Sent:
    """Writes a message to the other side: from the patient herself, or from her care team.

    The same again changes nothing. What a patient's words seem to name is kept with the message.
    Raises `OtherContent`, `NobodyThere`.
    """
    from_patient = by.pk == patient.user_id
    with revision(patient.pk) as rev:
        known = message_of(patient.pk, message_id)
        if known is not None:
            if (known.text, known.author_id) != (text, by.pk):
                raise OtherContent
            return Sent(known, created=False)
        if from_patient and not has_care_team(patient.pk, now):
            raise NobodyThere
        message = CareMessage.objects.create(
            patient=patient,
            id=message_id,
            author=by,
            from_patient=from_patient,
            text=text,
            named=list(red_flags_named(text)) if from_patient else [],
            sent_at=now,
            rev=rev.take(),
        )
        _audit(patient, by, "message.sent", "message", message_id, now, trace_id)
    return Sent(message, created=True)


def read_messages(*, patient: Patient, upto: CareMessage, by: User, now: datetime) -> int:
    """Marks as read what the other side wrote up to and with `upto`; how many were unread."""
    unread = unread_of(patient.pk, by_patient=by.pk == patient.user_id).filter(row__lte=upto.row)
    if not unread.exists():
        return 0
    with revision(patient.pk) as rev:
        rows = [*unread]
        for row in rows:
            row.read_at, row.read_by, row.rev = now, by, rev.take()
        CareMessage.objects.bulk_update(rows, ["read_at", "read_by", "rev"])
    return len(rows)


def write_note(
    *,
    patient: Patient,
    note_id: UUID,
    text: str,
    corrects: CareNote | None = None,
    by: User,
    now: datetime,
    trace_id: str = "",
) -> tuple[CareNote, bool]:
    """Keeps a note of the care team, or the correction of one; the note, and whether it was new.

    The same again changes nothing. Raises `OtherContent`, `AlreadyCorrected`.
    """
    with revision(patient.pk):
        known = CareNote.objects.filter(pk=note_id).first()
        if known is not None:
            said = (known.patient_id, known.text, known.author_id, known.corrects_id)
            if said != (patient.pk, text, by.pk, corrects.pk if corrects else None):
                raise OtherContent
            return known, False
        if corrects is not None and CareNote.objects.filter(corrects=corrects).exists():
            raise AlreadyCorrected
        note = CareNote.objects.create(
            id=note_id, patient=patient, author=by, text=text, at=now, corrects=corrects
        )
        action = "note.corrected" if corrects else "note.written"
        _audit(patient, by, action, "note", note_id, now, trace_id)
    return note, True


def _audit(
    patient: Patient,
    by: User,
    action: str,
    kind: str,
    object_id: UUID,
    now: datetime,
    trace_id: str,
) -> None:
    audit.record(
        actor_id=by.pk,
        action=action,
        patient_id=patient.pk,
        object_kind=kind,
        object_id=str(object_id),
        trace_id=trace_id,
        now=now,
    )
