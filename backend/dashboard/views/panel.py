"""The list of patients: parse, ask who may see it, make one call, present."""

from datetime import datetime
from typing import cast, get_args

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backend.accounts import audit
from backend.core import clock
from backend.dashboard.presenters.panel import PanelPage, panel_page
from backend.dashboard.views.pages import is_part, reader, therapist_page, trace
from exercises.triage import panel_pages
from exercises.triage.panel_queries import Asked, Sort

UNCHANGED = 204
MAX_SEARCH = 200


@require_GET
@therapist_page
def panel(request: HttpRequest) -> HttpResponse:
    """All patients of the therapist; an htmx request gets the list alone, if it has changed."""
    now, user = clock.now(), reader(request)
    sort, search = _sort(request), request.GET.get("q", "").strip()[:MAX_SEARCH]
    found = panel_pages.panel_page(user, now, Asked(sort=sort, name=search), limit=200)
    page = panel_page(found.rows, sort=sort, search=search, now=now, zone=user.time_zone)
    part = is_part(request)
    if part and request.GET.get("seen") == page.tag:
        return HttpResponse(status=UNCHANGED)
    _audit_panel(request, page, now)
    template = "dashboard/_caseload.html" if part else "dashboard/panel.html"
    return render(request, template, {"page": page, "is_part": part})


def _audit_panel(request: HttpRequest, page: PanelPage, now: datetime) -> None:
    audit.record_many(
        actor_id=reader(request).pk,
        action="panel.read",
        patient_ids=[line.id for line in page.lines],
        trace_id=trace(request),
        now=now,
    )


def _sort(request: HttpRequest) -> Sort:
    asked = request.GET.get("sort", "risk")
    return cast(Sort, asked) if asked in get_args(Sort) else "risk"
