"""Accepting an invitation: into a therapist's care, or into the staff of a clinic.

A code alone opens nothing. It takes an account whose e-mail address is confirmed; what a member may
then see depends on her role and on care, and asks for a second factor besides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts import audit
from backend.accounts.access import is_open
from backend.accounts.codes import code_hash
from backend.accounts.models import (
    CareRelationship,
    Clinic,
    Invitation,
    Membership,
    Patient,
    Role,
    User,
)
from backend.accounts.services import employ, end_care, record_care, start_care


class InvitationInvalid(Exception):
    """The code is unknown, expired, revoked, used by another, meant for somebody else, or its
    therapist has left the clinic."""


class EmailUnconfirmed(Exception):
    """Nobody has shown yet that the e-mail address of this account is hers."""


@dataclass(frozen=True)
class Joined:
    """What somebody has become: a patient in the care of `therapist`, or a member (`role`)."""

    clinic: Clinic
    role: str
    since: datetime
    therapist: User | None = None


@transaction.atomic
def accept(
    *,
    user: User,
    code: str,
    answers: Mapping[str, bool] | None = None,
    leave_others: bool = False,
    now: datetime,
) -> Joined:
    """Takes the invitation and opens care, or the membership; accepting it again changes nothing.

    `answers` are a patient's to the consent texts; with `leave_others` her care at every other
    clinic ends with it. Raises `EmailUnconfirmed`, and `InvitationInvalid` after the same
    statements whatever the reason is.
    """
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        raise EmailUnconfirmed
    patient: Patient | None = getattr(user, "patient", None)
    hashed = code_hash(code)
    claimed = _claimable(hashed, patient, now).update(used_at=now, used_by=user)
    taken = Invitation.objects.filter(code_hash=hashed, used_by=user)
    invitation = taken.select_related("clinic", "therapist").first()
    if invitation is None:
        raise InvitationInvalid
    if invitation.therapist is None or patient is None:
        return _member(invitation, user, is_new=bool(claimed), now=now)
    if not claimed:
        return _known_care(invitation, patient)
    return _care(invitation, invitation.therapist, patient, answers or {}, leave_others, now)


def _claimable(hashed: str, patient: Patient | None, now: datetime) -> QuerySet[Invitation]:
    employed = Membership.objects.filter(
        is_open(now), user=OuterRef("therapist"), clinic=OuterRef("clinic"), role=Role.THERAPIST
    )
    hers = ~Q(role="") if patient is None else ~Q(role="") | Q(Exists(employed))
    return Invitation.objects.filter(
        hers, code_hash=hashed, used_at=None, revoked_at=None, expires_at__gt=now
    )


def _care(
    invitation: Invitation,
    therapist: User,
    patient: Patient,
    answers: Mapping[str, bool],
    leave_others: bool,
    now: datetime,
) -> Joined:
    clinic = invitation.clinic
    care = start_care(patient=patient, therapist=therapist, clinic=clinic, answers=answers, now=now)
    record_care(care, "care.started", patient.user_id, now)
    if leave_others:
        for other in patient.care.filter(ended_at=None).exclude(clinic=clinic):
            end_care(care=other, by=patient.user_id, reason="changed_clinic", now=now)
    return Joined(clinic, "patient", care.started_at, therapist)


def _known_care(invitation: Invitation, patient: Patient) -> Joined:
    care = CareRelationship.objects.filter(patient=patient, therapist=invitation.therapist)
    latest = care.select_related("clinic", "therapist").order_by("-started_at").first()
    if latest is None:
        raise InvitationInvalid
    return Joined(latest.clinic, "patient", latest.started_at, latest.therapist)


def _member(invitation: Invitation, user: User, *, is_new: bool, now: datetime) -> Joined:
    clinic, role = invitation.clinic, Role(invitation.role)
    if is_new:
        member = employ(user=user, clinic=clinic, role=role, now=now)
        audit.record(
            actor_id=user.pk,
            action="member.joined",
            object_kind="clinic",
            object_id=str(clinic.pk),
            now=now,
        )
        return Joined(clinic, role, member.started_at)
    held = Membership.objects.filter(user=user, clinic=clinic, role=role).order_by("-started_at")
    since = held.values_list("started_at", flat=True).first()
    return Joined(clinic, role, since or now)
