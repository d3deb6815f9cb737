"""What a therapist orders of a plan. Her word goes before the gate, never before an open emergency or
urgent alert; every order has a reason, an author and the version that it was given on."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from backend.accounts import audit
from backend.accounts.models import Patient, User
from backend.accounts.revisions import Revision, revision
from backend.core.localtime import local_date
from exercises.catalog.shapes import PhaseId
from exercises.plans import selectors as plans
from exercises.plans import services as plan_services
from exercises.plans.models import PauseReason, PlanOrder, RecoveryPlan
from exercises.plans.phases import is_step_back, next_phase, phase_before
from exercises.triage.loading import load, present_symptoms
from exercises.triage.services.judging import judge

Action = Literal["hold", "release_hold", "advance", "step_back", "pause", "resume"]
# Pauses that a therapist ends; the one for an alert ends with the alert alone.
HERS = (PauseReason.OUT_OF_SCOPE, PauseReason.THERAPIST)
STEPS = ("advance", "step_back")
HOLDS = ("hold", "step_back")
LONGEST_HOLD = timedelta(days=366)


class NoPlan(Exception):
    """The patient has no open plan."""


class PlanChanged(Exception):
    """The plan is no longer the version that the order was given on."""


class OrderRefused(Exception):
    """The plan is in no state for this order: `code` says why, the message in words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is ordered, and why. `to` is the phase of a step (the neighbour where absent), `until`
    the local date on which a hold ends."""

    action: Action
    reason: str
    to: PhaseId | None = None
    until: date | None = None


def order_plan(
    *,
    patient: Patient,
    order: Order,
    base_versions: Collection[int],
    by: User,
    now: datetime,
    trace_id: str = "",
) -> RecoveryPlan:
    """Carry out `order`, given on one of `base_versions`; returns the plan as it is afterwards.

    The same order of the same author on the same version again changes nothing. Raises `NoPlan`,
    `PlanChanged`, `OrderRefused`.
    """
    with revision(patient.pk) as rev:
        plan = plans.open_plan(patient.pk)
        if plan is None:
            raise NoPlan
        base = plan.version
        if _was_given(plan, order, base_versions, by):
            return plan
        if base not in base_versions:
            raise PlanChanged
        _VERBS[order.action](_Scene(patient, plan, by, rev, now), order)
        _write_down(plan, order, base, by, now)
        audit.record(
            actor_id=by.pk,
            action=f"plan.{order.action}",
            patient_id=patient.pk,
            object_kind="plan",
            object_id=str(plan.pk),
            trace_id=trace_id,
            now=now,
        )
        if order.action in ("release_hold", "resume"):
            judge(patient=patient, rev=rev, now=now)
        return plans.open_plan(patient.pk) or plan


def order_flaws(order: Order, today: date) -> Iterator[tuple[str, str, str]]:
    """What no plan could take, whatever its state: field, code and words; `today` is the patient's
    local date."""
    if not order.reason.strip():
        yield "reason", "required", "Say why."
    if order.to is not None and order.action not in STEPS:
        yield "to", "not_a_step", "Only for a step to another phase."
    if order.until is not None and order.action not in HOLDS:
        yield "until", "not_a_hold", "Only for a hold or a step back."
    elif order.until is not None and order.until <= today:
        yield "until", "in_the_past", "A date after today."
    elif order.until is not None and order.until > today + LONGEST_HOLD:
        yield "until", "out_of_range", "At most a year from today."


def refusal(plan: RecoveryPlan, action: Action, to: PhaseId | None) -> OrderRefused | None:
    """Why the plan as it stands now is in no state for `action`; None when it may be ordered."""
    reasons = plans.plan_state(plan)[1]
    if action in ("advance", "resume") and PauseReason.ALERT in reasons:
        return OrderRefused(
            "paused_by_alert", "An emergency or urgent alert is open; resolve it first."
        )
    if action == "resume" and not set(HERS) & set(reasons):
        return OrderRefused("not_paused", "The plan is not paused.")
    if action == "pause" and PauseReason.THERAPIST in reasons:
        return OrderRefused("already_paused", "The plan is paused already.")
    if action == "release_hold" and plan.held_at is None:
        return OrderRefused("not_held", "Nobody holds the plan in its phase.")
    if action in ("advance", "step_back"):
        return _step_refusal(plan, action, to)
    return None


def target_of(plan: RecoveryPlan, action: Action, to: PhaseId | None) -> PhaseId | None:
    """The phase that a step leads to: the one named, or else the neighbour; None at either end."""
    phase = plans.phase_of(plan)
    return to or (next_phase(phase) if action == "advance" else phase_before(phase))


@dataclass(frozen=True)
class _Scene:
    patient: Patient
    plan: RecoveryPlan
    by: User
    rev: Revision
    now: datetime

    @property
    def today(self) -> date:
        return local_date(self.now, self.patient.user.time_zone)


def _was_given(plan: RecoveryPlan, order: Order, base_versions: Collection[int], by: User) -> bool:
    return PlanOrder.objects.filter(
        plan=plan,
        action=order.action,
        to=order.to or "",
        until=order.until,
        reason=order.reason,
        by=by,
        base_version__in=list(base_versions),
    ).exists()


def _write_down(plan: RecoveryPlan, order: Order, base: int, by: User, now: datetime) -> None:
    PlanOrder.objects.create(
        plan=plan,
        action=order.action,
        to=order.to or "",
        until=order.until,
        reason=order.reason,
        by=by,
        at=now,
        base_version=base,
        version=plan.version,
    )


def _step_refusal(plan: RecoveryPlan, action: Action, to: PhaseId | None) -> OrderRefused | None:
    phase, target = plans.phase_of(plan), target_of(plan, action, to)
    if target is None:
        where = "last" if action == "advance" else "first"
        return OrderRefused(f"{where}_phase", f"The plan is in its {where} phase.")
    if target == phase:
        return OrderRefused("already_in_phase", "The plan is in that phase already.")
    if is_step_back(phase, target) != (action == "step_back"):
        return OrderRefused("wrong_direction", "That phase lies in the other direction.")
    return None


def _check(scene: _Scene, order: Order) -> None:
    problem = refusal(scene.plan, order.action, order.to)
    if problem is not None:
        raise problem


def _hold(scene: _Scene, order: Order) -> None:
    plan_services.hold(
        plan=scene.plan,
        by=scene.by,
        reason=order.reason,
        until=order.until,
        rev=scene.rev,
        now=scene.now,
    )


def _release_hold(scene: _Scene, order: Order) -> None:
    _check(scene, order)
    plan_services.release_hold(plan=scene.plan, rev=scene.rev)


def _step(scene: _Scene, order: Order) -> None:
    _check(scene, order)
    target = target_of(scene.plan, order.action, order.to)
    assert target is not None, "_check refuses a step that leads nowhere"  # noqa: S101
    plan_services.change_phase(
        plan=scene.plan,
        phase=target,
        cause=order.action,
        on_date=scene.today,
        by=scene.by,
        reason=order.reason,
        held_until=order.until,
        open_symptoms=present_symptoms(load(patient=scene.patient, now=scene.now).record),
        rev=scene.rev,
        now=scene.now,
    )


def _pause(scene: _Scene, order: Order) -> None:
    _check(scene, order)
    plan_services.pause(plan=scene.plan, reason=PauseReason.THERAPIST, rev=scene.rev, now=scene.now)


def _resume(scene: _Scene, order: Order) -> None:
    _check(scene, order)
    for reason in HERS:
        plan_services.release(plan=scene.plan, reason=reason, rev=scene.rev, now=scene.now)


_VERBS: dict[Action, Callable[[_Scene, Order], None]] = {
    "hold": _hold,
    "release_hold": _release_hold,
    "advance": _step,
    "step_back": _step,
    "pause": _pause,
    "resume": _resume,
}
