"""Single exercises: add, change, exchange and end, each after a look at the next 14 days."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from backend.core.problems import FieldError
from backend.dashboard.prescription_form import by_field, change_typed, end_typed, exercise_of
from backend.dashboard.presenters.plan_order import Typed, change_texts
from backend.dashboard.presenters.plan_preview import PreviewTable, preview_table
from backend.dashboard.presenters.prescribing import (
    PrescribingScreen,
    against_lines,
    first_values,
    prescribing_screen,
)
from backend.dashboard.views.bedside import Bedside, at_patient
from backend.dashboard.views.plan import DONE, number_typed, open_plan_or_404, seen_at
from exercises.plans import selectors as plans
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.plans.variations import offered_to
from exercises.triage.plan_history import changed_since
from exercises.triage.prescription_presenters import prescription_preview
from exercises.triage.prescription_wire import as_asked, change_errors, wanted_of
from exercises.triage.services.plan import NoPlan, OrderRefused, PlanChanged
from exercises.triage.services.prescriptions import (
    Change,
    Contraindicated,
    NoPrescription,
    prescribe,
)

UNSAID = "-"
MOST_OWN = 200


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the page says beside the form. `look` marks the change that the preview shows."""

    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: OrderRefused | None = None
    changes: tuple[str, ...] = ()
    preview: PreviewTable | None = None
    look: str = ""
    unseen: bool = False


@require_http_methods(["GET", "POST"])
@at_patient("plan.preview")
def add(desk: Bedside) -> HttpResponse:
    """Prescribe an exercise."""
    return _form(desk, open_plan_or_404(desk), None)


@require_http_methods(["GET", "POST"])
@at_patient("plan.preview")
def prescription(desk: Bedside, prescription_id: UUID) -> HttpResponse:
    """Change a prescription, exchange its exercise, or end it."""
    plan = open_plan_or_404(desk)
    row = plan.prescriptions.filter(pk=prescription_id).first()
    if row is None:
        raise Http404
    return _form(desk, plan, row)


def _form(desk: Bedside, plan: RecoveryPlan, row: Prescription | None) -> HttpResponse:
    sent = desk.request.POST
    if desk.request.method == "GET":
        return _page(desk, plan, row, Said())
    change, errors = _asked(desk, row)
    if change is None:
        return _page(desk, plan, row, Said(errors=errors), status=400)
    if sent.get("step") == "do" and sent.get("look") == _mark(change):
        return _carry_out(desk, plan, row, change)
    return _look(desk, plan, row, change, unseen=sent.get("step") == "do")


def _look(
    desk: Bedside, plan: RecoveryPlan, row: Prescription | None, change: Change, *, unseen: bool
) -> HttpResponse:
    try:
        seen = prescription_preview(
            patient=desk.patient, plan=plan, row=row, change=change, now=desk.now
        )
    except OrderRefused as error:
        return _page(desk, plan, row, Said(refusal=error), status=409)
    said = Said(preview=preview_table(seen.plan), look=_mark(change), unseen=unseen)
    return _page(desk, plan, row, said)


def _carry_out(
    desk: Bedside, plan: RecoveryPlan, row: Prescription | None, change: Change
) -> HttpResponse:
    try:
        prescribe(
            patient=desk.patient,
            target=row.pk if row else None,
            change=change,
            base_versions={number_typed(desk.request.POST, "version")},
            by=desk.user,
            now=desk.now,
            trace_id=desk.trace_id,
        )
    except (NoPlan, NoPrescription):
        raise Http404 from None
    except PlanChanged:
        return _stale(desk, row)
    except OrderRefused as error:
        return _page(desk, plan, row, Said(refusal=error), status=409)
    messages.success(desk.request, DONE)
    return redirect("dashboard:plan", desk.patient.pk)


def _stale(desk: Bedside, row: Prescription | None) -> HttpResponse:
    plan = open_plan_or_404(desk)
    since = changed_since(plan, number_typed(desk.request.POST, "plan_version"), seen_at(desk))
    changes = tuple(change_texts(since, desk.now, desk.user.time_zone))
    values = _values(desk.request.POST, row)
    fresh = _standing(desk, plan, row) if row is not None else None
    if fresh is not None:
        # What she left as it stood is as a colleague wrote it; what she typed is hers.
        before, typed = first_values(row), values
        kept = {name: value for name, value in typed.items() if value != before.get(name, "")}
        values = first_values(fresh) | kept
    return _page(desk, plan, fresh, Said(changes=changes), values=values, status=409)


def _standing(desk: Bedside, plan: RecoveryPlan, row: Prescription) -> Prescription:
    standing = plans.standing_prescriptions(plan, desk.today)
    return standing.filter(exercise=row.exercise, flare=None).last() or row


def _asked(desk: Bedside, row: Prescription | None) -> tuple[Change | None, dict[str, str]]:
    sent = desk.request.POST.copy()
    if sent.get("step") != "do" and not sent.get("reason", "").strip():
        # A look needs no reason yet.
        sent["reason"] = UNSAID
    if sent.get("what") == "end" and row is not None:
        return _end_asked(desk, sent)
    asked, errors = change_typed(sent, first_values(row))
    if asked is None:
        return None, errors
    wrong = tuple(change_errors(asked, desk.today))
    if wrong:
        return None, by_field(wrong)
    exercise = exercise_of(sent.get("exercise", "")) or (row.exercise if row else "")
    return Change(
        reason=asked.reason,
        wanted=wanted_of(asked, exercise),
        starts_on=asked.starts_on or None,
        variation=asked.variation,
        overrides=asked.overrides,
        asked=as_asked(asked),
    ), {}


def _end_asked(desk: Bedside, sent: QueryDict) -> tuple[Change | None, dict[str, str]]:
    asked, errors = end_typed(sent)
    if asked is None:
        return None, errors
    ends_on = asked.ends_on or None
    if ends_on is not None and ends_on < desk.today:
        return None, by_field((FieldError("/ends_on", "in_the_past", "Today or later."),))
    return Change(reason=asked.reason, wanted=None, starts_on=ends_on, asked=as_asked(asked)), {}


def _mark(change: Change) -> str:
    """Tells one change from another, whatever reason is given for it."""
    plain = {name: value for name, value in change.asked.items() if name != "reason"}
    kept = (change.wanted is None, plain)
    return hashlib.sha256(msgspec.json.encode(kept, order="deterministic")).hexdigest()


def _page(
    desk: Bedside,
    plan: RecoveryPlan,
    row: Prescription | None,
    said: Said,
    *,
    values: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    if values is None:
        values = _values(desk.request.POST, row)
    screen = prescribing_screen(
        plan,
        row,
        typed=Typed(values=values, errors=said.errors),
        own=[*offered_to(desk.patient, desk.now)[:MOST_OWN]],
        now=desk.now,
    )
    return desk.show("prescription.html", _with(screen, said, desk.request.POST), status=status)


def _with(screen: PrescribingScreen, said: Said, sent: QueryDict) -> PrescribingScreen:
    refusal = said.refusal
    items = refusal.refusals if isinstance(refusal, Contraindicated) else ()
    return replace(
        screen,
        ends=sent.get("what") == "end",
        against=against_lines(items, {name: sent.get(name, "") for name in sent}, said.errors),
        refused=str(refusal) if refusal is not None and not items else "",
        preview=said.preview,
        look=said.look,
        unseen=said.unseen,
        changes=said.changes,
    )


def _values(sent: QueryDict, row: Prescription | None) -> dict[str, Any]:
    if not sent:
        return first_values(row)
    return sent.dict() | {name: sent.getlist(name) for name in ("slots", "weekdays")}
