"""A therapist's patients, the most urgent first: filtered, sorted and turned page by page in the
database, over what is kept of each row.

Three queries for any number of patients (whom she reaches beside her own, the tally, the page), and
a dozen more where some of the summaries no longer tell what the records do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.accounts.access import reach_of
from backend.accounts.models import User
from backend.core.cursors import DEFAULT_LIMIT, MAX_LIMIT
from backend.core.remembered import Inputs
from exercises.triage.levels import Level
from exercises.triage.panel import PanelRow
from exercises.triage.panel_queries import (
    FIXED,
    Asked,
    Key,
    Shape,
    counts_of,
    filter_inputs,
    key_of,
    page_of,
    place_behind,
    reach_inputs,
    stale,
)
from exercises.triage.panel_summaries import refresh, row_of_summary


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
    """Up to `limit` patients (200 at most) in the care of this therapist that follow `after`, the
    `end` of the page before. Raises ValueError for an `after` of another order."""
    wanted, reach = asked or Asked(), reach_of(user, now)
    inputs = reach_inputs(user, now, reach) | filter_inputs(wanted)
    room = DEFAULT_LIMIT if limit <= DEFAULT_LIMIT else MAX_LIMIT
    shape = Shape(wanted.sort, wanted.silent, wanted.unread, wanted.on_behalf, room)
    tally, is_current = _tally(shape, inputs)
    if not is_current:
        refresh(stale(user, now, reach), now)
        tally, _ = _tally(shape, inputs)
    if after is not None:
        shape, more = place_behind(shape, after)
        inputs |= more
    if not shape.silent:
        inputs.pop("quiet")
    found = page_of(shape, inputs)
    rows = tuple([_row(values, user.language) for values in found[:limit]])
    is_last = len(found) <= limit
    return PanelPage(rows, tally, None if is_last else key_of(found[limit - 1][FIXED:]))


def _tally(shape: Shape, inputs: Inputs) -> tuple[Tally, bool]:
    """The tally, and whether every summary tells what the record does."""
    [values] = counts_of(shape, inputs) or [(0,) * (7 + len(Level))]
    total, current, found, unread, silent, paused, own, *levels = values
    tally = Tally(
        total=total,
        found=found,
        levels=dict(zip(Level, levels, strict=True)),
        unread=unread,
        silent=silent,
        paused=paused,
        covered=total - own,
    )
    return tally, current == total


def _row(values: Sequence[Any], language: str) -> PanelRow:
    patient_id, content, last_report_at, last_synced_at, is_own, whom = values[:FIXED]
    return row_of_summary(
        content,
        patient_id=patient_id,
        last_report_at=last_report_at,
        last_synced_at=last_synced_at,
        language=language,
        on_behalf_of="" if is_own else whom,
    )
