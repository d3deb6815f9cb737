"""Patients at a glance, computed from their records: level and reasons, plan, pain and exercises.

Three queries on PostgreSQL, nine on SQLite, however many patients there are. Who reads many of them
reads what was kept of these rows, see `exercises.triage.panel_pages`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backend.accounts.models import Patient
from backend.core.localtime import local_date
from backend.core.wanted import read
from exercises.plans import schedule
from exercises.plans import selectors as plans
from exercises.tracking import selectors as tracking
from exercises.tracking.done import done_items
from exercises.triage.levels import Level
from exercises.triage.measures import (
    Adherence,
    PainSummary,
    WeekCounts,
    adherence_of,
    pain_summary,
    week_counts,
)
from exercises.triage.models import Alert
from exercises.triage.panel_records import (
    DAY,
    WEEK,
    PatientDay,
    Records,
    read_heads,
    wanted_records,
)
from exercises.triage.reasons import Reason, highest, reasons_of
from exercises.triage.rules.pack import default_pack
from exercises.triage.sharing import is_shown_without_diary, veiled


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
    """The rows of those of the patients who are there."""
    chosen = Patient.objects.filter(pk__in=list(patient_ids)).select_related("user")
    patients = [*chosen]
    ids = [patient.pk for patient in patients]
    records = read(wanted_records(patients, read_heads(ids, now), now))
    return [
        row_of(patient, records, week_of(patient, records, now), now, language=language)
        for patient in patients
    ]


def row_of(
    patient: Patient,
    records: Records,
    week: Iterable[schedule.Occurrence],
    now: datetime,
    *,
    language: str,
) -> PanelRow:
    """The row of one of the patients whose records these are; `week` is hers."""
    today, alerts = local_date(now, patient.user.time_zone), records.alerts.get(patient.pk, [])
    if not records.heads.shared[patient.pk].diary:
        return _unshared_row(patient, alerts, today, language)
    plan = records.heads.plans.get(patient.pk)
    pauses = records.pauses.get(plan.pk, []) if plan else []
    pausing = tuple(pause.reason for pause in pauses if pause.ended_at is None)
    reasons = reasons_of(alerts, language=language)
    counts = week_counts(week) if plan else None
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
        pain=_pain(records.pains.get(patient.pk, []), today),
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


def _pain(rows: Sequence[PatientDay], today: date) -> PainSummary:
    values = tracking.index_values(rows)
    return pain_summary(values, today, default_pack().constants)


def heard_on(patient: Patient) -> date | None:
    """The local date on which the patient's phone last synced."""
    synced = patient.last_synced_at
    return local_date(synced, patient.user.time_zone) if synced else None


def week_of(patient: Patient, records: Records, now: datetime) -> list[schedule.Occurrence]:
    """The occurrences of the seven local days that end today; none without a plan."""
    plan = records.heads.plans.get(patient.pk)
    if plan is None:
        return []
    zone, rows = patient.user.time_zone, records.prescriptions.get(plan.pk, [])
    today = local_date(now, zone)
    return plans.occurrences(
        plan,
        rows,
        start=today - WEEK + DAY,
        end=today + DAY,
        zone=zone,
        now=now,
        done=done_items(records.sessions.get(patient.pk, []), {row.pk: row for row in rows}),
        pauses=records.pauses.get(plan.pk, []),
    )
