"""The two reads behind the therapists' panel: the tally of a caseload, and one page of it.

Both are querysets over `Patient` and `PanelSummary`, whose SQL is remembered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from django.db.models.functions import Coalesce, Collate, NullIf, StrIndex
from django.db.models.lookups import GreaterThan

from backend.accounts.access import Reach, open_care_of
from backend.accounts.models import Patient, User
from backend.core.remembered import Inputs, remembered
from exercises.triage.levels import Level
from exercises.triage.panel_summaries import folded, holds

Sort = Literal["risk", "silence", "pain_change", "name"]
PlanFilter = Literal["active", "paused"]
Behalf = Literal["own", "covered"]
Key = Sequence[Any]

# A check-in is asked for daily; two days without one is worth a word.
QUIET_AFTER = timedelta(days=2)
# Columns of a page before those that it is sorted by.
FIXED = 6
_COLUMNS: dict[Sort, tuple[str, ...]] = {
    "risk": ("panel_summary__rank", "panel_summary__since"),
    "silence": ("panel_summary__is_hidden", "heard_at"),
    "pain_change": ("panel_summary__fall",),
    "name": (),
}


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
class Shape:
    """What chooses between queries, beside which inputs there are. `hidden` is that of the place
    behind which a page by silence starts; `room` is for how many rows there is some."""

    sort: Sort
    silent: bool
    unread: bool
    on_behalf: Behalf | None
    room: int
    hidden: bool | None = None


def reach_inputs(user: User, now: datetime, reach: Reach) -> dict[str, Any]:
    inputs: dict[str, Any] = {"user": user.pk, "now": now, "quiet": now - QUIET_AFTER}
    for place, (therapist, clinic) in enumerate(reach.covers):
        inputs |= {f"covers_{place}": therapist, f"covers_at_{place}": clinic}
    return inputs | {f"called_{place}": whom for place, whom in enumerate(reach.called_to)}


def filter_inputs(asked: Asked) -> dict[str, Any]:
    given = {
        "name": folded(asked.name) or None,
        "level": None if asked.level is None else int(asked.level),
        "phase": asked.phase or None,
        "plan": asked.plan,
    }
    return {name: value for name, value in given.items() if value is not None}


def _reach(inputs: Inputs) -> Reach:
    pairs = [name for name in inputs if name.startswith("covers_") and "_at_" not in name]
    called = [name for name in inputs if name.startswith("called_")]
    return Reach(
        covers=tuple((inputs[name], inputs[name.replace("s_", "s_at_")]) for name in pairs),
        called_to=tuple(inputs[name] for name in called),
    )


def stale(user: User, now: datetime, reach: Reach) -> QuerySet[Patient, UUID]:
    inputs = reach_inputs(user, now, reach)
    return _caseload(inputs).exclude(holds(now)).values_list("pk", flat=True)


def _caseload(inputs: Inputs) -> QuerySet[Patient]:
    now, reach = inputs["now"], _reach(inputs)
    user = User(pk=inputs["user"])
    care = open_care_of(user, now, reach).filter(patient=OuterRef("pk"))
    own: Any = Value(1 == 1, output_field=BooleanField())
    if reach.is_beyond_own:
        own = Exists(care.filter(therapist=user))
    shown_report = Case(When(panel_summary__is_hidden=False, then="last_report_at"))
    return Patient.objects.filter(Exists(care)).annotate(
        is_own=own,
        heard_at=Coalesce(shown_report, "created_at"),
        sort_name=Collate("panel_summary__name", _by_code_point()),
    )


def _by_code_point() -> str:
    """The collation that sorts as Python does, and so alike on both databases."""
    return "C" if connection.vendor == "postgresql" else "BINARY"


def _filter(shape: Shape, inputs: Inputs) -> Q:
    where = Q()
    if "name" in inputs:
        where &= Q(GreaterThan(StrIndex("panel_summary__name", Value(inputs["name"])), 0))
    if "level" in inputs:
        where &= Q(panel_summary__level=inputs["level"])
    if "phase" in inputs:
        where &= Q(panel_summary__phase=inputs["phase"])
    if "plan" in inputs:
        where &= Q(panel_summary__plan_state=inputs["plan"])
    if shape.silent:
        where &= _is_silent(inputs)
    if shape.unread:
        where &= Q(panel_summary__is_unread=True)
    if shape.on_behalf:
        where &= Q(is_own=shape.on_behalf == "own")
    return where


def _is_silent(inputs: Inputs) -> Q:
    return Q(panel_summary__is_hidden=False, heard_at__lte=inputs["quiet"])


@remembered
def counts_of(shape: Shape, inputs: Inputs) -> QuerySet[Patient, Any]:
    conditions = [
        Q(),
        holds(inputs["now"]),
        _filter(shape, inputs),
        Q(panel_summary__is_unread=True),
        _is_silent(inputs),
        Q(panel_summary__plan_state="paused"),
        Q(is_own=True) if _reach(inputs).is_beyond_own else Q(),
        *(Q(panel_summary__level=level) for level in Level),
    ]
    names = [f"count_{place}" for place in range(len(conditions))]
    counts = {
        name: Count("pk", filter=where or None)
        for name, where in zip(names, conditions, strict=True)
    }
    return _caseload(inputs).values(one=Value(1)).annotate(**counts).values_list(*names)


@remembered
def page_of(shape: Shape, inputs: Inputs) -> QuerySet[Patient, Any]:
    # Whoever came into her care since the tally has no summary yet, and is there the next time.
    where = _filter(shape, inputs) & Q(panel_summary__isnull=False)
    order = _order(shape)
    places = [inputs[f"after_{place}"] for place in order if f"after_{place}" in inputs]
    if shape.hidden is not None:
        places = [shape.hidden, *places]
    if places:
        where &= _behind(order, places)
    rows = _caseload(inputs).filter(where).annotate(whom=_whom(inputs)).order_by(*order)
    return rows.values_list(
        "pk", "panel_summary__content", "last_report_at", "last_synced_at", "is_own", "whom", *order
    )[: shape.room + 1]


def _whom(inputs: Inputs) -> Any:
    """The name of the therapist on whose behalf a patient is seen."""
    reach = _reach(inputs)
    if not reach.is_beyond_own:
        return Value("", output_field=TextField())
    user = User(pk=inputs["user"])
    theirs = open_care_of(user, inputs["now"], reach).filter(patient=OuterRef("pk"))
    called = Coalesce(
        NullIf("therapist__name", Value("")), "therapist__email", output_field=TextField()
    )
    return Subquery(theirs.exclude(therapist=user).order_by("pk").values(name=called)[:1])


def _order(shape: Shape) -> tuple[str, ...]:
    return (*_COLUMNS[shape.sort], "sort_name", "pk")


def key_of(values: Sequence[Any]) -> Key:
    """The place of a row in its order, as JSON values."""
    return [str(v) if isinstance(v, UUID | datetime) else v for v in values]


def place_behind(shape: Shape, after: Key) -> tuple[Shape, dict[str, Any]]:
    """The shape and the inputs of the page behind `after`."""
    order = _order(shape)
    if len(order) != len(after):
        raise ValueError("a place in another order")
    given = {name: _READ.get(name, _same)(value) for name, value in zip(order, after, strict=True)}
    hidden = given.pop("panel_summary__is_hidden", None)
    return replace(shape, hidden=hidden), {f"after_{name}": v for name, v in given.items()}


def _same(value: Any) -> Any:
    return value


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_READ: dict[str, Callable[[Any], Any]] = {
    "panel_summary__since": _instant,
    "heard_at": _instant,
    "panel_summary__is_hidden": bool,
    "panel_summary__fall": float,
    "pk": UUID,
}


def _behind(order: Sequence[str], places: Sequence[Any]) -> Q:
    """The rows behind a place: (a, b) > (x, y) is a > x, or a = x and b > y."""
    where = Q()
    for name, value in reversed([*zip(order, places, strict=True)]):
        behind = Q(**{f"{name}__gt": value})
        where = behind | (Q(**{name: value}) & where) if where else behind
    return where
