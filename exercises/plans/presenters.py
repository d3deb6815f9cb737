"""Intakes and plans in the shapes that travel."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal, cast

from backend.core.shaping import convert
from backend.core.wire import UNSET
from exercises.catalog import selectors as content
from exercises.catalog.content import catalog, catalog_in
from exercises.catalog.shapes import IntakeQuestion, Phase, PhaseId, StopRule
from exercises.catalog.translation import ENGLISH
from exercises.plans import selectors, wire
from exercises.plans.answers import missing
from exercises.plans.models import (
    Flare,
    Intake,
    PhaseChange,
    PlanOrder,
    Prescription,
    RecoveryPlan,
)
from exercises.plans.phases import ORDER, Gate
from exercises.plans.prescribed import breaks_of, variation_of
from exercises.plans.variation import Variation

# Orders that one answer shows; the older ones are in the audit.
SHOWN = 100


def intake_view(
    intake: Intake | None, plan: RecoveryPlan | None, *, language: str = ENGLISH
) -> wire.IntakeView:
    """The questions as they are now, with the answers so far."""
    questions = content.intake_questions(language=language)
    answers = intake.answers if intake else {}
    titles = {section.id: section.title for section in content.intake_sections(language=language)}
    return wire.IntakeView(
        version=content.content_version(),
        status=_intake_status(intake),
        questions=[_question_view(item, titles[item.section]) for item in questions],
        answers=answers,
        missing=missing(questions, answers),
        plan_id=plan.id if plan else UNSET,
    )


def _intake_status(intake: Intake | None) -> Literal["not_started", "in_progress", "complete"]:
    if intake is None:
        return "not_started"
    return "complete" if intake.completed_at else "in_progress"


def plan_view(
    plan: RecoveryPlan, today: date, *, even_paused: bool = False, language: str = ENGLISH
) -> wire.PlanView:
    """The plan on the patient's local date `today`; while it is paused without exercises, unless
    `even_paused` asks for them."""
    state, reasons = selectors.plan_state(plan)
    held = selectors.is_held(plan, today)
    extended = selectors.plan_extension(plan, today) is not None
    shown = state == "active" or even_paused
    rows = selectors.standing_prescriptions(plan, today) if shown else ()
    flare = selectors.running_flare(plan)
    return wire.PlanView(
        id=plan.id,
        version=plan.version,
        state=state,
        pause_reasons=cast(Any, list(reasons)),
        phase=selectors.phase_of(plan),
        phase_since=plan.phase_since,
        day=max(0, selectors.plan_day(plan, today)),
        start_date=plan.start_date,
        held=held,
        held_reason=plan.held_reason if held else UNSET,
        extended=extended,
        extended_text=content.gate(language=language).extended_text if extended else UNSET,
        flare=_span(flare.started_on, flare.ends_on) if flare else UNSET,
        prescriptions=[prescription_view(row, language=language) for row in rows],
    )


def prescription_view(row: Prescription, *, language: str = ENGLISH) -> wire.PrescriptionView:
    """The prescription with its exercise's name and stop rules; one that the catalogue has since
    retired keeps its code as a name and the stop rules of every exercise."""
    offered = row.exercise in catalog().exercises
    rules = (
        content.stop_rules(row.exercise, language=language)
        if offered
        else catalog_in(language).stop_rules
    )
    base = content.exercise(row.exercise, language=language).name if offered else row.exercise
    variation = variation_of(row)
    return wire.PrescriptionView(
        id=row.id,
        exercise=row.exercise,
        name=variation.name if variation else base,
        variation=variation_view(variation, base) if variation else UNSET,
        dose=dose_view(row.dose),
        slots=list(row.slots),
        weekdays=[day for day in range(7) if row.weekdays >> day & 1],
        starts_on=row.starts_on,
        ends_on=row.ends_on or UNSET,
        breaks=[_span(first, end) for first, end in breaks_of(row.breaks) if first < end],
        stop_rules=stop_rule_views(rules),
    )


def variation_view(variation: Variation, base: str) -> wire.VariationView:
    """A clinic's way of doing the exercise that is called `base`."""
    return wire.VariationView(id=variation.id, based_on=base, **variation.as_plain())


def dose_view(dose: dict[str, Any]) -> wire.PrescribedDose:
    """A stored dose without the members that it does not have."""
    present = {name: value for name, value in dose.items() if value is not None}
    return convert(present, wire.PrescribedDose)


def stop_rule_views(rules: Iterable[StopRule]) -> list[wire.ExerciseStopRule]:
    """Stop rules, in the order given."""
    return [
        wire.ExerciseStopRule(code=rule.code, action=rule.action, text=rule.text) for rule in rules
    ]


def patient_plan_view(plan: RecoveryPlan, gate: Gate | None, today: date) -> wire.PatientPlanView:
    """The plan as a therapist sees it on the patient's local date `today`."""
    return wire.PatientPlanView(
        plan=plan_view(plan, today, even_paused=True),
        gate=gate_checklist(gate) if gate else UNSET,
        orders=[_order_view(order) for order in selectors.orders_of(plan)[:SHOWN]],
        changes=[_change_view(row) for row in reversed(selectors.phase_changes(plan))],
        flares=[_flare_view(flare) for flare in reversed(selectors.flares_of(plan))],
    )


def gate_checklist(gate: Gate) -> wire.GateChecklist:
    """The gate as a checklist."""
    return wire.GateChecklist(
        target=gate.target,
        open=gate.passed,
        lines=[
            wire.GateCheck(
                code=line.code,
                met=line.met,
                text=line.text,
                value=UNSET if line.value is None else line.value,
                threshold=UNSET if line.threshold is None else line.threshold,
            )
            for line in gate.lines
        ],
    )


def _order_view(order: PlanOrder) -> wire.PlanOrderView:
    return wire.PlanOrderView(
        version=order.version,
        base_version=order.base_version,
        action=order.action,
        to=cast(PhaseId, order.to) if order.to else UNSET,
        until=order.until or UNSET,
        reason=order.reason,
        by=(order.by.name or order.by.email) if order.by else "",
        at=order.at,
    )


def _flare_view(flare: Flare) -> wire.FlareView:
    return wire.FlareView(
        days=_span(flare.started_on, flare.ends_on),
        outcome=flare.outcome or UNSET,
        stepped_back=flare.stepped_back,
    )


def _span(start: date, end: date) -> wire.DateSpan:
    return wire.DateSpan(start=start, end=end)


def phases_view(plan: RecoveryPlan, *, language: str = ENGLISH) -> wire.PlanPhasesView:
    """The phases that the catalogue plans, and the plan's way through them."""
    changes = list(selectors.phase_changes(plan))
    return wire.PlanPhasesView(
        phases=[_phase_view(item, plan, changes) for item in content.phases(language=language)],
        changes=[_change_view(change) for change in changes],
    )


def _phase_view(
    phase: Phase, plan: RecoveryPlan, changes: Sequence[PhaseChange]
) -> wire.PlanPhaseView:
    status = _status(phase.id, selectors.phase_of(plan))
    began = [change.on_date for change in changes if change.phase == phase.id]
    return wire.PlanPhaseView(
        id=phase.id,
        title=phase.title,
        summary=phase.summary,
        status=status,
        first_day=phase.first_day,
        end_day=UNSET if phase.end_day is None else phase.end_day,
        since=began[-1] if began and status != "upcoming" else UNSET,
        volume=phase.volume.text,
        check_in=phase.check_in.text,
        exercises=list(phase.exercises),
        home_care=list(phase.home_care),
        cards=list(phase.cards),
    )


def _status(phase: PhaseId, current: PhaseId) -> Literal["past", "current", "upcoming"]:
    if phase == current:
        return "current"
    return "past" if ORDER.index(phase) < ORDER.index(current) else "upcoming"


def _change_view(change: PhaseChange) -> wire.PhaseChangeView:
    return wire.PhaseChangeView(
        phase=cast(PhaseId, change.phase),
        on_date=change.on_date,
        cause=change.cause,
        reason=change.reason or UNSET,
    )


def _question_view(question: IntakeQuestion, section_title: str) -> wire.IntakeQuestionView:
    return wire.IntakeQuestionView(
        id=question.id,
        section=question.section,
        section_title=section_title,
        kind=question.kind,
        text=question.text,
        help=question.help,
        required=question.required,
        options=[wire.IntakeOption(value=o.value, label=o.label) for o in question.options],
        min=UNSET if question.min is None else question.min,
        max=UNSET if question.max is None else question.max,
    )
