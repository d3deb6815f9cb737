"""What happened to a plan since somebody looked at it."""

from dataclasses import dataclass
from datetime import datetime

from exercises.plans import selectors as plans
from exercises.plans.models import PhaseChange, PlanOrder, PrescriptionOrder, RecoveryPlan

SHOWN = 50
Order = PlanOrder | PrescriptionOrder


@dataclass(frozen=True)
class Since:
    """Orders given since, newest first, and phases that began since by nobody's order."""

    orders: tuple[Order, ...]
    phases: tuple[PhaseChange, ...]


def orders_given(plan: RecoveryPlan) -> list[Order]:
    """The latest orders of the plan and of its prescriptions, newest first; two queries."""
    single = plans.prescription_orders(plan).select_related("prescription", "made")
    found: list[Order] = [*plans.orders_of(plan)[:SHOWN], *single[:SHOWN]]
    return sorted(found, key=lambda order: order.at, reverse=True)[:SHOWN]


def changed_since(plan: RecoveryPlan, version: int, seen_at: datetime) -> Since:
    """What was ordered after `version` of the plan, and which phases began after `seen_at`."""
    orders = tuple(order for order in orders_given(plan) if order.version > version)
    began = plans.phase_changes(plan).filter(by=None, at__gt=seen_at)
    return Since(orders, tuple(began))
