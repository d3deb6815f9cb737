"""Messages and notes on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from backend.accounts.models import User
from backend.accounts.readers import Reader
from backend.core.wire import PLAIN, Wire
from exercises.catalog import selectors as catalog
from exercises.conversation.models import CareMessage, CareNote
from exercises.conversation.reading import wording

MessageText = Annotated[str, Meta(min_length=1, max_length=2000, pattern=PLAIN)]
NoteText = Annotated[str, Meta(min_length=1, max_length=4000, pattern=PLAIN)]


class MessageBody(Wire, frozen=True, kw_only=True):
    """What is written; plain text."""

    text: MessageText


class ReadUpTo(Wire, frozen=True, kw_only=True):
    """The newest message that was read."""

    up_to: UUID


class ReadCount(Wire, frozen=True, kw_only=True):
    """How many messages became read by it."""

    read: int


class MessageView(Wire, frozen=True, kw_only=True):
    """A message. `by` is absent where its author's account is gone; `named` are codes of red flags
    that the words of a patient seem to name."""

    id: UUID
    rev: int
    sender: Literal["patient", "care_team"] = field(name="from")
    by: str | UnsetType = UNSET
    text: str
    named: list[str]
    sent_at: datetime
    read_at: datetime | UnsetType = UNSET


class MessagePage(Wire, frozen=True, kw_only=True):
    """A page of messages, the newest first. `unread` counts those that the reader's side has not
    read; `notice` is to be shown beside them at all times."""

    items: list[MessageView]
    next_cursor: str | None
    unread: int
    notice: str


class SymptomToAsk(Wire, frozen=True, kw_only=True):
    """A symptom that a message seems to name, with the question that is judged."""

    code: str
    question: str


class Pointer(Wire, frozen=True, kw_only=True):
    """Shown at once where a message seems to name a red flag: it was not judged, so the symptom
    questions are to be answered (PUT /me/symptom-reports/{id})."""

    message: str
    emergency_number: str
    symptoms: list[SymptomToAsk]


class SentMessage(Wire, frozen=True, kw_only=True):
    """A message as it was taken; `ask` is null unless its words seem to name a red flag."""

    message: MessageView
    ask: Pointer | None
    notice: str


class NoteBody(Wire, frozen=True, kw_only=True):
    """What is noted; with `corrects`, in the place of that note, which stays to be read."""

    text: NoteText
    corrects: UUID | UnsetType = UNSET


class NoteView(Wire, frozen=True, kw_only=True):
    """A note of the care team. One with `corrected_by` no longer holds."""

    id: UUID
    by: str | UnsetType = UNSET
    text: str
    at: datetime
    corrects: UUID | UnsetType = UNSET
    corrected_by: UUID | UnsetType = UNSET


class NotePage(Wire, frozen=True, kw_only=True):
    """A page of notes, the newest first."""

    items: list[NoteView]
    next_cursor: str | None


def message_view(message: CareMessage) -> MessageView:
    """A message as it travels; its author must be loaded or costs a query."""
    return MessageView(
        id=message.id,
        rev=message.rev,
        sender="patient" if message.from_patient else "care_team",
        by=_name(message.author),
        text=message.text,
        named=list(message.named),
        sent_at=message.sent_at,
        read_at=message.read_at or UNSET,
    )


def pointer_for(message: CareMessage, reader: Reader) -> Pointer | None:
    """Where a message seems to name red flags, the questions about them in the reader's language."""
    if not message.named:
        return None
    number = emergency_number(reader)
    return Pointer(
        message=wording().texts_in(reader.language).pointed.format(emergency_number=number),
        emergency_number=number,
        symptoms=[
            SymptomToAsk(
                code=code, question=catalog.symptom(code, language=reader.language).question
            )
            for code in message.named
        ],
    )


def notice_for(reader: Reader) -> str:
    """What a patient is told beside her messages."""
    texts = wording().texts_in(reader.language)
    return texts.notice.format(emergency_number=emergency_number(reader))


def emergency_number(reader: Reader) -> str:
    """The number to call where the reader lives."""
    return catalog.emergency_numbers(reader.country, language=reader.language).emergency


def note_view(note: CareNote) -> NoteView:
    """A note as it travels; author and correction must be loaded or cost a query."""
    correction: CareNote | None = getattr(note, "corrected_by", None)
    return NoteView(
        id=note.pk,
        by=_name(note.author),
        text=note.text,
        at=note.at,
        corrects=note.corrects_id or UNSET,
        corrected_by=correction.pk if correction else UNSET,
    )


def _name(user: User | None) -> str | UnsetType:
    return (user.name or user.email) if user else UNSET
