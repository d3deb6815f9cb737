"""Prescriptions as a therapist sees them, and what a change of one would do."""

from datetime import date, datetime
from typing import Any, cast

from msgspec import UNSET

from backend.accounts.models import Patient
from exercises.plans import selectors as plans
from exercises.plans.models import Prescription, PrescriptionOrder, RecoveryPlan
from exercises.plans.prescribed import variation_columns
from exercises.plans.presenters import dose_view, prescription_view
from exercises.plans.progression import Adjusted
from exercises.triage.plan_preview import preview_of_rows, span_from
from exercises.triage.prescription_wire import (
    AgainstView,
    PatientPrescription,
    PatientPrescriptions,
    PrescriptionOrderView,
    PrescriptionPreview,
)
from exercises.triage.progress import adjusted_doses
from exercises.triage.services.prescriptions import Change, action_of, draft_of, refusals_of

# Orders that one answer shows; the older ones are in the audit.
SHOWN = 100


def prescriptions_of(plan: RecoveryPlan, today: date) -> PatientPrescriptions:
    """The plan's prescriptions from the patient's local date `today` on."""
    rows = [*plans.standing_prescriptions(plan, today).select_related("by")]
    doses = adjusted_doses(plan, rows, today)
    return PatientPrescriptions(
        items=[_view(row, doses[row.pk]) for row in rows],
        orders=[_order_view(order) for order in plans.prescription_orders(plan)[:SHOWN]],
    )


def prescription_with(row: Prescription, today: date) -> PatientPrescription:
    """One prescription with its dose on the patient's local date `today`."""
    return _view(row, adjusted_doses(row.plan, [row], today)[row.pk])


def prescription_preview(
    *,
    patient: Patient,
    plan: RecoveryPlan,
    row: Prescription | None,
    change: Change,
    now: datetime,
) -> PrescriptionPreview:
    """The next 14 local days if `change` of `row` were ordered at `now`; nothing is written.
    Raises `OrderRefused` where the order itself would be."""
    draft = draft_of(patient=patient, plan=plan, row=row, change=change, now=now)
    span = span_from(patient, now)
    rows = [*plans.prescriptions_on(plan, span.start, span.end)]
    ends_on = draft.on_date if draft else change.starts_on or span.start
    for standing in rows:
        if row is not None and standing.pk == row.pk:
            standing.ends_on = max(ends_on, standing.starts_on)
    if draft is not None:
        rows.append(
            Prescription(
                plan=plan,
                exercise=draft.exercise,
                phase=plan.phase,
                dose=draft.content.dose,
                slots=list(draft.content.slots),
                weekdays=draft.content.weekdays,
                starts_on=draft.on_date,
                breaks=plans.breaks_from(plan, row, draft.on_date),
                **variation_columns(draft.content.variation),
            )
        )
    shown = [item for item in rows if item.ends_on is None or item.ends_on > span.start]
    against = refusals_of(patient, plan, draft.exercise, now) if draft else ()
    return PrescriptionPreview(
        plan=preview_of_rows(plan, shown, span, action=action_of(row, change)),
        against=[
            AgainstView(code=i.code, text=i.text, may_be_overridden=i.may_be_overridden)
            for i in against
        ],
    )


def _view(row: Prescription, adjusted: Adjusted) -> PatientPrescription:
    return PatientPrescription(
        prescription=prescription_view(row),
        version=row.version,
        phase=cast(Any, row.phase),
        written_by=(row.by.name or row.by.email) if row.by else UNSET,
        dose_now=dose_view(adjusted.dose),
        adjusted_because=adjusted.because or UNSET,
    )


def _order_view(order: PrescriptionOrder) -> PrescriptionOrderView:
    return PrescriptionOrderView(
        action=cast(Any, order.action),
        exercise=order.exercise,
        prescription=order.prescription_id or UNSET,
        made=order.made_id or UNSET,
        reason=order.reason,
        overrides=order.overrides,
        by=(order.by.name or order.by.email) if order.by else "",
        at=order.at,
    )
