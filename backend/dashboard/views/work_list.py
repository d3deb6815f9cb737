"""What waits for a therapist today: parse, ask who may see it, make one call each, present."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backend.accounts import audit
from backend.accounts.access import caseload, leaves
from backend.accounts.models import Leave, Patient, Role, User
from backend.accounts.selectors import clinics_employing, invitations_of
from backend.core import clock
from backend.dashboard.presenters.work_list import SHOWN, WorkScreen, work_screen
from backend.dashboard.views.pages import reader, therapist_page, trace
from exercises.conversation.selectors import unread_by_team
from exercises.triage.selectors import work_list as waiting_for
from exercises.triage.tasks_due import tasks_for_therapist


@require_GET
@therapist_page
def work_list(request: HttpRequest) -> HttpResponse:
    """Alerts, reviews, tasks, invitations nobody took up, and who stands in for whom."""
    now, user = clock.now(), reader(request)
    screen = _screen(user, now)
    audit.record_many(
        actor_id=user.pk,
        action="work_list.read",
        patient_ids=screen.patients,
        trace_id=trace(request),
        now=now,
    )
    return render(request, "dashboard/work_list.html", {"page": screen})


def _screen(user: User, now: datetime) -> WorkScreen:
    alerts = waiting_for(user, now)
    with_people = alerts.select_related("patient__user")
    return work_screen(
        alerts=with_people[:SHOWN],
        alerts_in_all=alerts.count(),
        tasks=tasks_for_therapist(user, now)[:SHOWN],
        unread=_unread(user, now),
        invitations=invitations_of(user, now),
        leaves=_leaves(user, now),
        reader=user,
        now=now,
    )


def _unread(user: User, now: datetime) -> list[tuple[Patient, int]]:
    counted = unread_by_team(user, now)
    hers = caseload(user, now).filter(pk__in=counted).select_related("user")
    return [(patient, counted[patient.pk]) for patient in hers.order_by("user__name", "pk")]


def _leaves(user: User, now: datetime) -> QuerySet[Leave]:
    hers = clinics_employing(user, now, role=Role.THERAPIST)
    held = leaves(now).filter(membership__clinic__in=hers)
    people = ("membership__user", "membership__backup", "membership__clinic", "backup")
    return held.select_related(*people).order_by("started_at", "pk")[:SHOWN]
