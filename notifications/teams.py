"""Who answers for a patient right now, and who is asked when they do not."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from backend.accounts.access import is_open, leaves
from backend.accounts.models import CareRelationship, Leave, Membership, Role
from backend.accounts.rota import responsible_for_many
from backend.core.compiled import compiled


@dataclass(frozen=True, kw_only=True)
class Team:
    """Ids of people, each once. `therapists` answer for the patient (a backup for whom is on
    leave), `backups` are asked next and then the clinics' service `leads`; `others` are therapists
    on leave, who may still know. `on_duty`: at least one who answers is not on leave."""

    therapists: tuple[UUID, ...] = ()
    backups: tuple[UUID, ...] = ()
    leads: tuple[UUID, ...] = ()
    others: tuple[UUID, ...] = ()
    clinics: tuple[UUID, ...] = ()
    on_duty: bool = False

    @property
    def everyone(self) -> frozenset[UUID]:
        """All who may hear of the patient."""
        return frozenset((*self.therapists, *self.backups, *self.leads, *self.others))

    def at_step(self, step: str) -> tuple[UUID, ...]:
        """Whom a step of escalation reaches: "therapist", "backup" or "service_lead". Where nobody
        is named the next step is asked at once, so that no alert stops there."""
        steps = (self.therapists, self.backups, self.leads)
        first = ("therapist", "backup", "service_lead").index(step)
        return next((found for found in steps[first:] if found), ())


NOBODY = Team()


def teams_of(patients: Iterable[UUID], now: datetime) -> dict[UUID, Team]:
    """The team of each patient; a fixed number of queries. One without care has none."""
    ids = list(set(patients))
    responsible = responsible_for_many(ids, now) if ids else {}
    care = _open_care(ids, now)
    backups = _backups(care, now)
    away = _on_leave({one.pk for found in responsible.values() for one in found}, now)
    by_patient: dict[UUID, list[CareRelationship]] = defaultdict(list)
    for item in care:
        by_patient[item.patient_id].append(item)
    return {
        patient: _team(held, [one.pk for one in responsible.get(patient, [])], backups, away)
        for patient, held in by_patient.items()
    }


def covered_by(user: UUID, now: datetime) -> QuerySet[Membership]:
    """The open memberships that name `user` as the backup, as a condition on care rows."""
    return _therapists(now).filter(
        user=OuterRef("therapist"), clinic=OuterRef("clinic"), backup=user
    )


def _team(
    care: list[CareRelationship],
    therapists: list[UUID],
    backups: dict[tuple[UUID, UUID], UUID],
    away: set[UUID],
) -> Team:
    asked = [backups.get((item.therapist_id, item.clinic_id)) for item in care]
    leads = [item.clinic.service_lead_id for item in care]
    return Team(
        therapists=tuple(dict.fromkeys(therapists)),
        backups=_each_once(asked, but=therapists),
        leads=_each_once(leads),
        others=_each_once([item.therapist_id for item in care], but=therapists),
        clinics=_each_once([item.clinic_id for item in care]),
        on_duty=any(one not in away for one in therapists),
    )


def _each_once(found: Iterable[UUID | None], but: Iterable[UUID] = ()) -> tuple[UUID, ...]:
    left_out = set(but)
    return tuple(dict.fromkeys(one for one in found if one is not None and one not in left_out))


def _therapists(now: datetime) -> QuerySet[Membership]:
    return Membership.objects.filter(is_open(now), role=Role.THERAPIST)


@compiled
def _open_care(patients: Collection[UUID], now: datetime) -> QuerySet[CareRelationship]:
    employed = _therapists(now).filter(user=OuterRef("therapist"), clinic=OuterRef("clinic"))
    held = CareRelationship.objects.filter(is_open(now), Exists(employed), patient__in=patients)
    return held.select_related("clinic").order_by("started_at", "pk")


def _backups(care: list[CareRelationship], now: datetime) -> dict[tuple[UUID, UUID], UUID]:
    therapists = {item.therapist_id for item in care}
    named = _named_backups(therapists, {item.clinic_id for item in care}, now)
    return {(one.user_id, one.clinic_id): one.backup_id for one in named if one.backup_id}


@compiled
def _named_backups(
    therapists: Collection[UUID], clinics: Collection[UUID], now: datetime
) -> QuerySet[Membership]:
    employed = _therapists(now).filter(user=OuterRef("backup"), clinic=OuterRef("clinic"))
    away = leaves(now).filter(
        membership__user=OuterRef("backup"), membership__clinic=OuterRef("clinic")
    )
    return _therapists(now).filter(
        Exists(employed),
        ~Exists(away),
        backup__is_active=True,
        user__in=therapists,
        clinic__in=clinics,
    )


def _on_leave(people: set[UUID], now: datetime) -> set[UUID]:
    return {leave.membership.user_id for leave in _leaves_of(people, now)}


@compiled
def _leaves_of(people: Collection[UUID], now: datetime) -> QuerySet[Leave]:
    return leaves(now).filter(membership__user__in=people).select_related("membership")
