"""Messages and notes in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.accounts.models import User
from backend.dashboard.presenters.plan_order import Typed
from backend.dashboard.presenters.times import Moment, moment
from exercises.catalog import selectors as catalog
from exercises.conversation.models import CareMessage, CareNote


@dataclass(frozen=True)
class MessageLine:
    """A message. `named` are questions about red flags that its words seem to name."""

    id: UUID
    is_patients: bool
    by: str
    text: str
    at: Moment
    read: Moment | None
    named: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TalkScreen:
    """The page of messages, the newest first; `new_id` names what is written next, so that a
    second click writes it once. `older` is the address part of the page before."""

    notice: str
    lines: tuple[MessageLine, ...]
    unread: int
    newest: UUID | None
    new_id: UUID
    typed: Typed
    older: str


@dataclass(frozen=True)
class NoteLine:
    """A note; `is_over` where a later one corrects it."""

    id: UUID
    by: str
    text: str
    at: Moment
    is_correction: bool
    is_over: bool


@dataclass(frozen=True, kw_only=True)
class NotesScreen:
    """The page of notes, the newest first; `correcting` is the note that the form corrects."""

    lines: tuple[NoteLine, ...]
    new_id: UUID
    typed: Typed
    correcting: NoteLine | None
    older: str


def message_line(message: CareMessage, now: datetime, zone: str) -> MessageLine:
    """A message in the reader's zone; its author must be loaded or costs a query."""
    return MessageLine(
        id=message.id,
        is_patients=message.from_patient,
        by=_name(message.author),
        text=message.text,
        at=moment(message.sent_at, now, zone),
        read=moment(message.read_at, now, zone) if message.read_at else None,
        named=_questions(message.named),
    )


def note_line(note: CareNote, now: datetime, zone: str) -> NoteLine:
    """A note; its author and correction must be loaded or cost a query."""
    return NoteLine(
        id=note.pk,
        by=_name(note.author),
        text=note.text,
        at=moment(note.at, now, zone),
        is_correction=note.corrects_id is not None,
        is_over=getattr(note, "corrected_by", None) is not None,
    )


def _questions(codes: Sequence[str]) -> tuple[str, ...]:
    known = {symptom.code: symptom.question for symptom in catalog.symptoms()}
    return tuple(known.get(code, code) for code in codes)


def _name(user: User | None) -> str:
    return (user.name or user.email) if user else "Somebody who has left"
