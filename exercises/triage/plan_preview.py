"""What a plan would be after a therapist's order, computed without writing anything."""

from datetime import date, datetime, timedelta

import msgspec

from backend.accounts.models import Patient
from backend.core.localtime import local_date
from exercises.catalog.shapes import PhaseId
from exercises.plans import schedule
from exercises.plans import selectors as plans
from exercises.plans.flags import profile_flags
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.plans.prescribed import as_prescribed, variation_columns
from exercises.plans.presenters import prescription_view
from exercises.plans.wire import DateSpan, PlanPreview, PreviewOccurrence
from exercises.triage.loading import load, present_symptoms
from exercises.triage.services.applying import (
    APPLY,
    Applied,
    LeftOut,
    draft_of_template,
)
from exercises.triage.services.plan import Action, refusal, target_of

DAYS = timedelta(days=14)


def preview(
    *, patient: Patient, plan: RecoveryPlan, action: Action, to: PhaseId | None, now: datetime
) -> PlanPreview:
    """The prescriptions and occurrences of the next 14 local days if `action` were ordered at
    `now`. Raises `OrderRefused` where the order itself would be."""
    problem = refusal(plan, action, to)
    if problem is not None:
        raise problem
    span = span_from(patient, now)
    today = span.start
    standing = [*plans.prescriptions_on(plan, span.start, span.end)]
    target, rows = plans.phase_of(plan), standing
    if action in ("advance", "step_back"):
        target = target_of(plan, action, to) or target
        rows = _prescriptions(patient, plan, target, today, now)
    is_paused = _is_paused_after(plan, action)
    return _preview(action, target, span, standing, rows, is_paused=is_paused)


def preview_of_rows(
    plan: RecoveryPlan, rows: list[Prescription], span: DateSpan, *, action: str
) -> PlanPreview:
    """The plan over `span` if `rows` were its prescriptions."""
    standing = [*plans.prescriptions_on(plan, span.start, span.end)]
    is_paused = plans.plan_state(plan)[0] == "paused"
    return _preview(action, plans.phase_of(plan), span, standing, rows, is_paused=is_paused)


def preview_of_template(
    *, patient: Patient, plan: RecoveryPlan, applied: Applied, now: datetime
) -> tuple[PlanPreview, tuple[LeftOut, ...]]:
    """The plan over the next 14 local days if a template were applied at `now`, and what of it would
    be left out; nothing is written. Raises `OrderRefused`."""
    draft = draft_of_template(patient=patient, plan=plan, applied=applied, now=now)
    span = span_from(patient, now)
    made = [
        Prescription(
            plan=plan,
            exercise=line.exercise,
            phase=plan.phase,
            dose=line.content.dose,
            slots=list(line.content.slots),
            weekdays=line.content.weekdays,
            starts_on=line.on_date,
            breaks=plans.breaks_from(plan, line.before, line.on_date),
            **variation_columns(line.content.variation),
        )
        for line in draft.lines
    ]
    replaced = {line.before.pk: line.on_date for line in draft.lines if line.before}
    gone = {row.pk for row in draft.ended}
    rows = [row for row in plans.prescriptions_on(plan, span.start, span.end) if row.pk not in gone]
    for row in rows:
        if row.pk in replaced:
            row.ends_on = replaced[row.pk]
    shown = [row for row in rows if row.ends_on is None or row.ends_on > span.start]
    return preview_of_rows(plan, [*shown, *made], span, action=APPLY), draft.left_out


def span_from(patient: Patient, now: datetime) -> DateSpan:
    """The local days that a preview shows."""
    today = local_date(now, patient.user.time_zone)
    return DateSpan(start=today, end=today + DAYS)


def _preview(
    action: str,
    phase: PhaseId,
    span: DateSpan,
    standing: list[Prescription],
    rows: list[Prescription],
    *,
    is_paused: bool,
) -> PlanPreview:
    return PlanPreview(
        action=action,
        phase=phase,
        state="paused" if is_paused else "active",
        days=span,
        prescriptions=[prescription_view(row) for row in rows],
        added=sorted({row.exercise for row in rows} - {row.exercise for row in standing}),
        removed=sorted({row.exercise for row in standing} - {row.exercise for row in rows}),
        occurrences=_occurrences(rows, span, is_paused=is_paused),
    )


def _prescriptions(
    patient: Patient, plan: RecoveryPlan, phase: PhaseId, today: date, now: datetime
) -> list[Prescription]:
    symptoms = present_symptoms(load(patient=patient, now=now).record)
    flags = profile_flags(patient.pk, symptoms)
    staying = plans.staying_rows(plan, phase, today)
    kept = {row.exercise for row in staying}
    served = [
        Prescription(
            plan=plan,
            exercise=item.exercise,
            phase=phase,
            dose=msgspec.to_builtins(item.dose),
            slots=list(item.slots),
            weekdays=item.weekdays,
            starts_on=item.starts_on,
        )
        for item in plans.template_items(plan, phase, today, flags)
        if item.exercise not in kept
    ]
    return [*staying, *served]


def _is_paused_after(plan: RecoveryPlan, action: Action) -> bool:
    if action in ("pause", "resume"):
        return action == "pause"
    return plans.plan_state(plan)[0] == "paused"


def _occurrences(
    rows: list[Prescription], span: DateSpan, *, is_paused: bool
) -> list[PreviewOccurrence]:
    days = {span.start + timedelta(days=offset) for offset in range((span.end - span.start).days)}
    found = schedule.occurrences(
        [as_prescribed(row) for row in rows],
        start=span.start,
        end=span.end,
        today=span.start,
        paused=days if is_paused else frozenset(),
    )
    names = {row.pk: prescription_view(row).name for row in rows}
    return [
        PreviewOccurrence(
            exercise=item.exercise,
            name=names[item.prescription],
            local_date=item.local_date,
            slot=item.slot,
            state="paused" if item.state == "paused" else "due",
        )
        for item in found
    ]
