"""Patients at a glance, computed from their records: level and reasons, plan, pain and exercises.

Eight queries, however many patients there are. Who reads many of them reads what was kept of these
rows, see `exercises.triage.panel_pages`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import TypeVar
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from backend.accounts.consents import Shared, shared_by
from backend.accounts.models import Patient
from backend.core.localtime import day_bounds, local_date
from exercises.plans import schedule
from exercises.plans import selectors as plans
from exercises.plans.models import PlanPause, Prescription, RecoveryPlan
from exercises.plans.prescribed import as_prescribed
from exercises.tracking import selectors as tracking
from exercises.tracking import trends
from exercises.tracking.done import done_items
from exercises.tracking.models import DayPain, Fact, FactType
from exercises.triage.levels import Level
from exercises.triage.measures import (
    Adherence,
    PainSummary,
    WeekCounts,
    adherence_of,
    pain_summary,
    week_counts,
)
from exercises.triage.models import STANDING, Alert
from exercises.triage.reasons import Reason, highest, reasons_of
from exercises.triage.rules.pack import default_pack
from exercises.triage.sharing import is_shown_without_diary, veiled

R = TypeVar("R")

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
# Two weeks of days, and one more since a zone's today may be the next of UTC's.
LOOK_BACK = timedelta(days=15)
_IS_INDEXED = Q(site__in=trends.INDEX_SITES) & (Q(avg24_count__gt=0) | Q(now_count__gt=0))


@dataclass(frozen=True)
class PanelRow:
    """One patient. `day` is her plan day today (0 first); `phase` and `day` are None without a
    plan, `adherence` too; `last_report_at` and `last_synced_at` are None where there was none.
    Of one who does not share her diary (`diary_shared`) all of that is None or empty, and `reasons`
    holds the alerts that stay visible. `rev` is her revision that the row was computed from, at the
    latest, `since` when her record was opened. `counts` is what `adherence` was told from.
    `on_behalf_of` names the therapist whom the reader stands in for; empty for her own patients."""

    id: UUID
    name: str
    zone: str
    today: date
    diary_shared: bool
    level: Level
    reasons: tuple[Reason, ...]
    since: datetime
    pain: PainSummary
    phase: str | None = None
    day: int | None = None
    plan_state: plans.PlanState | None = None
    pause_reasons: tuple[str, ...] = ()
    last_report_at: datetime | None = None
    last_synced_at: datetime | None = None
    adherence: Adherence | None = None
    on_behalf_of: str = ""
    counts: WeekCounts | None = field(default=None, compare=False, repr=False)
    rev: int = field(default=0, compare=False, repr=False)


def rows_for(patient_ids: Iterable[UUID], now: datetime, *, language: str) -> list[PanelRow]:
    """The rows of those of the patients who are there; eight queries."""
    chosen = Patient.objects.filter(pk__in=list(patient_ids))
    return rows_of([*_with_last_pain(chosen, now)], now, language=language)


def rows_of(patients: Sequence[Patient], now: datetime, *, language: str) -> list[PanelRow]:
    """The rows of these patients; seven queries."""
    loaded = _load(patients, now)
    return [_row(patient, loaded, now, language) for patient in patients]


def row_of(patient: Patient, now: datetime, *, language: str) -> PanelRow:
    """The row of one patient."""
    return rows_for([patient.pk], now, language=language)[0]


def waiting_alerts(patient_ids: Iterable[UUID]) -> QuerySet[Alert]:
    """The alerts of these patients that stand or wait for review."""
    waiting = Q(status__in=STANDING) | Q(review_open=True)
    return Alert.objects.filter(waiting, patient__in=list(patient_ids))


@dataclass(frozen=True)
class _Loaded:
    shared: Mapping[UUID, Shared]
    alerts: Mapping[UUID, list[Alert]]
    pains: Mapping[UUID, list[DayPain]]
    plans: Mapping[UUID, RecoveryPlan]
    pauses: Mapping[UUID, list[PlanPause]] = field(default_factory=dict)
    prescriptions: Mapping[UUID, list[Prescription]] = field(default_factory=dict)
    sessions: Mapping[UUID, list[Fact]] = field(default_factory=dict)


def _load(patients: Sequence[Patient], now: datetime) -> _Loaded:
    ids = [patient.pk for patient in patients]
    first = local_date(now, "UTC") - LOOK_BACK
    opened = {row.patient_id: row for row in _open_plans(ids)}
    by_plan = [plan.pk for plan in opened.values()]
    return _Loaded(
        shared=shared_by(ids, now),
        alerts=_grouped(waiting_alerts(ids), attrgetter("patient_id")),
        pains=_grouped(_pains(patients, first), attrgetter("patient_id")),
        plans=opened,
        pauses=_grouped(_pauses(by_plan, now), attrgetter("plan_id")),
        prescriptions=_grouped(_prescriptions(by_plan, first), attrgetter("plan_id")),
        sessions=_grouped(_sessions(ids, first + WEEK), attrgetter("patient_id")),
    )


def _row(patient: Patient, loaded: _Loaded, now: datetime, language: str) -> PanelRow:
    today = local_date(now, patient.user.time_zone)
    if not loaded.shared[patient.pk].diary:
        return _unshared_row(patient, loaded.alerts.get(patient.pk, []), today, language)
    plan = loaded.plans.get(patient.pk)
    pauses = loaded.pauses.get(plan.pk, []) if plan else []
    pausing = tuple(pause.reason for pause in pauses if pause.ended_at is None)
    reasons = reasons_of(loaded.alerts.get(patient.pk, []), language=language)
    counts = _week(patient, plan, pauses, loaded, now) if plan else None
    return PanelRow(
        id=patient.pk,
        name=patient.user.name or patient.user.email,
        zone=patient.user.time_zone,
        today=today,
        diary_shared=True,
        level=highest(reasons),
        reasons=reasons,
        phase=plan.phase if plan else None,
        day=max(0, plans.plan_day(plan, today)) if plan else None,
        plan_state=("paused" if pausing else "active") if plan else None,
        pause_reasons=pausing,
        last_report_at=patient.last_report_at,
        last_synced_at=patient.last_synced_at,
        since=patient.created_at,
        pain=_pain(loaded.pains.get(patient.pk, []), today),
        adherence=adherence_of(counts, heard_on(patient)) if counts else None,
        counts=counts,
        rev=patient.rev,
    )


def _unshared_row(
    patient: Patient, alerts: Iterable[Alert], today: date, language: str
) -> PanelRow:
    zone = patient.user.time_zone
    shown = (veiled(alert, zone) for alert in alerts if is_shown_without_diary(alert))
    reasons = reasons_of(shown, language=language)
    return PanelRow(
        id=patient.pk,
        name=patient.user.name or patient.user.email,
        zone=zone,
        today=today,
        diary_shared=False,
        level=highest(reasons),
        reasons=reasons,
        since=patient.created_at,
        pain=_pain([], today),
        rev=patient.rev,
    )


def _pain(rows: Sequence[DayPain], today: date) -> PainSummary:
    values = trends.daily_values(tracking.as_days(rows))
    return pain_summary(values, today, default_pack().constants)


def _week(
    patient: Patient,
    plan: RecoveryPlan,
    pauses: Sequence[PlanPause],
    loaded: _Loaded,
    now: datetime,
) -> WeekCounts:
    rows = loaded.prescriptions.get(plan.pk, [])
    sessions = loaded.sessions.get(patient.pk, [])
    week = week_of(
        rows=rows, pauses=pauses, sessions=sessions, zone=patient.user.time_zone, now=now
    )
    return week_counts(week)


def heard_on(patient: Patient) -> date | None:
    """The local date on which the patient's phone last synced."""
    synced = patient.last_synced_at
    return local_date(synced, patient.user.time_zone) if synced else None


def week_of(
    *,
    rows: Sequence[Prescription],
    pauses: Iterable[PlanPause],
    sessions: Iterable[Fact],
    zone: str,
    now: datetime,
) -> list[schedule.Occurrence]:
    """The occurrences of the seven local days that end today, from rows already read."""
    today = local_date(now, zone)
    start, end = today - WEEK + DAY, today + DAY
    resting = schedule.paused_days(
        [schedule.Pause(pause.started_at, pause.ended_at) for pause in pauses],
        start=start,
        end=end,
        today=today,
        now=now,
        bounds=lambda day: day_bounds(day, zone),
    )
    return schedule.occurrences(
        [as_prescribed(row) for row in rows],
        start=start,
        end=end,
        today=today,
        paused=resting,
        done=done_items(sessions, {row.pk: row for row in rows}),
    )


def _with_last_pain(patients: QuerySet[Patient], now: datetime) -> QuerySet[Patient]:
    # A date beyond tomorrow comes from a clock that is wrong; it must not hide the latest entry.
    end = local_date(now, "UTC") + 2 * DAY
    logged = DayPain.objects.filter(_IS_INDEXED, patient=OuterRef("pk"), local_date__lt=end)
    latest = logged.order_by("-local_date").values("local_date")[:1]
    return patients.select_related("user").annotate(last_pain_on=Subquery(latest))


def _pains(patients: Sequence[Patient], first: date) -> QuerySet[DayPain]:
    silent: dict[UUID, date] = {
        patient.pk: patient.last_pain_on  # type: ignore[attr-defined]  # annotated above
        for patient in patients
        if patient.last_pain_on is not None and patient.last_pain_on < first  # type: ignore[attr-defined]
    }
    # Of those long silent, the last day alone (the dates of others among them do no harm).
    long_ago = Q(patient__in=silent.keys(), local_date__in=set(silent.values()))
    recent = Q(patient__in=[patient.pk for patient in patients], local_date__gte=first)
    return DayPain.objects.filter(recent | long_ago if silent else recent)


def _open_plans(ids: Sequence[UUID]) -> QuerySet[RecoveryPlan]:
    return RecoveryPlan.objects.filter(patient__in=ids, closed_at=None)


def _pauses(plan_ids: Sequence[UUID], now: datetime) -> QuerySet[PlanPause]:
    recent = Q(ended_at=None) | Q(ended_at__gt=now - LOOK_BACK)
    return PlanPause.objects.filter(recent, plan__in=plan_ids).order_by("started_at", "id")


def _prescriptions(plan_ids: Sequence[UUID], first: date) -> QuerySet[Prescription]:
    stands = Q(ends_on=None) | Q(ends_on__gt=first)
    rows = Prescription.objects.filter(stands, plan__in=plan_ids).exclude(ends_on=F("starts_on"))
    return rows.order_by("starts_on", "id")


def _sessions(ids: Sequence[UUID], first: date) -> QuerySet[Fact]:
    sessions = Fact.objects.filter(type=FactType.SESSION, retracted_by=None, amended_by=None)
    return sessions.filter(patient__in=ids, local_date__gte=first).order_by("occurred_at", "row")


def _grouped(rows: Iterable[R], key: Callable[[R], UUID]) -> dict[UUID, list[R]]:
    groups: defaultdict[UUID, list[R]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
