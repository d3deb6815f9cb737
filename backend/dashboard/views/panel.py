"""The list of patients: parse, ask who may see it, make one call, present."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast, get_args

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET
from django_htmx.http import replace_url

from backend.accounts import audit
from backend.core import clock
from backend.core.cursors import DEFAULT_LIMIT, read_cursor, write_cursor
from backend.core.problems import Problem
from backend.dashboard.panel_markup import row_markup
from backend.dashboard.presenters.panel import lines_of
from backend.dashboard.presenters.panel_page import PanelFrame, panel_frame, query_of
from backend.dashboard.views.pages import is_part, reader, therapist_page, trace
from exercises.catalog.shapes import PhaseId
from exercises.triage.levels import Level, LevelCode
from exercises.triage.panel import PanelRow
from exercises.triage.panel_pages import panel_page
from exercises.triage.panel_queries import Asked, Behalf, PlanFilter, Sort

UNCHANGED = 204
MAX_SEARCH = 200


@require_GET
@therapist_page
def panel(request: HttpRequest) -> HttpResponse:
    """The patients of the therapist; an htmx request gets the list alone, if it has changed."""
    now, user, asked = clock.now(), reader(request), asked_of(request.GET)
    skipped, after = _place(request, asked.sort)
    page = panel_page(user, now, asked, limit=DEFAULT_LIMIT, after=after)
    cursor = (
        write_cursor(_kind(asked.sort), skipped + len(page.rows), *page.end) if page.end else ""
    )
    frame = panel_frame(page, asked, skipped=skipped, cursor=cursor)
    rows = _rows(page.rows, now, user.time_zone)
    tag, part = _tag(rows, frame), is_part(request)
    if part and request.GET.get("seen") == tag:
        return HttpResponse(status=UNCHANGED)
    _audit_panel(request, page.rows, now)
    here = query_of(asked, cursor=request.GET["cursor"]) if after else frame.query
    context = {"page": frame, "rows": rows, "tag": tag, "here": here, "is_part": part}
    if not part:
        return render(request, "dashboard/panel.html", context)
    response = render(request, "dashboard/_caseload.html", context)
    # The address without the fields that were left empty.
    return replace_url(response, f"{request.path}?{here}")


def asked_of(query: QueryDict) -> Asked:
    """What an address asks for; what it says wrongly is left aside."""
    level = _one_of(query, "level", get_args(LevelCode))
    return Asked(
        sort=cast(Sort, _one_of(query, "sort", get_args(Sort)) or "risk"),
        name=query.get("q", "").replace("\0", "").strip()[:MAX_SEARCH],
        level=Level.of(level) if level else None,
        phase=_one_of(query, "phase", get_args(PhaseId)),
        plan=cast(PlanFilter, _one_of(query, "plan", get_args(PlanFilter))) or None,
        silent=query.get("silent") == "true",
        unread=query.get("unread") == "true",
        on_behalf=cast(Behalf, _one_of(query, "on_behalf", get_args(Behalf))) or None,
    )


def _one_of(query: QueryDict, name: str, allowed: tuple[str, ...]) -> str:
    asked = query.get(name, "")
    return asked if asked in allowed else ""


def _kind(sort: Sort) -> str:
    return f"panel:{sort}"


def _place(request: HttpRequest, sort: Sort) -> tuple[int, list[Any] | None]:
    """How many rows come before this page, and the place of the last of them."""
    try:
        found = read_cursor(request, _kind(sort))
    except Problem:
        return 0, None
    return (found[0], found[1:]) if found else (0, None)


def _rows(rows: Sequence[PanelRow], now: datetime, zone: str) -> SafeString:
    return mark_safe("".join([row_markup(line) for line in lines_of(rows, now, zone)]))  # noqa: S308


def _tag(rows: str, frame: PanelFrame) -> str:
    return hashlib.sha256(f"{rows}{frame}".encode()).hexdigest()[:16]


def _audit_panel(request: HttpRequest, rows: Sequence[PanelRow], now: datetime) -> None:
    audit.record_many(
        actor_id=reader(request).pk,
        action="panel.read",
        patient_ids=[row.id for row in rows],
        trace_id=trace(request),
        now=now,
    )
