"""Reading the audit: a patient's own access log, and a clinic's for those who oversee it."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import salted_hmac

from backend.accounts.access import is_open
from backend.accounts.audit import OPENED_BY_LINK
from backend.accounts.models import AuditEvent, CareRelationship, Clinic, Membership, Role, User
from backend.core.shaping import convert

# Of somebody with several roles at once, the one that opened the door to a patient's data.
_RANK = (Role.THERAPIST, Role.AUDITOR, Role.MANAGER)
UNKNOWN = "unknown"
LINK = "link"


@dataclass(frozen=True)
class Actor:
    """Who did it: her name ("" once her account is gone), and her role at that time or "unknown";
    "link" for whoever opened a link that the patient made."""

    id: UUID | None
    name: str
    role: str


def accesses_to(patient_id: UUID, now: datetime) -> QuerySet[AuditEvent]:
    """What other people saw or did of a patient's record, the newest first; those too who have no
    account and opened a link of hers."""
    others = AuditEvent.objects.filter(
        Q(actor_id__isnull=False) | Q(action=OPENED_BY_LINK), patient_id=patient_id, at__lte=now
    )
    return others.exclude(actor_id=patient_id).order_by("-at", "-pk")


def events_at(clinics: Iterable[Clinic], now: datetime) -> QuerySet[AuditEvent]:
    """What members of these clinics saw or did there, the newest first: of patients while they
    were in care at the clinic, and what concerns no patient."""
    ids = [clinic.pk for clinic in clinics]
    staff = Membership.objects.filter(clinic__in=ids).values("user")
    member = Membership.objects.filter(_covers("at"), clinic__in=ids, user=OuterRef("actor_id"))
    in_care = CareRelationship.objects.filter(
        _covers("at"), clinic__in=ids, patient=OuterRef("patient_id")
    )
    about = Q(patient_id=None) | Q(Exists(in_care))
    events = AuditEvent.objects.filter(about, Exists(member), actor_id__in=staff, at__lte=now)
    return events.order_by("-at", "-pk")


def after(events: QuerySet[AuditEvent], at: datetime, pk: int) -> QuerySet[AuditEvent]:
    """The events that follow the one with this sort key."""
    return events.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))


def actors_of(events: Sequence[AuditEvent]) -> list[Actor]:
    """Who did each of the events; two queries."""
    ids = {event.actor_id for event in events if event.actor_id}
    names = {user.pk: user.name or user.email for user in User.objects.filter(pk__in=ids)}
    held: dict[UUID, list[Membership]] = {}
    for one in Membership.objects.filter(user__in=ids):
        held.setdefault(one.user_id, []).append(one)
    return [_actor(event, names, held) for event in events]


def pseudonym(patient_id: UUID, clinic: Clinic) -> str:
    """What stands for a patient where who she is must not be known: the same within one clinic,
    and of no use anywhere else."""
    return salted_hmac("audit pseudonym", f"{clinic.pk}:{patient_id}").hexdigest()[:16]


def words_for(action: str, language: str) -> str:
    """What the access was to, for the patient, in `language` (BCP 47) or English."""
    texts = _texts()
    words = texts.get(language.partition("-")[0], texts["en"])
    return words.get(action.partition(".")[0], words["other"])


def clinics_overseen(user: User, role: str, now: datetime) -> list[Clinic]:
    """The clinics where `user` holds `role`, by name."""
    held = Membership.objects.filter(is_open(now), user=user, role=role)
    return list(Clinic.objects.filter(pk__in=held.values("clinic")).order_by("name", "pk"))


def _covers(column: str) -> Q:
    at = OuterRef(column)
    return Q(started_at__lte=at) & (Q(ended_at=None) | Q(ended_at__gte=at))


def _actor(event: AuditEvent, names: dict[UUID, str], held: dict[UUID, list[Membership]]) -> Actor:
    if event.actor_id is None:
        return Actor(None, "", LINK if event.action == OPENED_BY_LINK else "system")
    roles = {
        one.role
        for one in held.get(event.actor_id, [])
        if one.started_at <= event.at and (one.ended_at is None or event.at <= one.ended_at)
    }
    role = next((rank for rank in _RANK if rank in roles), UNKNOWN)
    return Actor(event.actor_id, names.get(event.actor_id, ""), str(role))


@cache
def _texts() -> dict[str, dict[str, str]]:
    file = resources.files("backend.accounts").joinpath("content/access_log.toml")
    return convert(tomllib.loads(file.read_text("utf-8")), dict[str, dict[str, str]])
