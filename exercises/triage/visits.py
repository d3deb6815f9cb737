"""What a patient says of a visit to a doctor, as it travels and as it is judged."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from backend.accounts.places import is_time_zone
from backend.core.localtime import local_date
from backend.core.problems import FieldError
from backend.core.wire import PLAIN, Instant, ShortText, Wire
from exercises.tracking.facts import FIRST_YEAR, LAST_YEAR, ZoneName

MAX_PROMPTS = 20
Reason = Annotated[str, Meta(max_length=500, pattern=PLAIN)]
OutcomeText = Annotated[str, Meta(max_length=2000, pattern=PLAIN)]
Outcome = Literal["all_clear", "treatment", "referred", "tests", "other", "unknown"]
State = Literal["planned", "attended", "cancelled"]


class VisitBody(Wire, frozen=True, kw_only=True):
    """An appointment: when it is (`planned_on`, a local date in `tz`, or `planned_for`, the
    instant), with whom, which prompts it answers, and what came of it.

    `attended_on` and the outcome belong to an attended visit, `reason` to a cancelled one.
    """

    state: State
    tz: ZoneName
    planned_on: date | UnsetType = UNSET
    planned_for: Instant | UnsetType = UNSET
    attended_on: date | UnsetType = UNSET
    with_whom: ShortText | UnsetType = UNSET
    prompts: Annotated[list[UUID], Meta(max_length=MAX_PROMPTS)] = []
    reason: Reason | UnsetType = UNSET
    outcome: Outcome | UnsetType = UNSET
    outcome_text: OutcomeText | UnsetType = UNSET


class VisitView(Wire, frozen=True, kw_only=True):
    """A visit as it is stored, with the version that an edit names in `If-Match`."""

    id: UUID
    version: int
    rev: int
    state: State
    tz: str
    planned_on: date | UnsetType = UNSET
    planned_for: datetime | UnsetType = UNSET
    attended_on: date | UnsetType = UNSET
    with_whom: str | UnsetType = UNSET
    prompts: list[UUID]
    reason: str | UnsetType = UNSET
    outcome: Outcome | UnsetType = UNSET
    outcome_text: str | UnsetType = UNSET
    created_at: datetime
    updated_at: datetime


class Visits(Wire, frozen=True, kw_only=True):
    """Visits, the latest change first."""

    items: list[VisitView]
    next_cursor: str | None


def visit_errors(body: VisitBody) -> list[FieldError]:
    """What the types alone cannot say."""
    if not is_time_zone(body.tz):
        return [FieldError("/tz", "unknown_zone", "Not an IANA time zone.")]
    return [*_year_errors(body), *_state_errors(body)]


def planned_on(body: VisitBody) -> date | None:
    """The local date of the appointment."""
    if body.planned_for is not UNSET:
        return local_date(body.planned_for, body.tz)
    return None if body.planned_on is UNSET else body.planned_on


def _year_errors(body: VisitBody) -> list[FieldError]:
    dates = {
        "planned_on": body.planned_on,
        "planned_for": body.planned_for,
        "attended_on": body.attended_on,
    }
    return [
        FieldError(f"/{name}", "out_of_range", "The year is not plausible.")
        for name, value in dates.items()
        if value is not UNSET and not FIRST_YEAR < value.year < LAST_YEAR
    ]


def _state_errors(body: VisitBody) -> list[FieldError]:
    errors = []
    if body.state == "planned" and body.planned_on is UNSET and body.planned_for is UNSET:
        errors.append(FieldError("/planned_on", "required", "Say when the visit is."))
    if body.state == "cancelled" and (body.reason is UNSET or not body.reason.strip()):
        errors.append(FieldError("/reason", "required", "Say why it was cancelled."))
    only_attended = {
        "attended_on": body.attended_on,
        "outcome": body.outcome,
        "outcome_text": body.outcome_text,
    }
    if body.state != "attended":
        errors += [
            FieldError(f"/{name}", "not_attended", "Only for a visit that was attended.")
            for name, value in only_attended.items()
            if value is not UNSET
        ]
    return errors
