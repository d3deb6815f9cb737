"""The doors of the one screen: today, occurrences, the gate, and the advice that stands."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from msgspec import UNSET, UnsetType
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from backend.accounts.authentication import SessionTokenAuthentication
from backend.accounts.doors import PatientDoor
from backend.accounts.models import StoredSession
from backend.accounts.readers import Reader, language_asked_for
from backend.core.api import respond, respond_as_is
from backend.core.cursors import PAGE_QUERY, page
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import ShortText, Wire, encode, invalid
from exercises.plans.models import RecoveryPlan
from exercises.plans.selectors import open_plan
from exercises.sync.services import screens
from exercises.sync.today import (
    GateView,
    Occurrences,
    TodayView,
    gate_view,
    occurrence_views,
    today_view,
)
from exercises.triage import phasing
from exercises.triage.advice import Advice, advice_for
from exercises.triage.models import DoctorPrompt
from exercises.triage.selectors import open_prompts, prompts_of, standing_alerts
from exercises.triage.services import answer_prompt, see_prompt
from exercises.triage.services.prompts import PromptClosed
from exercises.triage.trend import trend_of

MAX_SPAN = timedelta(days=92)
_DATE = (date, "A local date, YYYY-MM-DD")


class PromptView(Wire, frozen=True, kw_only=True):
    """A doctor prompt: the advice, and how far it has come."""

    id: UUID
    state: Literal["raised", "seen", "will_go", "declined", "planned", "attended", "closed"]
    raised_at: datetime
    seen_at: datetime | UnsetType = UNSET
    answered_at: datetime | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    advice: Advice | None


class Prompts(Wire, frozen=True, kw_only=True):
    """The prompts that stand, highest first, and then the others, newest first."""

    items: list[PromptView]
    next_cursor: str | None


class PromptAnswer(Wire, frozen=True, kw_only=True):
    """What the patient will do; `declined` asks for a reason."""

    answer: Literal["will_go", "declined", "planned", "sought_care"]
    reason: ShortText | UnsetType = UNSET


def _with_screen(request: HttpRequest, token: str) -> StoredSession | None:
    held = request.META.get("HTTP_IF_NONE_MATCH", "").removeprefix("W/")
    return screens.find_with_screen.first(token, language_asked_for(request) or None, held)


class Today(PatientDoor):
    """Served as it was last made, while nothing that it depends on has changed (docs/adr/0028)."""

    def get_authenticators(self) -> list[BaseAuthentication]:
        """The screen that was last made is found in the same statement as the session."""
        return [SessionTokenAuthentication(_with_screen)]

    @describe(
        "The one screen",
        response=TodayView,
        errors=(401, 403, 404),
        query={"date": _DATE},
        tags=("plan",),
    )
    def get(self, request: Request) -> HttpResponse:
        day = _date_param(request, "date", self.today)
        if abs(day - self.today) > MAX_SPAN:
            raise invalid([FieldError("/date", "out_of_range", "At most 92 days from today.")])
        found = screens.kept(self.credential.session, self.patient, day, self.now)
        # Without its bytes the phone has it already: the answer becomes a 304 by its ETag.
        return respond_as_is(*(found or self._make(day)))

    def _make(self, day: date) -> screens.Answer:
        patient, reader, plan = self.patient, self.reader, plan_or_404(self)
        view = today_view(patient=patient, plan=plan, day=day, reader=reader, now=self.now)
        return screens.keep(
            patient=patient, plan=plan, reader=reader, day=day, body=encode(view), now=self.now
        )


class MyOccurrences(PatientDoor):
    @describe(
        "What is due when, and what became of it",
        response=Occurrences,
        errors=(401, 403, 404),
        query={"from": _DATE, "to": (date, "The last local date, inclusive")},
        tags=("plan",),
    )
    def get(self, request: Request) -> HttpResponse:
        plan = plan_or_404(self)
        first = _date_param(request, "from", self.today)
        last = _date_param(request, "to", first + timedelta(days=6))
        if not timedelta(0) <= last - first <= MAX_SPAN:
            raise invalid([FieldError("/to", "out_of_range", "From `from` on, at most 92 days.")])
        end = last + timedelta(days=1)
        views = occurrence_views(
            plan,
            first,
            end,
            zone=self.user.time_zone,
            standing=[*standing_alerts(self.patient.pk)],
            language=self.reader.language,
            now=self.now,
        )
        return respond(Occurrences(items=views))


class MyGate(PatientDoor):
    @describe(
        "The checklist of the way into the next phase",
        response=GateView,
        errors=(401, 403, 404),
        tags=("plan",),
    )
    def get(self, request: Request) -> HttpResponse:
        plan = plan_or_404(self)
        gate = phasing.gate_of(
            plan=plan,
            standing=[*standing_alerts(self.patient.pk)],
            trend=trend_of(plan, self.today),
            today=self.today,
            language=self.reader.language,
        )
        if gate is None:
            raise Problem(404, "last_phase", "The long-term phase has no gate: it stays.")
        return respond(gate_view(gate))


class MyAdvice(PatientDoor):
    @describe(
        "Prompts to see a doctor",
        response=Prompts,
        errors=(401, 403),
        query=PAGE_QUERY,
        tags=("advice",),
    )
    def get(self, request: Request) -> HttpResponse:
        standing = [*open_prompts(self.patient.pk)]
        known = {prompt.pk for prompt in standing}
        past = [p for p in prompts_of(self.patient.pk) if p.pk not in known]
        shown, more = page(request._request, [*standing, *past])
        return respond(
            Prompts(items=[prompt_view(p, self.reader) for p in shown], next_cursor=more)
        )


class PromptSeen(PatientDoor):
    @describe("The prompt was seen", response=PromptView, errors=(401, 403, 404), tags=("advice",))
    def post(self, request: Request, prompt_id: UUID) -> HttpResponse:
        prompt = see_prompt(prompt=_prompt_or_404(self, prompt_id), now=self.now)
        return respond(prompt_view(prompt, self.reader))


class PromptResponse(PatientDoor):
    @describe(
        "Answer a prompt",
        request=PromptAnswer,
        response=PromptView,
        errors=(401, 403, 404, 409),
        tags=("advice",),
    )
    def post(self, request: Request, prompt_id: UUID) -> HttpResponse:
        asked = self.body(PromptAnswer)
        reason = "" if asked.reason is UNSET else asked.reason
        if asked.answer == "declined" and not reason.strip():
            raise invalid([FieldError("/reason", "required", "Say why you will not go.")])
        prompt = _prompt_or_404(self, prompt_id)
        try:
            prompt = answer_prompt(prompt=prompt, answer=asked.answer, reason=reason, now=self.now)
        except PromptClosed:
            raise Problem(409, "prompt_closed", "This advice no longer stands.") from None
        return respond(prompt_view(prompt, self.reader))


def prompt_view(prompt: DoctorPrompt, reader: Reader) -> PromptView:
    """A prompt with its advice in the patient's language."""
    return PromptView(
        id=prompt.pk,
        state=prompt.state,  # type: ignore[arg-type]  # the column's choices are these words
        raised_at=prompt.raised_at,
        seen_at=prompt.seen_at or UNSET,
        answered_at=prompt.answered_at or UNSET,
        reason=prompt.reason or UNSET,
        advice=advice_for([prompt.alert], reader),
    )


def plan_or_404(door: PatientDoor) -> RecoveryPlan:
    """The patient's open plan; 404 with what to do before the intake is complete."""
    plan = open_plan(door.patient.pk)
    if plan is None:
        raise Problem(404, "no_plan", "Answer the intake first: it makes the plan.")
    return plan


def _prompt_or_404(door: PatientDoor, prompt_id: UUID) -> DoctorPrompt:
    prompt = prompts_of(door.patient.pk).filter(pk=prompt_id).first()
    if prompt is None:
        raise not_found()
    return prompt


def _date_param(request: Request, name: str, default: date) -> date:
    given = request.GET.get(name)
    if not given:
        return default
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise invalid([FieldError(f"/{name}", "invalid", "A date, YYYY-MM-DD.")]) from None
