"""Apply a template to a plan, after a look at the next 14 days."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from backend.dashboard.presenters.plan_order import Typed, change_texts
from backend.dashboard.presenters.plan_page import line_of
from backend.dashboard.presenters.plan_preview import PreviewTable, preview_table
from backend.dashboard.presenters.plans import PlanLine, exercise_name
from backend.dashboard.typed import line_error, uuid_typed
from backend.dashboard.views.bedside import Bedside, at_patient
from backend.dashboard.views.plan import DONE, number_typed, open_plan_or_404, seen_at
from exercises.plans.models import RecoveryPlan
from exercises.plans.templates import usable_templates_for
from exercises.triage.plan_history import changed_since
from exercises.triage.plan_preview import preview_of_template
from exercises.triage.services.applying import Applied, applied_of, apply_template
from exercises.triage.services.plan import NoPlan, OrderRefused, PlanChanged

CATALOGUE = "catalogue"


@dataclass(frozen=True, kw_only=True)
class ApplyScreen:
    """The page. `look` names the template that `preview` shows; `left_out` what of it this patient
    would not get, with the reason."""

    line: PlanLine
    version: int
    seen: str
    templates: tuple[tuple[str, str], ...]
    typed: Typed
    look: str = ""
    preview: PreviewTable | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    refused: str = ""
    changes: tuple[str, ...] = ()


@require_http_methods(["GET", "POST"])
@at_patient("plan.preview")
def apply(desk: Bedside) -> HttpResponse:
    """Choose a template, look at what it would do, order it."""
    plan, sent = open_plan_or_404(desk), desk.request.POST
    if desk.request.method == "GET":
        return _page(desk, plan, Typed())
    applied = _applied(desk, plan)
    if applied is None:
        errors = {"template": "Choose a template."}
        return _page(desk, plan, Typed(values=sent.dict(), errors=errors), status=400)
    reason = sent.get("reason", "").strip()
    if sent.get("step") != "do" or sent.get("look") != _name(applied):
        return _page(desk, plan, Typed(values=sent.dict()), applied)
    if said := (line_error(reason) if reason else "Say why."):
        typed = Typed(values=sent.dict(), errors={"reason": said})
        return _page(desk, plan, typed, applied, status=400)
    return _give(desk, plan, applied, reason)


def _give(desk: Bedside, plan: RecoveryPlan, applied: Applied, reason: str) -> HttpResponse:
    base, typed = number_typed(desk.request.POST, "version"), desk.request.POST.dict()
    try:
        apply_template(
            patient=desk.patient,
            applied=applied,
            reason=reason,
            base_versions={base},
            by=desk.user,
            now=desk.now,
            trace_id=desk.trace_id,
        )
    except PlanChanged:
        fresh = open_plan_or_404(desk)
        since = changed_since(fresh, base, seen_at(desk))
        changes = tuple(change_texts(since, desk.now, desk.user.time_zone))
        return _page(desk, fresh, Typed(values=typed), applied, changes=changes, status=409)
    except NoPlan:
        raise Http404 from None
    except OrderRefused:
        return _page(desk, plan, Typed(values=typed), applied, status=409)
    messages.success(desk.request, DONE)
    return redirect("dashboard:plan", desk.patient.pk)


def _applied(desk: Bedside, plan: RecoveryPlan) -> Applied | None:
    given = desk.request.POST.get("template", "")
    template = uuid_typed(given)
    if template is None and given != CATALOGUE:
        return None
    return applied_of(desk.user, plan, template, desk.now)


def _name(applied: Applied) -> str:
    return str(applied.template or CATALOGUE)


def _page(
    desk: Bedside,
    plan: RecoveryPlan,
    typed: Typed,
    applied: Applied | None = None,
    *,
    changes: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    table, left_out, refused = _looked_at(desk, plan, applied)
    own = [(str(one.pk), one.name) for one in usable_templates_for(desk.user, desk.now)]
    screen = ApplyScreen(
        line=line_of(plan, desk.today),
        version=plan.version,
        seen=desk.now.isoformat(),
        templates=((CATALOGUE, "The catalogue's own for this phase"), *own),
        typed=typed,
        look=_name(applied) if applied and table else "",
        preview=table,
        left_out=left_out,
        refused=refused,
        changes=changes,
    )
    return desk.show("apply.html", screen, status=409 if refused and status == 200 else status)


def _looked_at(
    desk: Bedside, plan: RecoveryPlan, applied: Applied | None
) -> tuple[PreviewTable | None, tuple[tuple[str, str], ...], str]:
    if applied is None:
        return None, (), ""
    try:
        shown, left_out = preview_of_template(
            patient=desk.patient, plan=plan, applied=applied, now=desk.now
        )
    except OrderRefused as error:
        return None, (), str(error)
    gone = tuple((exercise_name(one.exercise), one.text) for one in left_out)
    return preview_table(shown), gone, ""
