"""What a therapist does about an alert."""

from collections.abc import Callable
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
from exercises.triage.models import Alert, AlertAction
from exercises.triage.selectors import alert_for, as_it_is, colleagues_for
from exercises.triage.services.acting import NoColleague
from exercises.triage.services.alerts import WrongStatus
from exercises.triage.sharing import veiled

OVER = "This alert was closed in the meantime."


@require_GET
@therapist_page
def alert(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """One alert: why it was raised, what was done, and what can be done."""
    now = clock.now()
    found = _alert(request, patient_id, alert_id, now)
    return _page(request, found, now)


@require_POST
@therapist_page
def acknowledge(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist has seen an alert."""
    now = clock.now()
    found = _alert(request, patient_id, alert_id, now)
    return _done(
        request,
        found,
        lambda: services.acknowledge(
            alert=found, by=reader(request), now=now, trace_id=trace(request)
        ),
        "Alert acknowledged. It stays open until you resolve it.",
    )


@require_POST
@therapist_page
def act(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist did something about an alert, or says why not."""
    now = clock.now()
    found = _alert(request, patient_id, alert_id, now)
    form = ActForm(request.POST)
    if not form.is_valid():
        return _page(request, found, now, form=form, status=400)
    return _done(
        request,
        found,
        lambda: services.act(
            alert=found,
            by=reader(request),
            action=AlertAction(form.cleaned_data["action"]),
            reason=form.cleaned_data["reason"],
            now=now,
            trace_id=trace(request),
        ),
        "Noted what was done. The alert stays open until you resolve it.",
    )


@require_POST
@therapist_page
def assign(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist takes an alert on, or passes it on to a colleague."""
    now = clock.now()
    found = _alert(request, patient_id, alert_id, now)
    form = AssignForm(request.POST, _colleagues(found, now))
    if not form.is_valid():
        return _page(request, found, now, form=form, status=400)
    try:
        return _done(
            request,
            found,
            lambda: services.assign(
                alert=found,
                to=form.cleaned_data["to"],
                by=reader(request),
                reason=form.cleaned_data["reason"],
                now=now,
                trace_id=trace(request),
            ),
            "Passed on. Whoever has the alert now is told.",
        )
    except NoColleague:
        form.add_error("to", "She no longer works at the clinic.")
        return _page(request, found, now, form=form, status=400)


@require_POST
@therapist_page
def resolve(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist closes an alert, or has reviewed one that was withdrawn."""
    now = clock.now()
    found = _alert(request, patient_id, alert_id, now)
    form = ResolveForm(request.POST)
    if not form.is_valid():
        return _page(request, found, now, form=form, status=400)
    return _done(
        request,
        found,
        lambda: services.resolve(
            alert=found,
            by=reader(request),
            reason=form.cleaned_data["reason"],
            now=now,
            trace_id=trace(request),
        ),
        "Alert resolved.",
    )


@require_POST
@therapist_page
def reopen(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist takes a resolved alert back up."""
    now = clock.now()
    found = _alert(request, patient_id, alert_id, now)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _page(request, found, now, form=form, status=400)
    return _done(
        request,
        found,
        lambda: services.reopen(
            alert=found,
            by=reader(request),
            reason=form.cleaned_data["reason"],
            now=now,
            trace_id=trace(request),
        ),
        "Alert open again. The patient is asked anew.",
        otherwise="This alert is open already.",
    )


def _done(
    request: HttpRequest,
    alert: Alert,
    verb: Callable[[], Alert],
    said: str,
    *,
    otherwise: str = OVER,
) -> HttpResponse:
    try:
        verb()
        messages.success(request, said)
    except WrongStatus:
        messages.warning(request, otherwise)
    # Back to where the form was: the alert's own page, or the patient's.
    if request.POST.get("from") == "alert":
        return redirect("dashboard:alert", alert.patient_id, alert.pk)
    return redirect("dashboard:patient", alert.patient_id)


def _page(
    request: HttpRequest,
    alert: Alert,
    now: datetime,
    *,
    form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    user, found = reader(request), as_it_is(alert)
    patient = found.patient
    if not shared_by([patient.pk], now)[patient.pk].diary:
        found = veiled(found, patient.user.time_zone)
    people = _colleagues(alert, now)
    screen = alert_screen(found, people, form, reader=user, now=now)
    audit.record(
        actor_id=user.pk,
        action="alert.read",
        patient_id=patient.pk,
        trace_id=trace(request),
        now=now,
    )
    return render(request, "dashboard/acting/alert.html", {"page": screen}, status=status)


def _colleagues(alert: Alert, now: datetime) -> list[User]:
    return [*colleagues_for(alert.patient_id, now)]


def _alert(request: HttpRequest, patient_id: UUID, alert_id: UUID, now: datetime) -> Alert:
    found = alert_for(reader(request), alert_id, now)
    if found is None or found.patient_id != patient_id:
        raise Http404
    return found
