"""Who works at the clinic: parse, make one call, present."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from backend.accounts import selectors
from backend.dashboard.presenters.clinic_members import members_screen
from backend.dashboard.views.clinic import Desk, clinic_page


@require_GET
@clinic_page("members")
def members(desk: Desk) -> HttpResponse:
    """Everybody who works here, who leads, and who is away."""
    found = selectors.members_of(desk.clinic, desk.now)
    leaves = selectors.leaves_of(desk.clinic, desk.now)
    screen = members_screen(desk.clinic, found, leaves, now=desk.now)
    return desk.show("clinic_members.html", {"page": screen})
