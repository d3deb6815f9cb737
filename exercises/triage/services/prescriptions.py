"""What a therapist orders of single exercises: added, changed, exchanged for another, or ended.

The catalogue's contraindications hold for her too (`exercises.plans.prescribable`). A change ends
one row and starts another, so that what was prescribed on any day can always be told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from backend.accounts import audit
from backend.accounts.models import Patient, User
from backend.accounts.revisions import Revision, revision
from backend.core.localtime import local_date
from exercises.catalog import selectors as catalog
from exercises.plans import prescribable
from exercises.plans import selectors as plans
from exercises.plans import services as plan_services
from exercises.plans.flags import profile_flags
from exercises.plans.models import Prescription, PrescriptionOrder, RecoveryPlan
from exercises.plans.prescribable import Refusal, Wanted, Written
from exercises.plans.prescribed import variation_of
from exercises.plans.variation import Variation
from exercises.plans.variations import keep_still, variation_to_prescribe
from exercises.triage.levels import Level
from exercises.triage.loading import load, present_symptoms
from exercises.triage.selectors import standing_alerts
from exercises.triage.services.plan import NoPlan, OrderRefused, PlanChanged

Action = Literal["add", "change", "swap", "retire"]


class NoPrescription(Exception):
    """The open plan has no such prescription."""


class Contraindicated(OrderRefused):
    """Something stands against the exercise: `refusals` says what, and what she may go past."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("contraindicated", refusals[0].text)
        self.refusals = tuple(refusals)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is ordered: `wanted` None ends the prescription. It holds from the local date
    `starts_on` (None: today) on. `variation` is a clinic's own way of doing the exercise (None: the
    catalogue's; unset: as it was). `overrides` says, by code, why she goes past what stands against
    it. `asked` is the order as it was sent, by which a repetition is known."""

    reason: str
    wanted: Wanted | None
    starts_on: date | None = None
    variation: UUID | UnsetType | None = UNSET
    overrides: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """What a change would make: the exercise with its whole content, from `on_date` on."""

    exercise: str
    content: Written
    on_date: date


def prescribe(
    *,
    patient: Patient,
    target: UUID | None,
    change: Change,
    base_versions: Collection[int],
    by: User,
    now: datetime,
    trace_id: str = "",
) -> Prescription:
    """Carry out `change` of the prescription `target` (None: add one), given on one of
    `base_versions` of it (of the plan, to add one); the row that came of it, or that was ended.

    The same order of the same author on the same version again changes nothing. Raises `NoPlan`,
    `NoPrescription`, `PlanChanged`, `OrderRefused` and its `Contraindicated`.
    """
    with revision(patient.pk) as rev:
        plan, row = plan_and_row(patient, target)
        earlier = _given_before(plan, row, change, base_versions, by)
        if earlier is not None:
            return earlier
        base = row.version if row is not None else plan.version
        if base not in base_versions:
            raise PlanChanged
        made = _carry_out(patient, plan, row, change, by, rev, now)
        plan_services.touch(plan, rev)
        _write_down(plan, row, made, change, base, by, now)
        audit.record(
            actor_id=by.pk,
            action=f"prescription.{action_of(row, change)}",
            patient_id=patient.pk,
            object_kind="prescription",
            object_id=str((made or row).pk),  # type: ignore[union-attr]  # one of them is there
            trace_id=trace_id,
            now=now,
        )
        return made or row  # type: ignore[return-value]  # one of them is there


def plan_and_row(patient: Patient, target: UUID | None) -> tuple[RecoveryPlan, Prescription | None]:
    """The open plan and its prescription `target`. Raises `NoPlan`, `NoPrescription`."""
    plan = plans.open_plan(patient.pk)
    if plan is None:
        raise NoPlan
    row = plan.prescriptions.filter(pk=target).first() if target is not None else None
    if target is not None and row is None:
        raise NoPrescription
    return plan, row


def action_of(row: Prescription | None, change: Change) -> Action:
    """What a change of `row` (None: nothing yet) is called."""
    if change.wanted is None:
        return "retire"
    if row is None:
        return "add"
    return "change" if row.exercise == change.wanted.exercise else "swap"


def draft_of(
    *,
    patient: Patient,
    plan: RecoveryPlan,
    row: Prescription | None,
    change: Change,
    now: datetime,
) -> Draft | None:
    """What `change` would make; None where it ends the prescription. Raises `OrderRefused`."""
    today = local_date(now, patient.user.time_zone)
    if row is not None:
        _check_row(row, today)
    if change.wanted is None:
        return None
    _check_plan(patient, plan, row, change.wanted, today)
    against = refusals_of(patient, plan, change.wanted.exercise, now)
    open_ = [r for r in against if not (r.may_be_overridden and r.code in change.overrides)]
    if open_:
        raise Contraindicated(open_)
    content = _content(plan, row, change.wanted)
    if content is None:
        raise OrderRefused("dose_required", "Say how much: the catalogue has no dose here.")
    if change.variation is not UNSET:
        chosen = _variation(patient, change.wanted.exercise, change.variation, content, now)
        content = replace(content, variation=chosen)
    begins = max(today, row.starts_on) if row is not None else today
    return Draft(change.wanted.exercise, content, change.starts_on or begins)


def refusals_of(
    patient: Patient, plan: RecoveryPlan, exercise: str, now: datetime
) -> tuple[Refusal, ...]:
    """What stands against an exercise for this patient at `now`."""
    symptoms = present_symptoms(load(patient=patient, now=now).record)
    flags = profile_flags(patient.pk, symptoms) | set(plans.plan_state(plan)[1])
    return prescribable.refusals(
        catalog.exercise(exercise),
        general=catalog.general_contraindications(),
        flags=flags,
        phase=catalog.phase(plans.phase_of(plan)),
    )


def _check_row(row: Prescription, today: date) -> None:
    if row.flare_id is not None:
        raise OrderRefused("of_a_flare", "A flare serves this; change what it stands in for.")
    if row.ends_on is not None and row.ends_on <= max(today, row.starts_on):
        raise OrderRefused("ended", "This prescription has ended.")


def _check_plan(
    patient: Patient,
    plan: RecoveryPlan,
    row: Prescription | None,
    wanted: Wanted,
    today: date,
) -> None:
    if standing_alerts(patient.pk).filter(level__gte=Level.URGENT_SAME_DAY).exists():
        raise OrderRefused(
            "paused_by_alert", "An emergency or urgent alert is open; resolve it first."
        )
    others = plans.standing_prescriptions(plan, today).filter(exercise=wanted.exercise, flare=None)
    if row is not None:
        others = others.exclude(pk=row.pk)
    if others.exists():
        raise OrderRefused("already_prescribed", "This exercise is prescribed already.")


def _content(plan: RecoveryPlan, row: Prescription | None, wanted: Wanted) -> Written | None:
    before = None
    if row is not None and row.exercise == wanted.exercise:
        before = Written(dict(row.dose), tuple(row.slots), row.weekdays, variation_of(row))
    phase = catalog.phase(plans.phase_of(plan))
    return prescribable.written(wanted, catalog.exercise(wanted.exercise), phase, before)


def _variation(
    patient: Patient, exercise: str, chosen: UUID | None, content: Written, now: datetime
) -> Variation | None:
    if chosen is None or (content.variation is not None and content.variation.id == chosen):
        return content.variation if chosen else None
    found = variation_to_prescribe(patient, chosen, now)
    if found is None:
        raise OrderRefused(
            "not_offered_here", "No clinic where the patient is in care has such an exercise."
        )
    base, variation = found
    if base != exercise:
        raise OrderRefused("variation_of_another", "It is a variation of another exercise.")
    return variation


def _carry_out(
    patient: Patient,
    plan: RecoveryPlan,
    row: Prescription | None,
    change: Change,
    by: User,
    rev: Revision,
    now: datetime,
) -> Prescription | None:
    if isinstance(change.variation, UUID):
        keep_still(change.variation)
    draft = draft_of(patient=patient, plan=plan, row=row, change=change, now=now)
    if draft is not None:
        return plan_services.write_prescription(
            plan=plan,
            exercise=draft.exercise,
            content=draft.content,
            before=row,
            by=by,
            on_date=draft.on_date,
            rev=rev,
        )
    if row is not None:
        on_date = change.starts_on or local_date(now, patient.user.time_zone)
        plan_services.retire_prescription(row=row, on_date=on_date, rev=rev)
    return None


def _given_before(
    plan: RecoveryPlan,
    row: Prescription | None,
    change: Change,
    base_versions: Collection[int],
    by: User,
) -> Prescription | None:
    orders = PrescriptionOrder.objects.filter(
        plan=plan, prescription=row, by=by, base_version__in=list(base_versions)
    )
    for order in orders.select_related("made", "prescription"):
        if order.asked == dict(change.asked):
            return order.made or order.prescription
    return None


def _write_down(
    plan: RecoveryPlan,
    row: Prescription | None,
    made: Prescription | None,
    change: Change,
    base: int,
    by: User,
    now: datetime,
) -> None:
    PrescriptionOrder.objects.create(
        plan=plan,
        action=action_of(row, change),
        exercise=(made or row).exercise,  # type: ignore[union-attr]  # one of them is there
        prescription=row,
        made=made,
        asked=dict(change.asked),
        overrides=dict(change.overrides),
        reason=change.reason,
        by=by,
        at=now,
        base_version=base,
        version=plan.version,
    )
