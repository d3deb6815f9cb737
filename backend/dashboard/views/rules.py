"""How strictly one patient is judged: numbers of her own, and symptoms known as stable."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from backend.dashboard.presenters.plan_order import Typed
from backend.dashboard.presenters.rules_page import SIDES, rules_screen
from backend.dashboard.typed import line_error
from backend.dashboard.views.bedside import Bedside, at_patient
from backend.dashboard.views.plan import number_typed
from exercises.catalog import selectors as catalog
from exercises.triage.rules.pack import default_pack
from exercises.triage.selectors import known_stable_of, thresholds_of
from exercises.triage.services import mark_known_stable
from exercises.triage.services.thresholds import ThresholdsChanged, TooLoose, set_thresholds
from exercises.triage.thresholds.offered import offered

SHOWN = 20
MAX_DIGITS = 4


@require_GET
@at_patient("thresholds.read")
def rules(desk: Bedside) -> HttpResponse:
    """The numbers that hold, and what clinicians know as stable."""
    asked = desk.request.GET.get("symptom", "")
    return _page(desk, word=Typed(values={"symptom": asked}))


@require_POST
@at_patient("thresholds.read")
def thresholds(desk: Bedside) -> HttpResponse:
    """Sets the numbers."""
    sent = desk.request.POST
    reason = sent.get("reason", "").strip()
    values, errors = _values(desk)
    if said := (line_error(reason) if reason else "Say why."):
        errors["reason"] = said
    typed = Typed(values=sent.dict(), errors=errors)
    if errors:
        return _page(desk, typed=typed, status=400)
    try:
        set_thresholds(
            patient=desk.patient,
            values=values,
            reason=reason,
            base_versions={number_typed(sent, "version")},
            by=desk.user,
            now=desk.now,
            trace_id=desk.trace_id,
        )
    except TooLoose as error:
        return _page(desk, typed=Typed(values=sent.dict(), errors=dict(error.flaws)), status=400)
    except ThresholdsChanged:
        return _page(desk, typed=typed, changed=True, status=409)
    messages.success(desk.request, "Set. The patient's trends are judged by these numbers now.")
    return redirect("dashboard:rules", desk.patient.pk)


@require_POST
@at_patient("known_stable.read")
def stable(desk: Bedside) -> HttpResponse:
    """A clinician knows a symptom as stable."""
    sent = desk.request.POST
    symptom, side = sent.get("symptom", ""), sent.get("side", "")
    reason = sent.get("reason", "").strip()
    errors: dict[str, str] = {}
    if symptom not in {one.code for one in catalog.symptoms()}:
        errors["symptom"] = "Choose a symptom."
    if side not in SIDES:
        errors["side"] = "Choose one of these."
    if said := (line_error(reason) if reason else "Say how you know it."):
        errors["why"] = said
    if errors:
        typed = Typed(values=sent.dict(), errors=errors)
        return _page(desk, word=typed, status=400)
    mark_known_stable(
        patient=desk.patient,
        symptom=symptom,
        side=side,
        reason=reason,
        by=desk.user,
        now=desk.now,
        trace_id=desk.trace_id,
    )
    messages.success(desk.request, "Kept. A worse, severe or sudden one raises an alert as before.")
    return redirect("dashboard:rules", desk.patient.pk)


def _values(desk: Bedside) -> tuple[dict[str, int], dict[str, str]]:
    values, errors = {}, {}
    for name, item in offered(default_pack().constants).items():
        given = desk.request.POST.get(name, "").strip().replace("\N{MINUS SIGN}", "-")
        digits = given.removeprefix("-")
        if not given:
            values[name] = item.default
        elif digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS:
            values[name] = int(given)
        else:
            errors[name] = f"A whole number from {item.least} to {item.most}."
    return values, errors


def _page(
    desk: Bedside,
    *,
    typed: Typed | None = None,
    word: Typed | None = None,
    changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    screen = rules_screen(
        offered(default_pack().constants),
        [*thresholds_of(desk.patient.pk)[:SHOWN]],
        [*known_stable_of(desk.patient.pk)[:SHOWN]],
        typed=typed or Typed(),
        word=word or Typed(),
        changed=changed,
        now=desk.now,
        zone=desk.user.time_zone,
    )
    return desk.show("rules.html", screen, status=status)
