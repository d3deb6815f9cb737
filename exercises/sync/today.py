"""The one screen: what a patient needs today, put together from plan, diary and alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from backend.accounts.models import Patient
from backend.accounts.readers import Reader
from backend.core.localtime import local_date
from backend.core.wire import Wire
from exercises.catalog import selectors as catalog
from exercises.catalog.shapes import PhaseId
from exercises.plans import selectors as plans
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.plans.phases import Gate
from exercises.plans.presenters import dose_view, prescription_view
from exercises.plans.progression import Adjusted
from exercises.plans.schedule import DoneItem, Occurrence
from exercises.plans.wire import ExerciseStopRule, PrescribedDose, VariationView
from exercises.sync.home_care_wire import HomeCareAdvice, home_care_now
from exercises.tracking import selectors as tracking
from exercises.tracking.done import done_items
from exercises.triage import phasing
from exercises.triage.advice import Advice, advice_for
from exercises.triage.levels import Level
from exercises.triage.models import Alert
from exercises.triage.progress import adjusted_doses
from exercises.triage.selectors import standing_alerts
from exercises.triage.trend import trend_of


class OccurrenceView(Wire, frozen=True, kw_only=True):
    """One exercise at one time of one day; `key` is "{prescription}:{local_date}:{slot}".

    `adjusted_because` says why the dose is not the prescribed one, after how it was borne. Where a
    clinic does the exercise its own way, `name` is that of the `variation`.
    """

    key: str
    prescription: UUID
    exercise: str
    name: str
    variation: VariationView | UnsetType = UNSET
    local_date: date
    slot: str
    state: Literal["due", "done", "partial", "skipped", "missed", "paused"]
    dose: PrescribedDose
    adjusted_because: str | UnsetType = UNSET
    stop_rules: list[ExerciseStopRule]


class Occurrences(Wire, frozen=True, kw_only=True):
    """The occurrences of a span of local dates."""

    items: list[OccurrenceView]


class CheckIn(Wire, frozen=True, kw_only=True):
    """The daily check-in: which pains were already reported today, and for which they are asked."""

    done: bool
    sites_asked: list[Literal["knee", "leg", "back"]]
    sites_reported: list[str]
    text: str


class GateLineView(Wire, frozen=True, kw_only=True):
    """One line of the checklist: `value` is what is, against `threshold`; absent: not known."""

    code: str
    met: bool
    text: str
    value: float | UnsetType = UNSET
    threshold: float | UnsetType = UNSET


class GateView(Wire, frozen=True, kw_only=True):
    """The way into the next phase; open when every line is met."""

    target: PhaseId
    open: bool
    lines: list[GateLineView]


class TodayView(Wire, frozen=True, kw_only=True):
    """Everything the one screen shows. While the plan is paused no exercise is shown."""

    date: date
    day: int
    phase: PhaseId
    phase_title: str
    plan_state: Literal["active", "paused"]
    pause_reasons: list[str]
    occurrences: list[OccurrenceView]
    check_in: CheckIn
    home_care: list[HomeCareAdvice]
    advice: Advice | None
    next_step: GateView | UnsetType = UNSET
    safety_net: str


def today_view(
    *, patient: Patient, plan: RecoveryPlan, day: date, reader: Reader, now: datetime
) -> TodayView:
    """The screen of the local date `day`."""
    user = patient.user
    state, reasons = plans.plan_state(plan)
    alerts = [*standing_alerts(patient.pk)]
    language = reader.language
    phase = catalog.phase(plans.phase_of(plan), language=language)
    gate = phasing.gate_of(
        plan=plan, standing=alerts, trend=trend_of(plan, day), today=day, language=language
    )
    shown = occurrence_views(
        plan,
        day,
        day + timedelta(days=1),
        zone=user.time_zone,
        standing=alerts,
        language=language,
        now=now,
    )
    return TodayView(
        date=day,
        day=plans.plan_day(plan, day),
        phase=phase.id,
        phase_title=phase.title,
        plan_state=state,
        pause_reasons=list(reasons),
        occurrences=[] if state == "paused" else shown,
        check_in=_check_in(patient, day, phase.check_in.text),
        home_care=home_care_now(patient, plan, language=language, now=now).items,
        advice=advice_for(alerts, reader),
        next_step=gate_view(gate) if gate else UNSET,
        safety_net=catalog.safety_net(
            catalog.emergency_numbers(reader.country).emergency, language=language
        ),
    )


def occurrence_views(
    plan: RecoveryPlan,
    start: date,
    end: date,
    *,
    zone: str,
    standing: Sequence[Alert],
    language: str,
    now: datetime,
) -> list[OccurrenceView]:
    """The occurrences of [start, end) with dose and stop rules.

    While an alert of level prompt_days or above stands, strengthening waits from today on
    (specification 2.1)."""
    sessions = tracking.sessions_between(plan.patient_id, start, end)
    prescriptions = {row.id: row for row in plans.prescriptions_on(plan, start, end)}
    done: Iterable[DoneItem] = done_items(sessions, prescriptions)
    found: Sequence[Occurrence] = plans.occurrences(
        plan, prescriptions.values(), start=start, end=end, zone=zone, now=now, done=done
    )
    today = local_date(now, zone)
    doses = adjusted_doses(plan, prescriptions.values(), today, keep=True)
    waits = any(alert.level >= Level.PROMPT_DAYS for alert in standing)
    return [
        _occurrence(
            _resting(item) if waits and item.local_date >= today else item,
            prescriptions[item.prescription],
            doses[item.prescription],
            language,
        )
        for item in found
        if item.local_date < today or not doses[item.prescription].is_removed
    ]


def _resting(item: Occurrence) -> Occurrence:
    exercise = catalog.find_exercise(item.exercise)
    if item.state != "due" or exercise is None or not exercise.strengthening:
        return item
    return replace(item, state="paused")


def gate_view(gate: Gate) -> GateView:
    """The gate as a checklist."""
    return GateView(
        target=gate.target,
        open=gate.passed,
        lines=[
            GateLineView(
                code=line.code,
                met=line.met,
                text=line.text,
                value=UNSET if line.value is None else line.value,
                threshold=UNSET if line.threshold is None else line.threshold,
            )
            for line in gate.lines
        ],
    )


def _occurrence(
    item: Occurrence, row: Prescription, adjusted: Adjusted, language: str
) -> OccurrenceView:
    prescribed = prescription_view(row, language=language)
    return OccurrenceView(
        key=item.key,
        prescription=item.prescription,
        exercise=item.exercise,
        name=prescribed.name,
        variation=prescribed.variation,
        local_date=item.local_date,
        slot=item.slot,
        state=item.state,
        dose=dose_view(adjusted.dose),
        adjusted_because=adjusted.because or UNSET,
        stop_rules=prescribed.stop_rules,
    )


def _check_in(patient: Patient, day: date, text: str) -> CheckIn:
    rows = tracking.pain_days(patient.pk, day, day + timedelta(days=1))
    reported = [row.site for row in rows if row.worst is not None]
    return CheckIn(
        done="knee" in reported,
        sites_asked=["knee", "leg", "back"],
        sites_reported=reported,
        text=text,
    )
