"""The doors of the visit brief: the patient's own, and her therapist's."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.consents import shared_by
from backend.accounts.doors import PatientDoor, TherapistDoor
from backend.core.api import respond
from backend.core.conditional import etag, require_match, stale
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import invalid
from exercises.reports.brief_answers import Shown, pdf_answer, shown
from exercises.reports.brief_wire import Brief, BriefQuestionsBody, BriefQuestionsView
from exercises.reports.models import BriefQuestions
from exercises.reports.selectors import questions_of
from exercises.reports.services import QuestionsChanged, write_questions

PDF = "application/pdf"


class MyBriefDoor(PatientDoor):
    def shown(self) -> Shown:
        """The brief of the patient who asks, all of it."""
        return shown(self.patient, self.now, language=self.reader.language, with_questions=True)


class MyBrief(MyBriefDoor):
    @describe(
        "One page for my doctor", response=Brief, status=(200, 304), errors=(401, 403), tags=("me",)
    )
    def get(self, _request: Request) -> HttpResponse:
        return respond(self.shown().brief)


class MyBriefPdf(MyBriefDoor):
    @describe(
        "The page for my doctor as a PDF",
        media=PDF,
        status=(200, 304),
        errors=(401, 403),
        tags=("me",),
    )
    def get(self, request: Request) -> HttpResponse:
        return pdf_answer(request._request, self.shown())


class PatientBriefDoor(TherapistDoor):
    def shown(self, patient_id: UUID) -> Shown:
        """The brief of a patient who shares her diary; her free text only as far as she shares
        her notes."""
        patient = self.patient_seen(patient_id, "brief.read")
        notes = shared_by([patient_id], self.now)[patient_id].notes
        return shown(patient, self.now, language=self.reader.language, with_questions=notes)


class PatientBrief(PatientBriefDoor):
    @describe(
        "One page about a patient, for her doctor",
        response=Brief,
        status=(200, 304),
        errors=(401, 403, 404),
        tags=("patients",),
    )
    def get(self, _request: Request, patient_id: UUID) -> HttpResponse:
        return respond(self.shown(patient_id).brief)


class PatientBriefPdf(PatientBriefDoor):
    @describe(
        "The page about a patient as a PDF",
        media=PDF,
        status=(200, 304),
        errors=(401, 403, 404),
        tags=("patients",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        return pdf_answer(request._request, self.shown(patient_id))


class MyBriefQuestions(PatientDoor):
    """What the patient wants to ask her doctor; an editable document."""

    @describe(
        "My questions for the doctor",
        response=BriefQuestionsView,
        status=(200, 304),
        errors=(401, 403),
        tags=("me",),
        headers={"If-None-Match": "The ETag of the questions that the phone holds."},
    )
    def get(self, _request: Request) -> HttpResponse:
        return _questions(questions_of(self.patient.pk))

    @describe(
        "Write my questions for the doctor",
        request=BriefQuestionsBody,
        response=BriefQuestionsView,
        errors=(401, 403, 412, 428),
        tags=("me",),
        headers={"If-Match": "The ETag of the questions that are edited."},
    )
    def put(self, request: Request) -> HttpResponse:
        body = self.body(BriefQuestionsBody)
        errors = _blank(body)
        if errors:
            raise invalid(errors)
        held = questions_of(self.patient.pk)
        # The same again is no edit, whatever it was made on: it may have been sent twice.
        is_same = held.version > 0 and held.questions == body.questions
        if not is_same or "If-Match" not in request.headers:
            require_match(request._request, _tag(held))
        return self._written(body, held.version)

    def _written(self, body: BriefQuestionsBody, base: int) -> HttpResponse:
        try:
            held = write_questions(
                patient=self.patient, questions=body.questions, base_version=base, now=self.now
            )
        except QuestionsChanged:
            raise stale() from None
        return _questions(held)


def _blank(body: BriefQuestionsBody) -> list[FieldError]:
    return [
        FieldError(f"/questions/{index}", "required", "Write the question, or leave it out.")
        for index, question in enumerate(body.questions)
        if not question.strip()
    ]


def _tag(held: BriefQuestions) -> str:
    return etag("brief-questions", held.patient_id, held.version)


def _questions(held: BriefQuestions) -> HttpResponse:
    view = BriefQuestionsView(
        questions=held.questions,
        version=held.version,
        **({"updated_at": held.updated_at} if held.version else {}),
    )
    return respond(view, headers={"ETag": _tag(held)})
