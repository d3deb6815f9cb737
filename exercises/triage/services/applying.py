"""A template is applied to a plan: the exercises of its phase become those that the template names.

Each is judged for this patient as if it were prescribed by hand; what stands against one leaves it
out and says so, for to go past it needs a reason of its own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.accounts import audit
from backend.accounts.models import Patient, User
from backend.accounts.revisions import Revision, revision
from backend.core.localtime import local_date
from exercises.catalog import selectors as catalog
from exercises.plans import prescribable
from exercises.plans import selectors as plans
from exercises.plans import services as plan_services
from exercises.plans.flags import profile_flags
from exercises.plans.models import PlanOrder, Prescription, PrescriptionOrder, RecoveryPlan
from exercises.plans.prescribable import Wanted, Written
from exercises.plans.prescribed import variation_of
from exercises.plans.templates import template_for, wanted_in
from exercises.triage.levels import Level
from exercises.triage.loading import load, present_symptoms
from exercises.triage.selectors import standing_alerts
from exercises.triage.services.plan import NoPlan, OrderRefused, PlanChanged

APPLY = "apply"


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A template as it is applied: its id and version, and what it prescribes in the plan's phase.
    Without an id it is what the catalogue itself serves there."""

    template: UUID | None = None
    version: int = 0
    items: tuple[Wanted, ...] = ()


@dataclass(frozen=True)
class Line:
    """An exercise to write in place of `before` (None: it is not prescribed yet)."""

    exercise: str
    content: Written
    before: Prescription | None
    on_date: date


@dataclass(frozen=True)
class LeftOut:
    """An exercise of the template that is not prescribed to this patient, and why."""

    exercise: str
    code: str
    text: str


@dataclass(frozen=True)
class Plan:
    """What applying would do: `kept` stay as they are, `ended` go, `lines` are written."""

    kept: tuple[Prescription, ...]
    ended: tuple[Prescription, ...]
    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...]


def draft_of_template(
    *, patient: Patient, plan: RecoveryPlan, applied: Applied, now: datetime
) -> Plan:
    """What applying would do at `now`; nothing is written. Raises `OrderRefused`."""
    if standing_alerts(patient.pk).filter(level__gte=Level.URGENT_SAME_DAY).exists():
        raise OrderRefused(
            "paused_by_alert", "An emergency or urgent alert is open; resolve it first."
        )
    if applied.template is not None and not applied.items:
        raise OrderRefused("empty_phase", "The template says nothing of the plan's phase.")
    today = local_date(now, patient.user.time_zone)
    rows = [*plans.standing_prescriptions(plan, today).filter(flare=None)]
    symptoms = present_symptoms(load(patient=patient, now=now).record)
    flags = profile_flags(patient.pk, symptoms) | set(plans.plan_state(plan)[1])
    wanted, left_out = (
        _of_clinic(plan, applied.items, flags, today)
        if applied.template
        else (_of_catalogue(plan, flags, today), [])
    )
    return _draft(rows, wanted, left_out, today)


def apply_template(
    *,
    patient: Patient,
    applied: Applied,
    reason: str,
    base_versions: Collection[int],
    by: User,
    now: datetime,
    trace_id: str = "",
) -> RecoveryPlan:
    """Apply a template to the patient's plan, given on one of `base_versions` of it; the plan as it
    is afterwards. The same again by the same author on the same version changes nothing.

    Raises `NoPlan`, `PlanChanged`, `OrderRefused`.
    """
    with revision(patient.pk) as rev:
        plan = plans.open_plan(patient.pk)
        if plan is None:
            raise NoPlan
        if _was_given(plan, applied, reason, base_versions, by):
            return plan
        if plan.version not in base_versions:
            raise PlanChanged
        base = plan.version
        draft = draft_of_template(patient=patient, plan=plan, applied=applied, now=now)
        today = local_date(now, patient.user.time_zone)
        orders = [
            *_written(plan, draft.lines, by, rev),
            *_ended(draft.ended, today, rev),
        ]
        plan_services.touch(plan, rev)
        _write_down(plan, orders, applied, reason, base, by, now)
        audit.record(
            actor_id=by.pk,
            action="plan.apply",
            patient_id=patient.pk,
            object_kind="template",
            object_id=str(applied.template or "catalogue"),
            trace_id=trace_id,
            now=now,
        )
    return plan


def applied_of(
    user: User, plan: RecoveryPlan, template_id: UUID | None, now: datetime
) -> Applied | None:
    """A template of the clinics of `user` (None: the catalogue's own) for the phase of `plan`; None
    for one that she may not use, or that is no longer offered."""
    if template_id is None:
        return Applied()
    found = template_for(user, template_id, now)
    if found is None or found.retired_at is not None:
        return None
    items = wanted_in(found, plans.phase_of(plan))
    return Applied(template=found.pk, version=found.version, items=items)


@dataclass(frozen=True)
class _Served:
    exercise: str
    content: Written
    starts_on: date


def _of_catalogue(plan: RecoveryPlan, flags: Collection[str], today: date) -> list[_Served]:
    items = plans.phase_items(plan, plans.phase_of(plan), today, flags)
    return [
        _Served(
            item.exercise,
            Written(msgspec.to_builtins(item.dose), item.slots, item.weekdays),
            item.starts_on,
        )
        for item in items
    ]


def _of_clinic(
    plan: RecoveryPlan, items: Sequence[Wanted], flags: Collection[str], today: date
) -> tuple[list[_Served], list[LeftOut]]:
    phase, general = catalog.phase(plans.phase_of(plan)), catalog.general_contraindications()
    served, left_out = [], []
    for wanted in items:
        exercise = catalog.find_exercise(wanted.exercise)
        if exercise is None:
            left_out.append(LeftOut(wanted.exercise, "unknown_exercise", "It is not offered now."))
            continue
        against = prescribable.refusals(exercise, general=general, flags=flags, phase=phase)
        content = prescribable.written(wanted, exercise, phase)
        if against:
            left_out.append(LeftOut(exercise.code, against[0].code, against[0].text))
        elif content is None:
            left_out.append(LeftOut(exercise.code, "dose_required", "There is no dose here."))
        else:
            served.append(_Served(exercise.code, content, today))
    return served, left_out


def _draft(
    rows: Sequence[Prescription],
    served: Sequence[_Served],
    left_out: Sequence[LeftOut],
    today: date,
) -> Plan:
    standing = {row.exercise: row for row in rows}
    kept, lines = [], []
    for item in served:
        before = standing.get(item.exercise)
        if before is not None and _is_same(before, item.content):
            kept.append(before)
            continue
        begins = max(today, item.starts_on, before.starts_on if before is not None else today)
        # A template speaks of amounts; how the clinic does the exercise stays.
        content = replace(item.content, variation=variation_of(before) if before else None)
        lines.append(Line(item.exercise, content, before, begins))
    named = {row.pk for row in kept} | {line.before.pk for line in lines if line.before}
    ended = tuple(row for row in rows if row.pk not in named)
    return Plan(tuple(kept), ended, tuple(lines), tuple(left_out))


def _is_same(row: Prescription, content: Written) -> bool:
    said = {name: value for name, value in content.dose.items() if name in ("note", *_AMOUNTS)}
    stands = {name: row.dose.get(name) for name in said}
    return (stands, tuple(row.slots), row.weekdays) == (said, content.slots, content.weekdays)


_AMOUNTS = (*prescribable.AMOUNTS, "hold_breaths", "per_side", "every_minutes")
Order = tuple[str, str, Prescription | None, Prescription | None]


def _written(plan: RecoveryPlan, lines: Sequence[Line], by: User, rev: Revision) -> list[Order]:
    orders: list[Order] = []
    for line in lines:
        made = plan_services.write_prescription(
            plan=plan,
            exercise=line.exercise,
            content=line.content,
            before=line.before,
            by=by,
            on_date=line.on_date,
            rev=rev,
        )
        orders.append(("change" if line.before else "add", line.exercise, line.before, made))
    return orders


def _ended(rows: Sequence[Prescription], today: date, rev: Revision) -> list[Order]:
    for row in rows:
        plan_services.retire_prescription(row=row, on_date=today, rev=rev)
    return [("retire", row.exercise, row, None) for row in rows]


def _was_given(
    plan: RecoveryPlan, applied: Applied, reason: str, base_versions: Collection[int], by: User
) -> bool:
    return PlanOrder.objects.filter(
        plan=plan,
        action=APPLY,
        reason=reason,
        by=by,
        template=applied.template,
        template_version=applied.version,
        base_version__in=list(base_versions),
    ).exists()


def _write_down(
    plan: RecoveryPlan,
    orders: Sequence[Order],
    applied: Applied,
    reason: str,
    base: int,
    by: User,
    now: datetime,
) -> None:
    PlanOrder.objects.create(
        plan=plan,
        action=APPLY,
        reason=reason,
        by=by,
        at=now,
        base_version=base,
        version=plan.version,
        template=applied.template,
        template_version=applied.version,
    )
    asked = {"template": str(applied.template or ""), "version": applied.version}
    PrescriptionOrder.objects.bulk_create(
        PrescriptionOrder(
            plan=plan,
            action=action,
            exercise=exercise,
            prescription=before,
            made=made,
            asked=asked,
            reason=reason,
            by=by,
            at=now,
            base_version=base,
            version=plan.version,
        )
        for action, exercise, before, made in orders
    )
