"""What was written, on the patient's timeline."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.accounts.models import User
from exercises.conversation.models import CareMessage, CareNote
from exercises.triage.history.sources import Source, add_source


def _messages(patient_id: UUID) -> QuerySet[CareMessage]:
    return CareMessage.objects.filter(patient=patient_id).select_related("author")


def _notes(patient_id: UUID) -> QuerySet[CareNote]:
    return CareNote.objects.filter(patient=patient_id).select_related("author")


def _message(row: CareMessage) -> dict[str, Any]:
    return {"id": row.id, "from_patient": row.from_patient, "text": row.text}


def _note(row: CareNote) -> dict[str, Any]:
    return {"text": row.text, "corrects": row.corrects_id}


def _writer(row: CareMessage) -> User | None:
    return None if row.from_patient else row.author


add_source(Source("message", "messages", "sent_at", _messages, _message, _writer))
add_source(Source("care_note", "notes", "at", _notes, _note, lambda row: row.author))
