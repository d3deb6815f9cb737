"""The doors of messages, from both sides, and of the care team's notes."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor, TherapistDoor
from backend.accounts.models import Patient
from backend.core.api import respond
from backend.core.cursors import PAGE_QUERY, page
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import invalid
from exercises.conversation import services, wire
from exercises.conversation.reading import wording
from exercises.conversation.selectors import message_of, messages_of, note_of, notes_of, unread_of

_TAGS = ("messages",)
OTHER = Problem(409, "different_content", "Something else was sent under this id.")


class MyMessages(PatientDoor):
    @describe(
        "What my care team and I wrote to each other",
        response=wire.MessagePage,
        errors=(401, 403),
        query=PAGE_QUERY,
        tags=_TAGS,
    )
    def get(self, request: Request) -> HttpResponse:
        notice = wire.notice_for(self.reader)
        return _messages(request, self.patient.pk, by_patient=True, notice=notice)


class MyMessage(PatientDoor):
    @describe(
        "Write to my care team; not for emergencies",
        request=wire.MessageBody,
        response=wire.SentMessage,
        status=(200, 201),
        errors=(401, 403, 409),
        tags=_TAGS,
    )
    def put(self, request: Request, message_id: UUID) -> HttpResponse:
        sent = _send(self, self.patient, message_id)
        answer = wire.SentMessage(
            message=wire.message_view(sent.message),
            ask=wire.pointer_for(sent.message, self.reader),
            notice=wire.notice_for(self.reader),
        )
        return respond(answer, status=201 if sent.created else 200)


class ReadMyMessages(PatientDoor):
    @describe(
        "I have read what my care team wrote",
        request=wire.ReadUpTo,
        response=wire.ReadCount,
        errors=(401, 403, 404),
        tags=_TAGS,
    )
    def post(self, request: Request) -> HttpResponse:
        return _read(self, self.patient)


class PatientMessages(TherapistDoor):
    @describe(
        "What a patient and her care team wrote to each other",
        response=wire.MessagePage,
        errors=(401, 403, 404),
        query=PAGE_QUERY,
        tags=_TAGS,
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        self.patient_known(patient_id, "messages.read")
        notice = wording().texts_in(self.reader.language).team_notice
        return _messages(request, patient_id, by_patient=False, notice=notice)


class TalkDoor(TherapistDoor):
    """Messages are not of the diary: a patient who does not share hers is answered like any other."""

    def before_replay(self, **path: Any) -> None:
        self.patient_known(path["patient_id"], "answer.replayed")


class PatientMessage(TalkDoor):
    @describe(
        "Write to a patient",
        request=wire.MessageBody,
        response=wire.MessageView,
        status=(200, 201),
        errors=(401, 403, 404, 409),
        tags=_TAGS,
    )
    def put(self, request: Request, patient_id: UUID, message_id: UUID) -> HttpResponse:
        patient = self.patient_known(patient_id, "messages.read")
        sent = _send(self, patient, message_id)
        return respond(wire.message_view(sent.message), status=201 if sent.created else 200)


class ReadPatientMessages(TalkDoor):
    @describe(
        "I have read what this patient wrote",
        request=wire.ReadUpTo,
        response=wire.ReadCount,
        errors=(401, 403, 404),
        tags=_TAGS,
    )
    def post(self, request: Request, patient_id: UUID) -> HttpResponse:
        return _read(self, self.patient_known(patient_id, "messages.read"))


class PatientNotes(TherapistDoor):
    @describe(
        "The care team's notes on a patient, which she does not see",
        response=wire.NotePage,
        errors=(401, 403, 404),
        query=PAGE_QUERY,
        tags=_TAGS,
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        self.patient_seen(patient_id, "notes.read")
        rows, more = page(request._request, notes_of(patient_id))
        return respond(wire.NotePage(items=[*map(wire.note_view, rows)], next_cursor=more))


class PatientNote(TherapistDoor):
    @describe(
        "Note something on a patient, or correct a note",
        request=wire.NoteBody,
        response=wire.NoteView,
        status=(200, 201),
        errors=(401, 403, 404, 409),
        tags=_TAGS,
    )
    def put(self, request: Request, patient_id: UUID, note_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "notes.read")
        body = self.body(wire.NoteBody)
        _refuse_blank(body.text)
        corrects = None if body.corrects is UNSET else note_of(patient.pk, body.corrects)
        if body.corrects is not UNSET and corrects is None:
            raise invalid([FieldError("/corrects", "unknown_note", "No note of this patient.")])
        try:
            note, created = services.write_note(
                patient=patient,
                note_id=note_id,
                text=body.text.strip(),
                corrects=corrects,
                by=self.user,
                now=self.now,
                trace_id=self.trace_id,
            )
        except services.OtherContent:
            raise OTHER from None
        except services.AlreadyCorrected:
            raise Problem(
                409, "already_corrected", "A later note corrects this one; correct that."
            ) from None
        return respond(wire.note_view(note), status=201 if created else 200)


def _messages(request: Request, patient_id: UUID, *, by_patient: bool, notice: str) -> HttpResponse:
    rows, more = page(request._request, messages_of(patient_id))
    return respond(
        wire.MessagePage(
            items=[*map(wire.message_view, rows)],
            next_cursor=more,
            unread=unread_of(patient_id, by_patient=by_patient).count(),
            notice=notice,
        )
    )


def _send(door: PatientDoor | TherapistDoor, patient: Patient, message_id: UUID) -> services.Sent:
    body = door.body(wire.MessageBody)
    _refuse_blank(body.text)
    try:
        return services.send_message(
            patient=patient,
            message_id=message_id,
            text=body.text.strip(),
            by=door.user,
            now=door.now,
            trace_id=door.trace_id,
        )
    except services.OtherContent:
        raise OTHER from None
    except services.NobodyThere:
        raise Problem(
            409, "no_care_team", "Nobody looks after you here, so nobody would read it."
        ) from None


def _read(door: PatientDoor | TherapistDoor, patient: Patient) -> HttpResponse:
    upto = message_of(patient.pk, door.body(wire.ReadUpTo).up_to)
    if upto is None:
        raise not_found()
    count = services.read_messages(patient=patient, upto=upto, by=door.user, now=door.now)
    return respond(wire.ReadCount(read=count))


def _refuse_blank(text: str) -> None:
    if not text.strip():
        raise invalid([FieldError("/text", "required", "Write something.")])
