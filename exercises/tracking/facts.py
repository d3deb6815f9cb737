"""What a patient can report, as it travels: one frozen struct per type of fact.

Every fact says when it happened (`occurred_at`, with its offset), in which IANA zone (`tz`) and on
which local date it belongs. A date that disagrees with the other two is kept as sent.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.accounts.places import time_zones
from backend.core.problems import FieldError
from backend.core.wire import Instant, LongText, ShortText, Wire
from exercises.catalog import selectors as catalog
from exercises.tracking.instruments.answers import answer_problems

Score = Annotated[int, Meta(ge=0, le=10)]
Site = Literal["knee", "leg", "back", "knee_other"]
Relief = Literal["yes", "no", "cannot_take", "unknown"]
BodySite = Literal["back", "buttock", "thigh", "knee", "calf", "foot", "toes"]
ZoneName = Annotated[str, Meta(max_length=64, description="IANA time zone, such as Europe/London")]

# Both databases and every calendar computation agree inside these years.
FIRST_YEAR, LAST_YEAR = 1900, 2199


class FactBody(Wire, frozen=True, kw_only=True):
    """What every fact carries."""

    occurred_at: Instant
    tz: ZoneName
    local_date: date
    note: LongText | UnsetType = UNSET
    amends: UUID | UnsetType = UNSET


class PainReport(FactBody, frozen=True, kw_only=True):
    """A pain score, 0 none to 10 worst imaginable. `avg24` is the average of the last 24 hours."""

    site: Site
    kind: Literal["avg24", "now", "worst24"]
    score: Score
    relief_rest: Relief | UnsetType = UNSET
    relief_otc: Relief | UnsetType = UNSET
    most_distal: BodySite | UnsetType = UNSET


class SymptomItem(Wire, frozen=True, kw_only=True):
    """One symptom of the vocabulary, there or not, with what is known of it."""

    code: ShortText
    present: bool
    attrs: dict[str, Any] = {}


class SymptomReport(FactBody, frozen=True, kw_only=True):
    """Symptoms at one moment; `answered_no` lists those that were asked and denied."""

    symptoms: Annotated[list[SymptomItem], Meta(max_length=60)] = []
    answered_no: Annotated[list[ShortText], Meta(max_length=60)] = []


class Done(Wire, frozen=True, kw_only=True):
    """What was done of a dose; what does not apply stays 0. `hold_s` is in seconds."""

    sets: Annotated[int, Meta(ge=0, le=100)] = 0
    reps: Annotated[int, Meta(ge=0, le=1000)] = 0
    hold_s: Annotated[int, Meta(ge=0, le=3600)] = 0
    minutes: Annotated[int, Meta(ge=0, le=1440)] = 0


class SessionItem(Wire, frozen=True, kw_only=True):
    """One exercise of a session: a prescription's, or one that nobody prescribed."""

    prescription: UUID | UnsetType = UNSET
    exercise: ShortText | UnsetType = UNSET
    slot: ShortText | UnsetType = UNSET
    done: Done = Done()
    pain_before: Score | UnsetType = UNSET
    pain_during: Score | UnsetType = UNSET
    stopped_because: Literal["none", "pain", "fatigue", "time", "other"] = "none"


class Session(FactBody, frozen=True, kw_only=True):
    """Exercises done together. `next_morning_increase` comes later, by an amending fact."""

    items: Annotated[list[SessionItem], Meta(min_length=1, max_length=60)]
    next_morning_increase: Annotated[int, Meta(ge=-10, le=10)] | UnsetType = UNSET


class HomeCare(FactBody, frozen=True, kw_only=True):
    """Ice or heat, as it was used; `wrapped` says that skin was protected."""

    modality: Literal["ice", "heat"]
    site: Literal["back", "knee"]
    minutes: Annotated[int, Meta(ge=0, le=240)]
    wrapped: bool


class ReliefAnswer(FactBody, frozen=True, kw_only=True):
    """What eased the pain, answered apart from the pain report."""

    question: Literal["relief_rest", "relief_otc"]
    value: Relief


class Location(FactBody, frozen=True, kw_only=True):
    """How far down the symptoms reach, said apart from a pain report."""

    most_distal: BodySite


class Questionnaire(FactBody, frozen=True, kw_only=True):
    """Answers to a questionnaire (PSFS, RMDQ or GROC); the server scores them.

    PSFS: `{activities: [{text, score?}]}`. RMDQ: `{ticked: [id], submitted}`. GROC: `{change}`.
    """

    instrument: ShortText
    version: ShortText
    answers: dict[str, Any]


class Retraction(FactBody, frozen=True, kw_only=True):
    """Withdraws `target`. A symptom report is withdrawn only by "I have none of these"."""

    target: UUID
    confirmed_none: bool = False


def body_errors(body: FactBody) -> list[FieldError]:
    """What the types alone cannot say: the zone exists, the year is sane, the codes are known."""
    errors = []
    if body.tz not in time_zones():
        errors.append(FieldError("/tz", "unknown_zone", "Not an IANA time zone."))
    if not FIRST_YEAR <= body.occurred_at.year <= LAST_YEAR:
        errors.append(FieldError("/occurred_at", "out_of_range", "The year is not plausible."))
    if not FIRST_YEAR <= body.local_date.year <= LAST_YEAR:
        errors.append(FieldError("/local_date", "out_of_range", "The year is not plausible."))
    further = _FURTHER.get(type(body))
    return errors if further is None else errors + further(body)


def in_utc(body: FactBody) -> datetime:
    """The instant of the fact, in UTC."""
    return body.occurred_at.astimezone(UTC)


def plain(body: FactBody) -> dict[str, Any]:
    """The fact as JSON values, as it is stored and served."""
    values: dict[str, Any] = msgspec.to_builtins(body)
    return values


def groc_score(answers: dict[str, Any]) -> int:
    """The one answer of the Global Rating of Change, -5 (much worse) to +5 (much better)."""
    return int(answers["change"])


def _symptom_errors(report: SymptomReport) -> list[FieldError]:
    known = {symptom.code for symptom in catalog.symptoms()}
    errors = []
    for index, item in enumerate(report.symptoms):
        pointer = f"/symptoms/{index}"
        if item.code not in known:
            errors.append(FieldError(f"{pointer}/code", "unknown_symptom", "Not a known symptom."))
            continue
        errors += [
            FieldError(f"{pointer}/attrs{problem.pointer}", problem.code, problem.message)
            for problem in catalog.symptom_problems(item.code, item.attrs)
        ]
    for index, code in enumerate(report.answered_no):
        if code not in known:
            errors.append(
                FieldError(f"/answered_no/{index}", "unknown_symptom", "Not a known symptom.")
            )
    if not report.symptoms and not report.answered_no:
        errors.append(FieldError("/symptoms", "empty", "Name at least one symptom, there or not."))
    return errors


def _session_errors(session: Session) -> list[FieldError]:
    known = {exercise.code for exercise in catalog.exercises()}
    errors = []
    for index, item in enumerate(session.items):
        if (item.prescription is UNSET) == (item.exercise is UNSET):
            errors.append(
                FieldError(
                    f"/items/{index}", "one_of", "Name a prescription or an exercise, not both."
                )
            )
        elif item.exercise is not UNSET and item.exercise not in known:
            errors.append(
                FieldError(f"/items/{index}/exercise", "unknown_exercise", "Not in the catalogue.")
            )
    return errors


def _form_errors(form: Questionnaire) -> list[FieldError]:
    return answer_problems(form.instrument, form.version, form.answers)


# What is wrong with the facts of a kind, beyond their moment.
_FURTHER: dict[type[FactBody], Callable[[Any], list[FieldError]]] = {
    SymptomReport: _symptom_errors,
    Session: _session_errors,
    Questionnaire: _form_errors,
}
