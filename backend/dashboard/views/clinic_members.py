"""Who works at the clinic, who is away and who leads: parse, make one call, present."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from backend.accounts import clinics, selectors
from backend.accounts.models import Leave, Membership, Role, User
from backend.core.localtime import local_date
from backend.dashboard.clinic_forms import LeaveForm, PersonForm
from backend.dashboard.presenters.clinic_members import members_screen, therapist_choices
from backend.dashboard.views.clinic import Desk, clinic_page

managers_only = clinic_page("members", Role.MANAGER)


@require_GET
@clinic_page("members")
def members(desk: Desk) -> HttpResponse:
    """Everybody who works here, who leads, and who is away."""
    return _members(desk)


@require_POST
@managers_only
def name_lead(desk: Desk) -> HttpResponse:
    """Names the service lead, or nobody."""
    try:
        clinics.name_lead(actor=desk.actor, lead=_chosen(desk, nobody="Nobody"))
        messages.success(desk.request, "Service lead saved.")
    except clinics.NotATherapist:
        messages.warning(desk.request, "Choose a therapist of this clinic.")
    return _back(desk)


@require_POST
@managers_only
def name_backup(desk: Desk, user_id: UUID) -> HttpResponse:
    """Names who stands in while a therapist is away, or nobody."""
    member = _member(desk, user_id, Role.THERAPIST)
    try:
        backup = _chosen(desk, nobody="Nobody")
        clinics.name_backup(actor=desk.actor, member=member, backup=backup)
        messages.success(desk.request, "Saved who stands in.")
    except clinics.NotATherapist:
        messages.warning(desk.request, "Choose another therapist of this clinic.")
    return _back(desk)


@require_POST
@managers_only
def hand_over(desk: Desk, user_id: UUID) -> HttpResponse:
    """All patients of a therapist go to another."""
    _member(desk, user_id, Role.THERAPIST)
    try:
        to = _chosen(desk)
        if to is None:
            raise clinics.NotATherapist
        moved = clinics.hand_over(actor=desk.actor, therapist=user_id, to=to)
        messages.success(desk.request, f"{moved} patients handed over.")
    except clinics.NotATherapist:
        messages.warning(desk.request, "Choose another therapist of this clinic.")
    return _back(desk)


@require_POST
@managers_only
def end_membership(desk: Desk, user_id: UUID, member_role: str) -> HttpResponse:
    """Somebody no longer works here."""
    member = _member(desk, user_id, member_role)
    release = desk.request.POST.get("release") == "yes"
    try:
        clinics.end_membership(actor=desk.actor, member=member, release=release)
        messages.success(desk.request, "The membership has ended.")
    except clinics.StillResponsible as error:
        messages.warning(
            desk.request,
            f"She still looks after {error.patients} patients: hand them over first, or release them.",
        )
    except clinics.LastManager:
        messages.warning(desk.request, "Make somebody else a manager first.")
    return _back(desk)


@require_POST
@managers_only
def plan_leave(desk: Desk) -> HttpResponse:
    """A therapist will be away."""
    form = _leave_form(desk)
    if not form.is_valid():
        return _members(desk, form)
    asked = form.cleaned_data
    try:
        clinics.plan_leave(
            actor=desk.actor,
            member=_member(desk, asked["person"], Role.THERAPIST),
            first=asked["first_day"],
            last=asked["last_day"],
            backup=_colleague(desk, asked["backup"]),
        )
    except clinics.NotATherapist:
        form.add_error("backup", "Choose another therapist of this clinic.")
    except clinics.LeaveOverlaps:
        form.add_error("first_day", "She is away then already.")
    if form.errors:
        return _members(desk, form)
    messages.success(desk.request, "Leave planned.")
    return _back(desk)


@require_POST
@managers_only
def end_leave(desk: Desk, leave_id: UUID) -> HttpResponse:
    """A therapist is back, or does not go."""
    held = Leave.objects.filter(pk=leave_id, membership__clinic=desk.clinic)
    leave = held.select_related("membership").first()
    if leave is None:
        raise Http404
    clinics.end_leave(actor=desk.actor, leave=leave)
    messages.success(desk.request, "The leave has ended.")
    return _back(desk)


def _members(desk: Desk, form: LeaveForm | None = None) -> HttpResponse:
    found = selectors.members_of(desk.clinic, desk.now)
    leaves = selectors.leaves_of(desk.clinic, desk.now)
    screen = members_screen(desk.clinic, found, leaves, now=desk.now)
    asked = form or LeaveForm(people=screen.choices, today=screen.today)
    context = {"page": screen, "form": asked}
    return desk.show("clinic_members.html", context, status=400 if form else 200)


def _leave_form(desk: Desk) -> LeaveForm:
    today = local_date(desk.now, desk.clinic.time_zone)
    return LeaveForm(desk.request.POST, people=_people(desk), today=today)


def _chosen(desk: Desk, nobody: str = "") -> User | None:
    form = PersonForm(desk.request.POST, people=_people(desk), nobody=nobody)
    if not form.is_valid():
        raise clinics.NotATherapist
    return _colleague(desk, form.cleaned_data["person"])


def _people(desk: Desk) -> list[tuple[str, str]]:
    return therapist_choices(selectors.members_of(desk.clinic, desk.now))


def _colleague(desk: Desk, user_id: UUID | None) -> User | None:
    return selectors.colleague(desk.clinic, user_id, desk.now) if user_id else None


def _member(desk: Desk, user_id: UUID, role: str) -> Membership:
    member = selectors.membership_of(desk.clinic, user_id, role, desk.now)
    if member is None:
        raise Http404
    return member


def _back(desk: Desk) -> HttpResponse:
    return redirect("dashboard:clinic_members", desk.clinic.pk)
