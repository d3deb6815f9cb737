"""The door to what a patient agrees to."""

from typing import Annotated, Literal, cast

from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts import consents
from backend.accounts.consent_texts import consent_texts
from backend.accounts.doors import PatientDoor
from backend.accounts.models import Consent, Scope
from backend.core.api import respond
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import Instant, Wire, invalid

ScopeCode = Literal["diary", "notes", "reminders"]
TextVersion = Annotated[int, Meta(ge=1, le=1000, description="Of the text that was shown")]


class ConsentAnswer(Wire, frozen=True, kw_only=True):
    """The patient's answer to one text. A yes names the version of today's text; a no always
    counts, and acts on the next request."""

    scope: ScopeCode
    granted: bool
    version: TextVersion


class ConsentView(Wire, frozen=True, kw_only=True):
    """What holds of one scope (`granted`), and today's text. `ask` says that she has not answered
    this version yet; `answered_at` and `answered_version` are absent where she never answered."""

    scope: ScopeCode
    granted: bool
    ask: bool
    version: TextVersion
    question: str
    text: str
    answered_at: Instant | UnsetType = UNSET
    answered_version: TextVersion | UnsetType = UNSET


class ConsentList(Wire, frozen=True, kw_only=True):
    """Every scope, answered or not."""

    items: list[ConsentView]


class MyConsents(PatientDoor):
    @describe("What I agree to", response=ConsentList, errors=(401, 403), tags=("me",))
    def get(self, _request: Request) -> HttpResponse:
        return respond(ConsentList(items=self._views()))

    @describe(
        "Agree, or no longer agree",
        request=ConsentAnswer,
        response=ConsentView,
        errors=(401, 403),
        tags=("me",),
    )
    def post(self, _request: Request) -> HttpResponse:
        said = self.body(ConsentAnswer)
        try:
            consents.answer(
                patient_id=self.patient.pk,
                scope=said.scope,
                granted=said.granted,
                text_version=said.version,
                now=self.now,
            )
        except consents.ConsentTextOutdated:
            error = FieldError("/version", "outdated", "The text has changed: show today's.")
            raise invalid([error]) from None
        return respond(next(view for view in self._views() if view.scope == said.scope))

    def _views(self) -> list[ConsentView]:
        answers = consents.latest_answers(self.patient.pk, self.now)
        language = self.reader.language
        return [consent_view(scope, answers.get(scope), language) for scope in Scope]


def consent_view(scope: Scope, answer: Consent | None, language: str) -> ConsentView:
    """One scope with the answer that holds, in `language` (BCP 47)."""
    today = consent_texts()[scope]
    words = today.wording(language)
    return ConsentView(
        scope=cast(ScopeCode, scope.value),
        granted=answer.granted if answer else consents.BEFORE_AN_ANSWER[scope],
        ask=answer is None or answer.text_version < today.version,
        version=today.version,
        question=words.question,
        text=words.text,
        answered_at=answer.at if answer else UNSET,
        answered_version=answer.text_version if answer else UNSET,
    )
