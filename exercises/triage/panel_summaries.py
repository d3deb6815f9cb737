"""What is kept of the panel's rows, so that reading many of them is cheap: a row a patient, with the
columns that the panel filters and sorts by, and the rest of it as text.

A summary is never patched. It says which revision of the record and which local day it was computed
for; every write to a record raises the revision, so what a summary no longer tells is known without
anybody having to remember to say so.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from backend.core.localtime import day_bounds, local_date
from exercises.catalog.translation import ENGLISH
from exercises.plans.selectors import PlanState
from exercises.triage.levels import Level
from exercises.triage.measures import PainSummary, WeekCounts, WeekMean, adherence_of
from exercises.triage.models import PanelSummary
from exercises.triage.panel import PanelRow, rows_for
from exercises.triage.reasons import Reason, Status, title_of

# Raised whenever the code computes or keeps something else than before; older rows are then stale.
EDITION = 1
BATCH = 500
FAR = datetime(9999, 1, 1, tzinfo=UTC)
# Behind every change there can be: scores are 0 to 10.
UNKNOWN_FALL = 100.0

Ratio = tuple[int, int] | None
Mean = tuple[Ratio, int]
COLUMNS = [
    "rev", "edition", "day_start", "day_end", "name", "is_hidden", "level", "rank", "since",
    "is_unread", "phase", "plan_state", "fall", "content",
]  # fmt: skip


class KeptReason(msgspec.Struct, frozen=True, array_like=True):
    """One of a row's reasons; its title is read in the reader's language."""

    alert: UUID
    rule: str
    level: int
    since: datetime
    status: Status
    review_open: bool


class KeptWeek(msgspec.Struct, frozen=True, array_like=True):
    """`WeekCounts`."""

    done: int
    partial: int
    skipped: int
    paused: int
    missed: tuple[tuple[date, int], ...]


class KeptRow(msgspec.Struct, frozen=True, array_like=True):
    """A row without what its readers differ in, and without what a phone moves by syncing alone."""

    name: str
    zone: str
    today: date
    diary_shared: bool
    level: int
    reasons: tuple[KeptReason, ...]
    since: datetime
    latest: Ratio
    latest_on: date | None
    week: Mean
    previous_week: Mean
    phase: str | None
    day: int | None
    plan_state: PlanState | None
    pause_reasons: tuple[str, ...]
    counts: KeptWeek | None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(KeptRow)


def holds(now: datetime, path: str = "panel_summary__") -> Q:
    """Whether a patient's summary tells what her record does at `now`; `path` leads from the
    patient to it."""
    return Q(
        **{
            f"{path}rev": F("rev"),
            f"{path}edition": EDITION,
            f"{path}day_start__lte": now,
            f"{path}day_end__gt": now,
        }
    )


def refresh(patient_ids: Iterable[UUID], now: datetime) -> None:
    """Computes and keeps the rows of these patients: nine queries for each 500 of them.

    The revision is read first: what is written meanwhile makes the new summary stale at once, and
    never wrong.
    """
    asked = [*patient_ids]
    for first in range(0, len(asked), BATCH):
        ids = asked[first : first + BATCH]
        try:
            _keep(ids, now)
        except IntegrityError:
            # One of them was erased meanwhile.
            _keep(ids, now)


def _keep(patient_ids: Sequence[UUID], now: datetime) -> None:
    kept = [summary_of(row) for row in rows_for(patient_ids, now, language=ENGLISH)]
    with transaction.atomic():
        PanelSummary.objects.bulk_create(
            kept, update_conflicts=True, unique_fields=["patient"], update_fields=COLUMNS
        )


def summary_of(row: PanelRow) -> PanelSummary:
    """The summary of a row that was computed from the record; not stored."""
    start, end = day_bounds(row.today, row.zone)
    rank, since = rank_of(row)
    return PanelSummary(
        patient_id=row.id,
        rev=row.rev,
        edition=EDITION,
        day_start=start,
        day_end=end,
        name=folded(row.name),
        is_hidden=not row.diary_shared,
        level=row.level,
        rank=rank,
        since=since,
        is_unread=any(reason.waits for reason in row.reasons),
        phase=row.phase or "",
        plan_state=row.plan_state or "",
        fall=fall_of(row.pain),
        content=_encoder.encode(_kept(row)).decode(),
    )


def row_of_summary(
    content: str,
    *,
    patient_id: UUID,
    last_report_at: datetime | None,
    last_synced_at: datetime | None,
    language: str,
    on_behalf_of: str = "",
) -> PanelRow:
    """The row that a summary keeps, as somebody reads it."""
    kept = _decoder.decode(content)
    shared = kept.diary_shared
    counts = _counts(kept.counts) if kept.counts else None
    return PanelRow(
        id=patient_id,
        name=kept.name,
        zone=kept.zone,
        today=kept.today,
        diary_shared=shared,
        level=Level(kept.level),
        reasons=tuple([_reason(reason, language) for reason in kept.reasons]),
        since=kept.since,
        pain=_pain(kept),
        phase=kept.phase,
        day=kept.day,
        plan_state=kept.plan_state,
        pause_reasons=kept.pause_reasons,
        last_report_at=last_report_at if shared else None,
        last_synced_at=last_synced_at if shared else None,
        adherence=adherence_of(counts, _heard_on(last_synced_at, kept)) if counts else None,
        on_behalf_of=on_behalf_of,
    )


def rank_of(row: PanelRow) -> tuple[int, datetime]:
    """Where a row stands by risk: the highest level first, what nobody has seen before what
    somebody has, then what has stood for longest."""
    top = [reason for reason in row.reasons if reason.stands and reason.level == row.level]
    is_seen = not any(reason.waits for reason in top)
    rank = 2 * (Level.EMERGENCY_NOW - row.level) + is_seen
    since = min((reason.since for reason in top), default=FAR)
    # Of those on whom nothing stands, those first on whom something waits for review.
    return rank + (not row.reasons), since


def fall_of(pain: PainSummary) -> float:
    """How far pain fell from one week to the next, in points; below 0 where it rose."""
    return UNKNOWN_FALL if pain.change is None else -float(pain.change)


def folded(text: str) -> str:
    """A name as it is sorted and searched: without case and accents."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _kept(row: PanelRow) -> KeptRow:
    counts = row.counts
    return KeptRow(
        name=row.name,
        zone=row.zone,
        today=row.today,
        diary_shared=row.diary_shared,
        level=row.level,
        reasons=tuple(_kept_reason(reason) for reason in row.reasons),
        since=row.since,
        latest=_ratio(row.pain.latest),
        latest_on=row.pain.latest_on,
        week=(_ratio(row.pain.week.mean), row.pain.week.logged_days),
        previous_week=(_ratio(row.pain.previous_week.mean), row.pain.previous_week.logged_days),
        phase=row.phase,
        day=row.day,
        plan_state=row.plan_state,
        pause_reasons=row.pause_reasons,
        counts=KeptWeek(counts.done, counts.partial, counts.skipped, counts.paused, counts.missed)
        if counts
        else None,
    )


def _kept_reason(reason: Reason) -> KeptReason:
    return KeptReason(
        reason.alert,
        reason.rule,
        int(reason.level),
        reason.since,
        reason.status,
        reason.review_open,
    )


def _reason(kept: KeptReason, language: str) -> Reason:
    return Reason(
        alert=kept.alert,
        rule=kept.rule,
        title=title_of(kept.rule, language=language),
        level=Level(kept.level),
        since=kept.since,
        status=kept.status,
        review_open=kept.review_open,
    )


def _pain(kept: KeptRow) -> PainSummary:
    return PainSummary(
        latest=_fraction(kept.latest),
        latest_on=kept.latest_on,
        week=WeekMean(_fraction(kept.week[0]), kept.week[1]),
        previous_week=WeekMean(_fraction(kept.previous_week[0]), kept.previous_week[1]),
    )


def _counts(kept: KeptWeek) -> WeekCounts:
    return WeekCounts(kept.done, kept.partial, kept.skipped, kept.paused, kept.missed)


def _heard_on(last_synced_at: datetime | None, kept: KeptRow) -> date | None:
    return local_date(last_synced_at, kept.zone) if last_synced_at else None


def _ratio(value: Fraction | None) -> Ratio:
    return None if value is None else (value.numerator, value.denominator)


def _fraction(ratio: Ratio) -> Fraction | None:
    return None if ratio is None else Fraction(*ratio)
