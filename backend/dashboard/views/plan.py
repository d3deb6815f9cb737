"""The plan of a patient: read it, and order a change after a look at the next 14 days."""

from datetime import date, datetime
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.http import require_GET, require_POST

from backend.dashboard.presenters.plan_order import Typed, order_screen
from backend.dashboard.presenters.plan_page import ORDERS, plan_screen
from backend.dashboard.presenters.plan_preview import PreviewTable, preview_table
from backend.dashboard.typed import line_error
from backend.dashboard.views.bedside import Bedside, at_patient
from exercises.plans import selectors as plans
from exercises.plans.models import RecoveryPlan
from exercises.triage.phasing import gate_of
from exercises.triage.plan_history import Since, changed_since, orders_given
from exercises.triage.plan_preview import preview
from exercises.triage.progress import adjusted_doses
from exercises.triage.selectors import standing_alerts
from exercises.triage.services import order_plan
from exercises.triage.services.plan import (
    HOLDS,
    Action,
    NoPlan,
    Order,
    OrderRefused,
    PlanChanged,
    order_flaws,
)
from exercises.triage.trend import trend_of

DONE = "Ordered. The phone gets the plan with its next sync."
MAX_DIGITS = 9


@require_GET
@at_patient("plan.read")
def plan(desk: Bedside) -> HttpResponse:
    """Where the plan stands, what may be ordered, and what was."""
    found = plans.open_plan(desk.patient.pk)
    if found is None:
        return desk.show("plan.html", None)
    found.patient = desk.patient
    rows = [*plans.standing_prescriptions(found, desk.today).select_related("by")]
    doses = adjusted_doses(found, rows, desk.today)
    gate = gate_of(
        plan=found,
        standing=[*standing_alerts(desk.patient.pk)],
        trend=trend_of(found, desk.today),
        today=desk.today,
    )
    screen = plan_screen(
        found,
        gate=gate,
        rows=[(row, doses[row.pk]) for row in rows],
        ordered=orders_given(found),
        today=desk.today,
        now=desk.now,
        zone=desk.user.time_zone,
    )
    return desk.show("plan.html", screen)


@require_POST
@at_patient("plan.preview")
def order(desk: Bedside) -> HttpResponse:
    """One order: looked at first (`step` is preview), then given."""
    sent, found = desk.request.POST, open_plan_or_404(desk)
    if sent.get("action") not in ORDERS:
        raise Http404
    asked, errors = _asked(sent, desk.today)
    if sent.get("step") != "do" and "begun" not in sent:
        # The first look: nothing was typed yet.
        return _page(desk, found, asked, {})
    if errors:
        return _page(desk, found, asked, errors, status=400)
    if sent.get("step") != "do":
        return _page(desk, found, asked, {})
    return _give(desk, found, asked)


def _give(desk: Bedside, found: RecoveryPlan, asked: Order) -> HttpResponse:
    base = number_typed(desk.request.POST, "version")
    try:
        order_plan(
            patient=desk.patient,
            order=asked,
            base_versions={base},
            by=desk.user,
            now=desk.now,
            trace_id=desk.trace_id,
        )
    except PlanChanged:
        fresh = open_plan_or_404(desk)
        since = changed_since(fresh, base, seen_at(desk))
        return _page(desk, fresh, asked, {}, since=since, status=409)
    except NoPlan:
        raise Http404 from None
    except OrderRefused as error:
        return _page(desk, found, asked, {}, refused=str(error), status=409)
    messages.success(desk.request, DONE)
    return redirect("dashboard:plan", desk.patient.pk)


def _asked(sent: QueryDict, today: date) -> tuple[Order, dict[str, str]]:
    action = cast(Action, sent["action"])
    until, errors = date_typed(sent, "until") if action in HOLDS else (None, {})
    asked = Order(action=action, reason=sent.get("reason", "").strip(), until=until)
    errors |= {name: said for name, _code, said in order_flaws(asked, today)}
    if said := line_error(asked.reason):
        errors["reason"] = said
    return asked, errors


def _page(
    desk: Bedside,
    found: RecoveryPlan,
    asked: Order,
    errors: dict[str, str],
    *,
    since: Since | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    table, why = _looked_at(desk, found, asked)
    typed = Typed(values=desk.request.POST.dict(), errors=errors)
    screen = order_screen(
        found,
        asked.action,
        typed=typed,
        preview=table,
        refused=refused or why,
        since=since,
        today=desk.today,
        now=desk.now,
        zone=desk.user.time_zone,
    )
    return desk.show("order.html", screen, status=status)


def _looked_at(desk: Bedside, found: RecoveryPlan, asked: Order) -> tuple[PreviewTable | None, str]:
    try:
        shown = preview(
            patient=desk.patient, plan=found, action=asked.action, to=None, now=desk.now
        )
    except OrderRefused as error:
        return None, str(error)
    return preview_table(shown), ""


def open_plan_or_404(desk: Bedside) -> RecoveryPlan:
    """The patient's open plan."""
    found = plans.open_plan(desk.patient.pk)
    if found is None:
        raise Http404
    found.patient = desk.patient
    return found


def number_typed(sent: QueryDict, name: str) -> int:
    """A version that a form was made for; 0, which never was, for anything else."""
    given = sent.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= MAX_DIGITS else 0


def seen_at(desk: Bedside) -> datetime:
    """When the form was made; now, for anything that is no instant."""
    try:
        given = parse_datetime(desk.request.POST.get("seen", ""))
    except ValueError:
        given = None
    return given if given is not None and given.tzinfo is not None else desk.now


def date_typed(sent: QueryDict, name: str) -> tuple[date | None, dict[str, str]]:
    """A date that may be left out, and what is wrong with it."""
    given = sent.get(name, "").strip()
    try:
        found = parse_date(given) if given else None
    except ValueError:
        found = None
    return found, {name: "Write a date."} if given and found is None else {}
