"""The one screen: what a patient needs today, put together from plan, diary and alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from backend.accounts.models import Patient
from backend.accounts.readers import Reader
from backend.core.localtime import local_date
from backend.core.together import Part
from backend.core.wanted import Wanted, read_all
from backend.core.wire import Wire
from exercises.catalog import selectors as catalog
from exercises.catalog.shapes import PhaseId
from exercises.plans import selectors as plans
from exercises.plans.models import PlanPause, Prescription, RecoveryPlan
from exercises.plans.phases import Gate
from exercises.plans.presenters import dose_view, prescription_view
from exercises.plans.progression import Adjusted
from exercises.plans.reads import pauses_in, prescribed_on
from exercises.plans.schedule import Occurrence
from exercises.plans.wire import ExerciseStopRule, PrescribedDose, VariationView
from exercises.sync.home_care_wire import HomeCareAdvice, home_care_in, situation_now
from exercises.tracking import selectors as tracking
from exercises.tracking.done import done_items
from exercises.tracking.models import DayPain
from exercises.triage.advice import Advice, advice_for
from exercises.triage.courses import Session
from exercises.triage.levels import Level
from exercises.triage.models import Alert
from exercises.triage.phasing import gate_after, wanted_lately
from exercises.triage.progress import Borne, doses_after, wanted_borne
from exercises.triage.selectors import standing_by_level
from exercises.triage.trend import wanted_trend

DAY = timedelta(days=1)


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
    """The screen of the local date `day`; all that it is made of is read at once."""
    language, zone = reader.language, patient.user.time_zone
    standing, trend, lately = _standing(plan), wanted_trend(plan, day), wanted_lately(plan, day)
    listed, borne = _listed(plan, day, day + DAY), wanted_borne(plan, local_date(now, zone))
    reported, situation = _reported(plan, day), situation_now(patient, plan, now)
    read_all(standing, trend, lately, listed, borne, reported, situation)
    alerts = standing.found
    state, reasons = plans.state_in(listed.found.pauses)
    phase = catalog.phase(plans.phase_of(plan), language=language)
    gate = gate_after(
        lately.found, plan=plan, standing=alerts, trend=trend.found, today=day, language=language
    )
    shown = _views(listed.found, borne.found, plan, alerts, zone=zone, language=language, now=now)
    return TodayView(
        date=day,
        day=plans.plan_day(plan, day),
        phase=phase.id,
        phase_title=phase.title,
        plan_state=state,
        pause_reasons=list(reasons),
        occurrences=[] if state == "paused" else shown,
        check_in=_check_in(reported.found, phase.check_in.text),
        home_care=home_care_in(situation.found, plan, language=language, now=now).items,
        advice=advice_for(alerts, reader),
        next_step=gate_view(gate) if gate else UNSET,
        safety_net=catalog.safety_net(
            catalog.emergency_numbers(reader.country).emergency, language=language
        ),
    )


def _standing(plan: RecoveryPlan) -> Wanted[list[Alert]]:
    return Wanted([Part(standing_by_level, (plan.patient_id,), Alert)], list)


def _reported(plan: RecoveryPlan, day: date) -> Wanted[list[DayPain]]:
    return Wanted([Part(tracking.pain_days, (plan.patient_id, day, day + DAY), DayPain)], list)


@dataclass(frozen=True)
class _Listed:
    """What the occurrences of the local dates [start, end) are made of."""

    start: date
    end: date
    sessions: Sequence[Session]
    prescriptions: Sequence[Prescription]
    pauses: Sequence[PlanPause]


def _listed(plan: RecoveryPlan, start: date, end: date) -> Wanted[_Listed]:
    return Wanted(
        [
            Part(tracking.sessions_between, (plan.patient_id, start, end), Session),
            Part(prescribed_on, (plan.pk, start, end), Prescription),
            Part(pauses_in, (plan.pk,), PlanPause),
        ],
        partial(_Listed, start, end),
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
    listed, borne = _listed(plan, start, end), wanted_borne(plan, local_date(now, zone))
    read_all(listed, borne)
    return _views(listed.found, borne.found, plan, standing, zone=zone, language=language, now=now)


def _views(
    listed: _Listed,
    borne: Borne,
    plan: RecoveryPlan,
    standing: Sequence[Alert],
    *,
    zone: str,
    language: str,
    now: datetime,
) -> list[OccurrenceView]:
    prescriptions = {row.id: row for row in listed.prescriptions}
    found: Sequence[Occurrence] = plans.occurrences(
        plan,
        prescriptions.values(),
        start=listed.start,
        end=listed.end,
        zone=zone,
        now=now,
        done=done_items(listed.sessions, prescriptions),
        pauses=listed.pauses,
    )
    today = borne.before
    doses = doses_after(plan, prescriptions.values(), borne, keep=True)
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


def _check_in(rows: Iterable[DayPain], text: str) -> CheckIn:
    reported = [row.site for row in rows if row.worst is not None]
    return CheckIn(
        done="knee" in reported,
        sites_asked=["knee", "leg", "back"],
        sites_reported=reported,
        text=text,
    )
