"""Who did what at a clinic, for its auditors and managers: parse, make one call, present."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from backend.accounts import audit, audit_log
from backend.accounts.models import AuditEvent, Role, User
from backend.core.cursors import read_cursor, write_cursor
from backend.core.localtime import day_bounds
from backend.core.problems import Problem
from backend.dashboard.clinic_forms import PersonField
from backend.dashboard.presenters.clinic_audit import audit_screen
from backend.dashboard.views.clinic import Desk, clinic_page
from backend.dashboard.views.pages import trace

SIZE = 50
MOST_PEOPLE = 500
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SearchForm(forms.Form):
    """What to look for; days are those of the clinic, both included."""

    actor = PersonField(label="Who", required=False)
    patient = forms.UUIDField(label="Patient, by id", required=False)
    action = forms.RegexField(
        r"^[a-z_.]+\Z",
        label="What (begins with)",
        required=False,
        max_length=64,
        error_messages={"invalid": "Such as patient, plan or patient.read."},
    )
    first_day = forms.DateField(label="From", required=False, widget=_DAY)
    last_day = forms.DateField(label="To", required=False, widget=_DAY)

    def __init__(self, data: Any, *, people: list[tuple[str, str]], by_patient: bool) -> None:
        super().__init__(data)
        self.fields["actor"].choices = [("", "Anybody"), *people]  # type: ignore[attr-defined]
        if not by_patient:
            del self.fields["patient"]


@require_GET
@clinic_page("audit")
def search(desk: Desk) -> HttpResponse:
    """The events that were looked for, the newest first, one page at a time."""
    is_auditor = desk.is_a(Role.AUDITOR)
    form = SearchForm(desk.request.GET, people=_people(desk), by_patient=is_auditor)
    if not form.is_valid():
        return desk.show("clinic_audit.html", {"form": form, "page": None}, status=400)
    shown, cursor = _page(desk, _found(desk, form.cleaned_data))
    _note(desk, shown)
    screen = audit_screen(
        shown,
        clinic=desk.clinic,
        is_auditor=is_auditor,
        asked={name: desk.request.GET[name] for name in form.fields if desk.request.GET.get(name)},
        cursor=cursor,
        now=desk.now,
        zone=desk.user.time_zone,
    )
    return desk.show("clinic_audit.html", {"form": form, "page": screen})


def _found(desk: Desk, asked: dict[str, Any]) -> QuerySet[AuditEvent]:
    events = audit_log.events_at([desk.clinic], desk.now)
    if asked.get("actor"):
        events = events.filter(actor_id=asked["actor"])
    if asked.get("patient"):
        events = events.filter(patient_id=asked["patient"])
    if asked.get("action"):
        events = events.filter(action__startswith=asked["action"])
    zone = desk.clinic.time_zone
    if asked.get("first_day"):
        events = events.filter(at__gte=day_bounds(asked["first_day"], zone)[0])
    if asked.get("last_day"):
        events = events.filter(at__lt=day_bounds(asked["last_day"], zone)[1])
    return events


def _page(desk: Desk, events: QuerySet[AuditEvent]) -> tuple[list[AuditEvent], str | None]:
    kind = f"audit:{desk.clinic.pk}"
    try:
        key = read_cursor(desk.request, kind)
    except Problem:
        raise Http404 from None
    if key is not None:
        events = audit_log.after(events, datetime.fromisoformat(key[0]), int(key[1]))
    found = list(events[: SIZE + 1])
    shown = found[:SIZE]
    more = len(found) > SIZE
    return shown, write_cursor(kind, shown[-1].at.isoformat(), shown[-1].pk) if more else None


def _note(desk: Desk, shown: list[AuditEvent]) -> None:
    read: set[UUID] = {event.patient_id for event in shown if event.patient_id}
    audit.record_many(
        actor_id=desk.user.pk,
        action="audit.read",
        patient_ids=read,
        trace_id=trace(desk.request),
        now=desk.now,
    )


def _people(desk: Desk) -> list[tuple[str, str]]:
    ever = User.objects.filter(memberships__clinic=desk.clinic).distinct()
    rows = ever.order_by("name", "email", "pk")[:MOST_PEOPLE]
    return [(str(user.pk), user.name or user.email) for user in rows]
