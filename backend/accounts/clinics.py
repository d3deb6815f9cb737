"""What a clinic's managers do: members, their leave, and who takes over whose patients.

Managers see no clinical data. Every change names its actor in the audit.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q, QuerySet

from backend.accounts import audit
from backend.accounts.access import is_open
from backend.accounts.codes import code_hash, new_code
from backend.accounts.models import (
    CareRelationship,
    Clinic,
    Invitation,
    Leave,
    Membership,
    Role,
    User,
)
from backend.accounts.places import is_time_zone
from backend.accounts.revisions import revision
from backend.accounts.services import (
    INVITATION_LASTS,
    employ,
    end_care,
    open_clinic,
    record_care,
)
from backend.core.localtime import day_bounds

DAY = timedelta(days=1)


class NotATherapist(Exception):
    """The person named is no therapist of this clinic (or is the one she should stand in for)."""


class StillResponsible(Exception):
    """A therapist who should leave still has `patients` in her care at the clinic."""

    def __init__(self, patients: int) -> None:
        super().__init__(f"{patients} patients")
        self.patients = patients


class LeaveOverlaps(Exception):
    """There is a leave of hers in that time already."""


class LastManager(Exception):
    """A clinic keeps at least one manager."""


class CannotFound(Exception):
    """Why a clinic cannot be made, in words for the operator."""


@dataclass(frozen=True)
class Actor:
    """Who does it, where and when, and the id under which the request is logged."""

    user: User
    clinic: Clinic
    now: datetime
    trace_id: str = ""

    def record(self, action: str, object_kind: str, object_id: object) -> None:
        """Audits one change."""
        audit.record(
            actor_id=self.user.pk,
            action=action,
            object_kind=object_kind,
            object_id=str(object_id),
            trace_id=self.trace_id,
            now=self.now,
        )


@transaction.atomic
def found_clinic(*, name: str, time_zone: str, manager_email: str, now: datetime) -> Clinic:
    """A clinic with its first manager, who has signed up and confirmed her address; she invites
    everybody else. The same name and manager again is the same clinic.

    Raises `CannotFound`.
    """
    address = manager_email.strip().lower()
    if not name.strip() or not is_time_zone(time_zone):
        raise CannotFound("A clinic needs a name and an IANA time zone such as Europe/Berlin.")
    confirmed = EmailAddress.objects.filter(email=address, verified=True, user__is_active=True)
    manager = User.objects.filter(pk__in=confirmed.values("user")).first()
    if manager is None:
        raise CannotFound(f"Nobody has signed up with {address} and confirmed it.")
    managed = Membership.objects.filter(is_open(now), user=manager, role=Role.MANAGER)
    known = Clinic.objects.filter(pk__in=managed.values("clinic"), name=name.strip()).first()
    if known is not None:
        return known
    clinic = open_clinic(name=name.strip(), time_zone=time_zone, now=now)
    employ(user=manager, clinic=clinic, role=Role.MANAGER, now=now)
    audit.record(
        actor_id=None,
        action="clinic.founded",
        object_kind="clinic",
        object_id=str(clinic.pk),
        now=now,
    )
    return clinic


@transaction.atomic
def invite_member(*, actor: Actor, role: Role) -> tuple[Invitation, str]:
    """An invitation into the staff as `role`, and its code, which is not kept."""
    code = new_code()
    invitation = Invitation.objects.create(
        code_hash=code_hash(code),
        clinic=actor.clinic,
        role=role,
        created_at=actor.now,
        expires_at=actor.now + INVITATION_LASTS,
    )
    actor.record("invitation.made", "invitation", invitation.pk)
    return invitation, code


@transaction.atomic
def revoke_invitation(*, actor: Actor, invitation: Invitation) -> None:
    """The code no longer works; one that was used stays as it is."""
    unused = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None)
    if unused.update(revoked_at=actor.now):
        actor.record("invitation.revoked", "invitation", invitation.pk)


@transaction.atomic
def name_lead(*, actor: Actor, lead: User | None) -> Clinic:
    """Names the service lead, the last step of escalation. Raises `NotATherapist`."""
    if lead is not None and not _therapists(actor).filter(user=lead).exists():
        raise NotATherapist
    Clinic.objects.filter(pk=actor.clinic.pk).update(service_lead=lead)
    actor.record("clinic.lead_named", "user", lead.pk if lead else "")
    return Clinic.objects.select_related("service_lead").get(pk=actor.clinic.pk)


@transaction.atomic
def name_backup(*, actor: Actor, member: Membership, backup: User | None) -> None:
    """Names who stands in for a therapist while she is on leave. Raises `NotATherapist`."""
    _check_backup(actor, member, backup)
    Membership.objects.filter(pk=member.pk).update(backup=backup)
    actor.record("member.backup_named", "user", member.user_id)


@transaction.atomic
def end_membership(*, actor: Actor, member: Membership, release: bool) -> None:
    """The member's next request finds nothing of the clinic any more.

    A therapist's patients are handed over first; with `release` they stay without a therapist.
    Raises `StillResponsible` and `LastManager`.
    """
    # Two managers who end each other's membership at once must not both succeed.
    Clinic.objects.select_for_update(of=("self",)).get(pk=actor.clinic.pk)
    care = list(care_at(actor.clinic, member.user_id)) if member.role == Role.THERAPIST else []
    if care and not release:
        raise StillResponsible(len(care))
    if member.role == Role.MANAGER:
        _keep_a_manager(actor.clinic, member)
    for one in care:
        end_care(care=one, by=actor.user.pk, now=actor.now)
    Membership.objects.filter(pk=member.pk, ended_at=None).update(ended_at=actor.now)
    if member.role == Role.THERAPIST:
        Clinic.objects.filter(pk=actor.clinic.pk, service_lead=member.user_id).update(
            service_lead=None
        )
    actor.record(f"member.ended_as_{member.role}", "user", member.user_id)


def hand_over(*, actor: Actor, therapist: UUID, to: User) -> int:
    """`to` takes over every patient whom `therapist` looks after at the clinic; how many.

    Raises `NotATherapist`.
    """
    if to.pk == therapist or not _therapists(actor).filter(user=to).exists():
        raise NotATherapist
    held = list(care_at(actor.clinic, therapist))
    for care in held:
        hand_over_one(care=care, to=to, by=actor.user.pk, now=actor.now)
    return len(held)


def hand_over_one(*, care: CareRelationship, to: User, by: UUID, now: datetime) -> CareRelationship:
    """Ends one care relationship and begins that of `to`, a therapist of the same clinic."""
    with revision(care.patient_id):
        end_care(care=care, by=by, now=now)
        CareRelationship.objects.filter(
            patient=care.patient_id, therapist=to, ended_at=None
        ).exclude(clinic=care.clinic_id).update(ended_at=now)
        taken, _ = CareRelationship.objects.get_or_create(
            patient_id=care.patient_id,
            therapist=to,
            ended_at=None,
            defaults={"clinic_id": care.clinic_id, "started_at": now},
        )
        record_care(taken, "care.started", by, now)
    return taken


@transaction.atomic
def plan_leave(
    *, actor: Actor, member: Membership, first: date, last: date | None, backup: User | None
) -> Leave:
    """A therapist is away from `first` to `last`, local days of the clinic, both included; without
    `last` until further notice. Raises `NotATherapist` and `LeaveOverlaps`."""
    _check_backup(actor, member, backup)
    zone = actor.clinic.time_zone
    start = day_bounds(first, zone)[0]
    end = day_bounds(last, zone)[1] if last else None
    # Two managers who plan at once wait for each other here.
    Membership.objects.select_for_update(of=("self",)).get(pk=member.pk)
    later = Q(ended_at=None) | Q(ended_at__gt=start)
    others = Leave.objects.filter(later, membership=member)
    if (others.filter(started_at__lt=end) if end else others).exists():
        raise LeaveOverlaps
    leave = Leave.objects.create(membership=member, started_at=start, ended_at=end, backup=backup)
    actor.record("leave.planned", "user", member.user_id)
    return leave


@transaction.atomic
def end_leave(*, actor: Actor, leave: Leave) -> None:
    """The therapist is back, or does not go; once it is over nothing changes."""
    over = max(actor.now, leave.started_at)
    running = Leave.objects.filter(Q(ended_at=None) | Q(ended_at__gt=over), pk=leave.pk)
    if running.update(ended_at=over):
        actor.record("leave.ended", "user", leave.membership.user_id)


def care_at(clinic: Clinic, therapist: UUID) -> list[CareRelationship]:
    """The open care of a therapist at a clinic."""
    held = CareRelationship.objects.filter(clinic=clinic, therapist=therapist, ended_at=None)
    return list(held.order_by("started_at", "pk"))


def _therapists(actor: Actor) -> QuerySet[Membership]:
    return Membership.objects.filter(
        is_open(actor.now), clinic=actor.clinic, role=Role.THERAPIST, user__is_active=True
    )


def _check_backup(actor: Actor, member: Membership, backup: User | None) -> None:
    if backup is None:
        return
    if backup.pk == member.user_id or not _therapists(actor).filter(user=backup).exists():
        raise NotATherapist


def _keep_a_manager(clinic: Clinic, member: Membership) -> None:
    managers = Membership.objects.filter(clinic=clinic, role=Role.MANAGER, ended_at=None)
    if not managers.exclude(pk=member.pk).exists():
        raise LastManager
