"""What a therapist does about an alert."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backend.core import clock
from backend.dashboard.forms import ResolveForm
from backend.dashboard.presenters.alerts import ResolveError
from backend.dashboard.views.pages import patient_of, reader, therapist_page, trace
from backend.dashboard.views.patient import patient_response
from exercises.triage import services
from exercises.triage.models import Alert
from exercises.triage.selectors import alert_for
from exercises.triage.services.alerts import WrongStatus


@require_POST
@therapist_page
def acknowledge(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist has seen an alert."""
    now = clock.now()
    alert = _alert(request, patient_id, alert_id, now)
    try:
        services.acknowledge(alert=alert, by=reader(request), now=now, trace_id=trace(request))
        messages.success(request, "Alert acknowledged. It stays open until you resolve it.")
    except WrongStatus:
        messages.warning(request, "This alert was closed in the meantime.")
    return redirect("dashboard:patient", patient_id)


@require_POST
@therapist_page
def resolve(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist closes an alert, or has reviewed one that was withdrawn."""
    now = clock.now()
    alert = _alert(request, patient_id, alert_id, now)
    form = ResolveForm(request.POST)
    if not form.is_valid():
        error = ResolveError(
            alert.pk, str(form.errors["reason"][0]), request.POST.get("reason", "")
        )
        return patient_response(
            request, patient_of(request, patient_id, now), now, error=error, status=400
        )
    try:
        services.resolve(
            alert=alert,
            by=reader(request),
            reason=form.cleaned_data["reason"],
            now=now,
            trace_id=trace(request),
        )
        messages.success(request, "Alert resolved.")
    except WrongStatus:
        messages.warning(request, "This alert was closed in the meantime.")
    return redirect("dashboard:patient", patient_id)


def _alert(request: HttpRequest, patient_id: UUID, alert_id: UUID, now: datetime) -> Alert:
    alert = alert_for(reader(request), alert_id, now)
    if alert is None or alert.patient_id != patient_id:
        raise Http404
    return alert
