"""Retractions that are named by what they withdraw: asking twice is one retraction."""

from datetime import date
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType

from backend.core.wire import Instant, LongText, Wire
from exercises.tracking.facts import Retraction, ZoneName
from exercises.tracking.services import Report


class BareRetraction(Wire, frozen=True, kw_only=True):
    """The data of a `retract` op, whose id is the report's; a symptom report is withdrawn only with
    "I have none of these" (`confirmed_none`)."""

    occurred_at: Instant
    tz: ZoneName
    local_date: date | UnsetType = UNSET
    note: LongText | UnsetType = UNSET
    confirmed_none: bool = False


def retraction_id(target: UUID, *, confirmed: bool) -> UUID:
    """The id of the retraction of `target`, whoever asks for it."""
    return uuid5(target, "retracted, confirmed" if confirmed else "retracted")


def is_named_by_target(report: Report) -> bool:
    """Whether a second such report, whatever its moment, says nothing new."""
    body = report.body
    return isinstance(body, Retraction) and report.id == retraction_id(
        body.target, confirmed=body.confirmed_none
    )
