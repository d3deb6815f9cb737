"""What a therapist does about an alert."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from backend.accounts import audit
from backend.accounts.consents import shared_by
from backend.accounts.models import User
from backend.core import clock
from backend.dashboard.forms import ActForm, AssignForm, ReopenForm, ResolveForm
from backend.dashboard.presenters.alert_page import alert_screen
from backend.dashboard.views.pages import reader, therapist_page, trace
from exercises.triage import services
from exercises.triage.models import Alert
from exercises.triage.selectors import alert_for, as_it_is, colleagues_for
from exercises.triage.services.acting import NoColleague
from exercises.triage.services.alerts import WrongStatus
from exercises.triage.sharing import veiled

OVER = "This alert was closed in the meantime."


@dataclass(frozen=True)
class Case:
    """An alert before a therapist who looks after the patient, now."""

    request: HttpRequest
    alert: Alert
    now: datetime

    @property
    def colleagues(self) -> list[User]:
        """To whom it may be passed on."""
        return [*colleagues_for(self.alert.patient_id, self.now)]


@require_GET
@therapist_page
def alert(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """One alert: why it was raised, what was done, and what can be done."""
    return _page(_case(request, patient_id, alert_id))


@require_POST
@therapist_page
def acknowledge(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist has seen an alert."""
    case = _case(request, patient_id, alert_id)
    said = "Alert acknowledged. It stays open until you resolve it."
    return _done(case, forms.Form(request.POST), services.acknowledge, said)


@require_POST
@therapist_page
def act(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist did something about an alert, or says why not."""
    case = _case(request, patient_id, alert_id)
    said = "Noted what was done. The alert stays open until you resolve it."
    return _done(case, ActForm(request.POST), services.act, said)


@require_POST
@therapist_page
def assign(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist takes an alert on, or passes it on to a colleague."""
    case = _case(request, patient_id, alert_id)
    form = AssignForm(request.POST, case.colleagues)
    try:
        return _done(case, form, services.assign, "Passed on. Whoever has the alert now is told.")
    except NoColleague:
        form.add_error("to", "She no longer works at the clinic.")
        return _page(case, form=form, status=400)


@require_POST
@therapist_page
def resolve(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist closes an alert, or has reviewed one that was withdrawn."""
    case = _case(request, patient_id, alert_id)
    return _done(case, ResolveForm(request.POST), services.resolve, "Alert resolved.")


@require_POST
@therapist_page
def reopen(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist takes a resolved alert back up."""
    case = _case(request, patient_id, alert_id)
    said = "Alert open again. The patient is asked anew."
    otherwise = "This alert is open already."
    return _done(case, ReopenForm(request.POST), services.reopen, said, otherwise=otherwise)


def _done(
    case: Case, form: forms.Form, verb: Callable[..., Alert], said: str, *, otherwise: str = OVER
) -> HttpResponse:
    """Does with the alert what the form says: its fields are what `verb` is told."""
    if not form.is_valid():
        return _page(case, form=form, status=400)
    request, alert = case.request, case.alert
    who = {"by": reader(request), "now": case.now, "trace_id": trace(request)}
    try:
        verb(alert=alert, **who, **form.cleaned_data)
        messages.success(request, said)
    except WrongStatus:
        messages.warning(request, otherwise)
    # Back to where the form was: the alert's own page, or the patient's.
    if request.POST.get("from") == "alert":
        return redirect("dashboard:alert", alert.patient_id, alert.pk)
    return redirect("dashboard:patient", alert.patient_id)


def _page(case: Case, *, form: forms.Form | None = None, status: int = 200) -> HttpResponse:
    request, now = case.request, case.now
    user, found = reader(request), as_it_is(case.alert)
    patient = found.patient
    if not shared_by([patient.pk], now)[patient.pk].diary:
        found = veiled(found, patient.user.time_zone)
    screen = alert_screen(found, case.colleagues, form, reader=user, now=now)
    audit.record(
        actor_id=user.pk,
        action="alert.read",
        patient_id=patient.pk,
        trace_id=trace(request),
        now=now,
    )
    return render(request, "dashboard/acting/alert.html", {"page": screen}, status=status)


def _case(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> Case:
    now = clock.now()
    found = alert_for(reader(request), alert_id, now)
    if found is None or found.patient_id != patient_id:
        raise Http404
    return Case(request, found, now)
