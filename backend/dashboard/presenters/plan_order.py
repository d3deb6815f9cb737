"""One order before it is given: the form, the next 14 days, and what changed meanwhile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from backend.dashboard.presenters.plan_page import (
    ORDERS,
    hold_text,
    line_of,
    ordered_line,
    title_of,
)
from backend.dashboard.presenters.plan_preview import PreviewTable
from backend.dashboard.presenters.plans import PHASES, PlanLine
from backend.dashboard.presenters.times import moment
from exercises.plans.models import RecoveryPlan
from exercises.triage.plan_history import Since
from exercises.triage.services.plan import HOLDS, Action


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What was typed into a form, and what is wrong with it, by field."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OrderScreen:
    """The page. `version` and `seen` say on which plan the order is given; `changes` what happened
    to it since, `refused` why it cannot be given now."""

    action: str
    title: str
    explained: str
    takes_until: bool
    line: PlanLine
    hold: str
    version: int
    seen: str
    typed: Typed
    preview: PreviewTable | None
    refused: str
    changes: tuple[str, ...]


def order_screen(
    plan: RecoveryPlan,
    action: Action,
    *,
    typed: Typed,
    preview: PreviewTable | None,
    refused: str,
    since: Since | None,
    today: date,
    now: datetime,
    zone: str,
) -> OrderScreen:
    """The page of an order on `plan` as it stands."""
    return OrderScreen(
        action=action,
        title=title_of(action, plan),
        explained=ORDERS[action][1],
        takes_until=action in HOLDS,
        line=line_of(plan, today),
        hold=hold_text(plan, today),
        version=plan.version,
        seen=now.isoformat(),
        typed=typed,
        preview=preview,
        refused=refused,
        changes=tuple(change_texts(since, now, zone)) if since else (),
    )


def change_texts(since: Since, now: datetime, zone: str) -> Iterator[str]:
    """What happened, each in a line; where nobody ordered anything, that it was the diary."""
    for order in since.orders:
        line = ordered_line(order, now, zone)
        by = f" by {line.by}" if line.by else ""
        yield f"{line.what}{by}, {line.at.ago}: {line.reason}"
    for change in since.phases:
        phase = PHASES.get(change.phase, change.phase)
        yield f"{phase} began {moment(change.at, now, zone).ago}, by what the diary says"
    if not since.orders and not since.phases:
        yield "What was reported meanwhile changed the plan, not a colleague."
