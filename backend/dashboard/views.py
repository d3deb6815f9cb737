"""The therapists' pages: parse, ask who may see it, make one call, present."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast, get_args
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from backend.accounts import access, audit
from backend.accounts.models import Patient, User
from backend.accounts.pages import therapists_only
from backend.core import clock
from backend.core.problems import Problem
from backend.dashboard.forms import ResolveForm
from backend.dashboard.presenters.alerts import ResolveError
from backend.dashboard.presenters.panel import PanelPage, panel_page
from backend.dashboard.presenters.patient import patient_screen
from exercises.triage import services
from exercises.triage.models import Alert
from exercises.triage.panel import Sort
from exercises.triage.panel import panel as panel_rows
from exercises.triage.patient_page import patient_page
from exercises.triage.selectors import alert_for
from exercises.triage.services.alerts import WrongStatus

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
Shown = Callable[..., HttpResponseBase]
UNCHANGED = 204
MAX_SEARCH = 200


def _page(view: "Page[P]") -> Shown:
    """A page for therapists alone, kept by no cache. Where a refresh in the background finds that
    its reader has been signed out, the whole page is loaded anew instead of a part of it."""
    guarded = never_cache(therapists_only(view))

    @wraps(view)
    def shown(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = guarded(request, *args, **kwargs)
        if request.htmx and response.status_code == 302:  # type: ignore[attr-defined]
            return HttpResponseClientRefresh()
        return response

    return shown


@require_GET
@_page
def panel(request: HttpRequest) -> HttpResponse:
    """All patients of the therapist; an htmx request gets the list alone, if it has changed."""
    now, user = clock.now(), _user(request)
    sort, search = _sort(request), request.GET.get("q", "").strip()[:MAX_SEARCH]
    rows = panel_rows(user, now, sort=sort)
    page = panel_page(rows, sort=sort, search=search, now=now, zone=user.time_zone)
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    if is_part and request.GET.get("seen") == page.tag:
        return HttpResponse(status=UNCHANGED)
    _audit_panel(request, page, now)
    template = "dashboard/_caseload.html" if is_part else "dashboard/panel.html"
    return render(request, template, {"page": page, "is_part": is_part})


@require_GET
@_page
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient."""
    now = clock.now()
    return _patient_response(request, _patient(request, patient_id, now), now)


@require_POST
@_page
def acknowledge(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist has seen an alert."""
    now = clock.now()
    alert = _alert(request, patient_id, alert_id, now)
    try:
        services.acknowledge(alert=alert, by=_user(request), now=now, trace_id=_trace(request))
        messages.success(request, "Alert acknowledged. It stays open until you resolve it.")
    except WrongStatus:
        messages.warning(request, "This alert was closed in the meantime.")
    return redirect("dashboard:patient", patient_id)


@require_POST
@_page
def resolve(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The therapist closes an alert, or has reviewed one that was withdrawn."""
    now = clock.now()
    alert = _alert(request, patient_id, alert_id, now)
    form = ResolveForm(request.POST)
    if not form.is_valid():
        error = ResolveError(
            alert.pk, str(form.errors["reason"][0]), request.POST.get("reason", "")
        )
        return _patient_response(
            request, _patient(request, patient_id, now), now, error=error, status=400
        )
    try:
        services.resolve(
            alert=alert,
            by=_user(request),
            reason=form.cleaned_data["reason"],
            now=now,
            trace_id=_trace(request),
        )
        messages.success(request, "Alert resolved.")
    except WrongStatus:
        messages.warning(request, "This alert was closed in the meantime.")
    return redirect("dashboard:patient", patient_id)


def _patient_response(
    request: HttpRequest,
    patient: Patient,
    now: datetime,
    *,
    error: ResolveError | None = None,
    status: int = 200,
) -> HttpResponse:
    user = _user(request)
    screen = patient_screen(
        patient_page(patient, now, language=user.language),
        now=now,
        zone=user.time_zone,
        language=user.language,
        error=error,
    )
    audit.record(
        actor_id=user.pk,
        action="patient.read",
        patient_id=patient.pk,
        trace_id=_trace(request),
        now=now,
    )
    return render(request, "dashboard/patient.html", {"page": screen}, status=status)


def _audit_panel(request: HttpRequest, page: PanelPage, now: datetime) -> None:
    audit.record_many(
        actor_id=_user(request).pk,
        action="panel.read",
        patient_ids=[line.id for line in page.lines],
        trace_id=_trace(request),
        now=now,
    )


def _patient(request: HttpRequest, patient_id: UUID, now: datetime) -> Patient:
    try:
        return access.patient_for(request.user, patient_id, now)
    except Problem:
        raise Http404 from None


def _alert(request: HttpRequest, patient_id: UUID, alert_id: UUID, now: datetime) -> Alert:
    alert = alert_for(_user(request), alert_id, now)
    if alert is None or alert.patient_id != patient_id:
        raise Http404
    return alert


def _sort(request: HttpRequest) -> Sort:
    asked = request.GET.get("sort", "risk")
    return cast(Sort, asked) if asked in get_args(Sort) else "risk"


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _trace(request: HttpRequest) -> str:
    found: str = getattr(request, "trace_id", "")
    return found
