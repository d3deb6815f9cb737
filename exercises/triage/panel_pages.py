"""A therapist's patients, the most urgent first: filtered, sorted and turned page by page in the
database, over what is kept of each row.

Three queries for any number of patients (whom she reaches beside her own, the tally, the page), and
a dozen more where some of the summaries no longer tell what the records do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Collate, NullIf

from backend.accounts.access import Reach, open_care_of, reach_of
from backend.accounts.models import Patient, User
from exercises.triage.levels import Level
from exercises.triage.panel import PanelRow
from exercises.triage.panel_summaries import folded, holds, refresh, row_of_summary

Sort = Literal["risk", "silence", "pain_change", "name"]
PlanFilter = Literal["active", "paused", "none"]
Behalf = Literal["own", "covered"]
Key = Sequence[Any]

# A check-in is asked for daily; two days without one is worth a word.
QUIET_AFTER = timedelta(days=2)
_COLUMNS: dict[Sort, tuple[str, ...]] = {
    "risk": ("panel_summary__rank", "panel_summary__since"),
    "silence": ("panel_summary__is_hidden", "heard_at"),
    "pain_change": ("panel_summary__fall",),
    "name": (),
}
_INSTANTS = ("panel_summary__since", "heard_at")


@dataclass(frozen=True)
class Asked:
    """What a reader wants of her list; what is None or empty leaves nobody out. `name` is found
    anywhere in a name, whatever its case and accents."""

    sort: Sort = "risk"
    name: str = ""
    level: Level | None = None
    phase: str = ""
    plan: PlanFilter | None = None
    silent: bool = False
    unread: bool = False
    on_behalf: Behalf | None = None


@dataclass(frozen=True)
class Tally:
    """Counts over the whole list, whatever was asked for; `found` are those that were."""

    total: int
    found: int
    levels: dict[Level, int]
    unread: int
    silent: int
    paused: int
    covered: int


@dataclass(frozen=True)
class PanelPage:
    """Rows in their order; `end` is where the next page starts, None on the last."""

    rows: tuple[PanelRow, ...]
    tally: Tally
    end: Key | None


def panel_page(
    user: User,
    now: datetime,
    asked: Asked | None = None,
    *,
    limit: int = 50,
    after: Key | None = None,
) -> PanelPage:
    """Up to `limit` patients in the care of this therapist that follow `after`, the `end` of the
    page before. Raises ValueError for an `after` of another order."""
    wanted, reach = asked or Asked(), reach_of(user, now)
    patients = _caseload(user, now, reach)
    where = _filter(wanted, now)
    tally, is_stale = _tally(patients, where, now, reach)
    if is_stale:
        refresh(patients.exclude(holds(now)).values_list("pk", flat=True), now)
        tally, _ = _tally(patients, where, now, reach)
    order = (*_COLUMNS[wanted.sort], "sort_name", "pk")
    # Whoever came into her care since the tally has no summary yet, and is there the next time.
    chosen = patients.filter(where, panel_summary__isnull=False)
    if after is not None:
        chosen = chosen.filter(_behind(order, after))
    found = [*_values(chosen.order_by(*order), user, now, reach, order)[: limit + 1]]
    shown = found[:limit]
    rows = tuple([_row(values, user.language) for values in shown])
    is_last = len(found) <= limit
    return PanelPage(rows, tally, None if is_last else _key(shown[-1][-len(order) :]))


def _caseload(user: User, now: datetime, reach: Reach) -> QuerySet[Patient]:
    care = open_care_of(user, now, reach)
    patients = Patient.objects.filter(Exists(care.filter(patient=OuterRef("pk"))))
    if reach.is_beyond_own:
        own = Exists(care.filter(patient=OuterRef("pk"), therapist=user))
    else:
        own = Value(True, output_field=BooleanField())  # type: ignore[assignment]
    return patients.annotate(
        is_own=own,
        heard_at=Coalesce(
            Case(When(panel_summary__is_hidden=False, then="last_report_at")), "created_at"
        ),
        sort_name=Collate("panel_summary__name", _by_code_point()),
    )


def _by_code_point() -> str:
    """The collation that sorts as Python does, and so alike on both databases."""
    return "C" if connection.vendor == "postgresql" else "BINARY"


def _filter(asked: Asked, now: datetime) -> Q:
    where = Q()
    if asked.name:
        where &= Q(panel_summary__name__contains=folded(asked.name))
    if asked.level is not None:
        where &= Q(panel_summary__level=asked.level)
    if asked.phase:
        where &= Q(panel_summary__phase=asked.phase)
    if asked.plan:
        where &= Q(panel_summary__plan_state="" if asked.plan == "none" else asked.plan)
    if asked.silent:
        where &= _is_silent(now)
    if asked.unread:
        where &= Q(panel_summary__is_unread=True)
    if asked.on_behalf:
        where &= Q(is_own=asked.on_behalf == "own")
    return where


def _is_silent(now: datetime) -> Q:
    return Q(panel_summary__is_hidden=False, heard_at__lte=now - QUIET_AFTER)


def _tally(
    patients: QuerySet[Patient], where: Q, now: datetime, reach: Reach
) -> tuple[Tally, bool]:
    """The tally, and whether some summary has to be computed first."""
    counted = patients.aggregate(
        total=Count("pk"),
        current=Count("pk", filter=holds(now)),
        found=Count("pk", filter=where) if where else Count("pk"),
        unread=Count("pk", filter=Q(panel_summary__is_unread=True)),
        silent=Count("pk", filter=_is_silent(now)),
        paused=Count("pk", filter=Q(panel_summary__plan_state="paused")),
        own=Count("pk", filter=Q(is_own=True)) if reach.is_beyond_own else Count("pk"),
        **{level.code: Count("pk", filter=Q(panel_summary__level=level)) for level in Level},
    )
    current, covered = counted.pop("current"), counted["total"] - counted.pop("own")
    levels = {level: counted.pop(level.code) for level in Level}
    return Tally(levels=levels, covered=covered, **counted), current < counted["total"]


def _values(
    patients: QuerySet[Patient], user: User, now: datetime, reach: Reach, order: Sequence[str]
) -> QuerySet[Patient, Sequence[Any]]:
    whom: Any = Value("", output_field=TextField())
    if reach.is_beyond_own:
        theirs = open_care_of(user, now, reach).filter(patient=OuterRef("pk"))
        called = Coalesce(NullIf("therapist__name", Value("")), "therapist__email")
        whom = Subquery(theirs.exclude(therapist=user).order_by("pk").values(name=called)[:1])
    return patients.annotate(whom=whom).values_list(
        "pk", "panel_summary__content", "last_report_at", "last_synced_at", "is_own", "whom", *order
    )


def _row(values: Sequence[Any], language: str) -> PanelRow:
    patient_id, content, last_report_at, last_synced_at, is_own, whom = values[:6]
    return row_of_summary(
        content,
        patient_id=patient_id,
        last_report_at=last_report_at,
        last_synced_at=last_synced_at,
        language=language,
        on_behalf_of="" if is_own else whom,
    )


def _key(values: Sequence[Any]) -> Key:
    """The place of a row in its order, as JSON values."""
    return [
        value.isoformat()
        if isinstance(value, datetime)
        else str(value)
        if isinstance(value, UUID)
        else value
        for value in values
    ]


def _behind(order: Sequence[str], after: Key) -> Q:
    """The rows behind the place `after`: (a, b) > (x, y) is a > x, or a = x and b > y."""
    if len(order) != len(after):
        raise ValueError("a place in another order")
    where = Q()
    for name, given in reversed([*zip(order, after, strict=True)]):
        value = datetime.fromisoformat(given).astimezone(UTC) if name in _INSTANTS else given
        where = Q(**{f"{name}__gt": value}) | (Q(**{name: value}) & where if where else Q())
    return where
