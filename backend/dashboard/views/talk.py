"""Messages with a patient, and the care team's notes about her."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from backend.core.ids import uuid7
from backend.dashboard.presenters.plan_order import Typed
from backend.dashboard.presenters.talk import NotesScreen, TalkScreen, message_line, note_line
from backend.dashboard.typed import line_error, uuid_typed
from backend.dashboard.views.bedside import Bedside, at_patient
from exercises.conversation import services
from exercises.conversation.models import CareNote
from exercises.conversation.reading import wording
from exercises.conversation.selectors import (
    message_of,
    messages_of,
    note_of,
    notes_of,
    unread_of,
)

SHOWN = 50
MAX_DIGITS = 5
LONGEST_MESSAGE, LONGEST_NOTE = 2000, 4000
TWICE = "Something else was sent from this form. Look at the page, then send it again."


@require_http_methods(["GET", "POST"])
@at_patient("messages.read", diary=False)
def talk(desk: Bedside) -> HttpResponse:
    """What was written to and fro, and a form to write."""
    if desk.request.method == "GET":
        return _talk(desk, Typed())
    text, errors = _text(desk, LONGEST_MESSAGE)
    message_id = uuid_typed(desk.request.POST.get("id", ""))
    if not errors and message_id is not None:
        try:
            services.send_message(
                patient=desk.patient,
                message_id=message_id,
                text=text,
                by=desk.user,
                now=desk.now,
                trace_id=desk.trace_id,
            )
        except services.OtherContent:
            errors = {"text": TWICE}
        else:
            messages.success(desk.request, "Sent. The patient is told that there is a message.")
            return redirect("dashboard:messages", desk.patient.pk)
    return _talk(desk, _typed(desk, errors or {"text": TWICE}), status=400)


@require_POST
@at_patient("messages.read", diary=False)
def read(desk: Bedside) -> HttpResponse:
    """Everything up to the newest that was shown has been read."""
    shown = uuid_typed(desk.request.POST.get("up_to", ""))
    upto = message_of(desk.patient.pk, shown) if shown else None
    if upto is not None:
        services.read_messages(patient=desk.patient, upto=upto, by=desk.user, now=desk.now)
    return redirect("dashboard:messages", desk.patient.pk)


@require_http_methods(["GET", "POST"])
@at_patient("notes.read")
def notes(desk: Bedside) -> HttpResponse:
    """The care team's notes, and a form to note something or to correct a note."""
    if desk.request.method == "GET":
        asked = uuid_typed(desk.request.GET.get("corrects", ""))
        corrects = note_of(desk.patient.pk, asked) if asked else None
        first = {"text": corrects.text} if corrects else {}
        return _notes(desk, Typed(values=first), corrects)
    asked = uuid_typed(desk.request.POST.get("corrects", ""))
    corrects = note_of(desk.patient.pk, asked) if asked else None
    text, errors = _text(desk, LONGEST_NOTE)
    errors = errors or _write(desk, text, corrects)
    if errors:
        return _notes(desk, _typed(desk, errors), corrects, status=400)
    messages.success(desk.request, "Noted. Only the care team sees it.")
    return redirect("dashboard:notes", desk.patient.pk)


def _write(desk: Bedside, text: str, corrects: CareNote | None) -> dict[str, str]:
    note_id = uuid_typed(desk.request.POST.get("id", ""))
    if note_id is None:
        return {"text": TWICE}
    try:
        services.write_note(
            patient=desk.patient,
            note_id=note_id,
            text=text,
            corrects=corrects,
            by=desk.user,
            now=desk.now,
            trace_id=desk.trace_id,
        )
    except services.OtherContent:
        return {"text": TWICE}
    except services.AlreadyCorrected:
        return {"text": "This note was corrected meanwhile; look at the newest."}
    return {}


def _talk(desk: Bedside, typed: Typed, *, status: int = 200) -> HttpResponse:
    start = _start(desk)
    rows = [*messages_of(desk.patient.pk)[start : start + SHOWN + 1]]
    zone = desk.user.time_zone
    screen = TalkScreen(
        notice=wording().texts_in("en").team_notice,
        lines=tuple(message_line(row, desk.now, zone) for row in rows[:SHOWN]),
        unread=unread_of(desk.patient.pk, by_patient=False).count(),
        newest=rows[0].id if rows else None,
        new_id=uuid7(),
        typed=typed,
        older=f"?after={start + SHOWN}" if len(rows) > SHOWN else "",
    )
    return desk.show("messages.html", screen, status=status)


def _notes(
    desk: Bedside, typed: Typed, corrects: CareNote | None, *, status: int = 200
) -> HttpResponse:
    start, zone = _start(desk), desk.user.time_zone
    rows = [*notes_of(desk.patient.pk)[start : start + SHOWN + 1]]
    screen = NotesScreen(
        lines=tuple(note_line(row, desk.now, zone) for row in rows[:SHOWN]),
        new_id=uuid7(),
        typed=typed,
        correcting=note_line(corrects, desk.now, zone) if corrects else None,
        older=f"?after={start + SHOWN}" if len(rows) > SHOWN else "",
    )
    return desk.show("notes.html", screen, status=status)


def _typed(desk: Bedside, errors: dict[str, str]) -> Typed:
    return Typed(values={"text": desk.request.POST.get("text", "")}, errors=errors)


def _text(desk: Bedside, most: int) -> tuple[str, dict[str, str]]:
    # A browser ends lines with two characters, the API with one.
    text = desk.request.POST.get("text", "").replace("\r\n", "\n").strip()
    said = line_error(text, most=most) if text else "Write something."
    return text, {"text": said} if said else {}


def _start(desk: Bedside) -> int:
    given = desk.request.GET.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= MAX_DIGITS else 0
