"""Who has how much to look after: parse, make one call, present."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from backend.accounts import selectors
from backend.accounts.models import Role
from backend.dashboard.presenters.clinic_workload import workload_screen
from backend.dashboard.views.clinic import Desk, clinic_page
from exercises.triage.workload import workload_of


@require_GET
@clinic_page("workload")
def workload(desk: Desk) -> HttpResponse:
    """Counts by therapist; a manager who is none sees those of people alone."""
    members = selectors.members_of(desk.clinic, desk.now)
    loads = workload_of(desk.clinic, desk.now) if desk.is_a(Role.THERAPIST) else None
    return desk.show("clinic_workload.html", {"page": workload_screen(members, loads)})
