"""Invitations: a therapist asks patients into her care, a manager anybody into the clinic."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts import clinics, selectors, services
from backend.accounts.models import Invitation, Role
from backend.dashboard.clinic_forms import InvitationForm
from backend.dashboard.presenters.clinic_invitations import Slip, invitation_lines, slip_of
from backend.dashboard.presenters.clinic_members import therapist_choices
from backend.dashboard.views.clinic import Desk, clinic_page

MOST = 200


@require_http_methods(["GET", "POST"])
@clinic_page("invitations")
def invitations(desk: Desk) -> HttpResponse:
    """Those that still work; a new one is made by POST, and its code shown this once."""
    form = _form(desk)
    if desk.request.method != "POST":
        return _page(desk, form)
    if form is not None and not form.is_valid():
        return _page(desk, form, status=400)
    invitation, code = _make(desk, form)
    slip = slip_of(invitation, code, zone=desk.user.time_zone)
    return _page(desk, _form(desk, is_new=True), slip, status=201)


@require_POST
@clinic_page("invitations")
def revoke(desk: Desk, invitation_id: UUID) -> HttpResponse:
    """The code no longer works."""
    found = Invitation.objects.filter(clinic=desk.clinic, pk=invitation_id)
    invitation = (found if desk.is_a(Role.MANAGER) else found.filter(therapist=desk.user)).first()
    if invitation is None:
        raise Http404
    clinics.revoke_invitation(actor=desk.actor, invitation=invitation)
    messages.success(desk.request, "The code no longer works.")
    return redirect("dashboard:clinic_invitations", desk.clinic.pk)


def _form(desk: Desk, *, is_new: bool = False) -> InvitationForm | None:
    # A therapist invites into her own care: there is nothing to choose.
    if not desk.is_a(Role.MANAGER):
        return None
    people = therapist_choices(selectors.members_of(desk.clinic, desk.now))
    sent = desk.request.POST if desk.request.method == "POST" and not is_new else None
    mine = desk.user.pk if desk.is_a(Role.THERAPIST) else None
    return InvitationForm(sent, people=people, initial={"person": mine})


def _make(desk: Desk, form: InvitationForm | None) -> tuple[Invitation, str]:
    asked: dict[str, Any] = (
        form.cleaned_data if form else {"role": "patient", "person": desk.user.pk}
    )
    if asked["role"] != "patient":
        return clinics.invite_member(actor=desk.actor, role=Role(asked["role"]))
    member = selectors.membership_of(desk.clinic, asked["person"], Role.THERAPIST, desk.now)
    if member is None:
        raise Http404
    return services.invite(clinic=desk.clinic, therapist=member.user, by=desk.user, now=desk.now)


def _visible(desk: Desk) -> QuerySet[Invitation]:
    found = selectors.open_invitations(desk.clinic, desk.now)
    return found if desk.is_a(Role.MANAGER) else found.filter(therapist=desk.user)


def _page(
    desk: Desk, form: InvitationForm | None, slip: Slip | None = None, *, status: int = 200
) -> HttpResponse:
    lines = invitation_lines(_visible(desk)[:MOST], now=desk.now, zone=desk.user.time_zone)
    context = {"lines": lines, "form": form, "slip": slip}
    return desk.show("clinic_invitations.html", context, status=status)
