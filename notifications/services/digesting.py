"""Writes each therapist's daily list: everything in her care that nobody has acknowledged."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from backend.accounts.access import is_open, stand_ins
from backend.accounts.consents import granting
from backend.accounts.models import CareRelationship, Membership, Role, Scope, User
from backend.core.localtime import local_date
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertStatus
from notifications.digests import last_digest, next_digest
from notifications.models import DigestPlan
from notifications.services.writing import Draft, write_messages
from notifications.teams import NOBODY, teams_of
from notifications.terms import terms

BATCH = 100
# What was taken back waits for a review as well.
WAITING = Q(status=AlertStatus.OPEN) | Q(review_open=True, status=AlertStatus.RETRACTED)


class PlanStale(Exception):
    """Somebody changed the plan since it was read."""


def plan_digests(*, now: datetime) -> int:
    """Gives each therapist without a plan the usual one; how many that were."""
    employed = Membership.objects.filter(is_open(now), user=OuterRef("pk"), role=Role.THERAPIST)
    planned = DigestPlan.objects.filter(user=OuterRef("pk"))
    new = User.objects.filter(Exists(employed), ~Exists(planned), is_active=True)[:BATCH]
    plans = [plan_of(user, now) for user in new]
    DigestPlan.objects.bulk_create(plans, ignore_conflicts=True)
    return len(plans)


def plan_of(user: User, now: datetime) -> DigestPlan:
    """Her plan as it is stored, or the usual one, not stored yet."""
    stored = DigestPlan.objects.filter(user=user).first()
    if stored is not None:
        return stored
    usual = terms().digest
    due_at = next_digest(usual.at, usual.weekdays, user.time_zone, now)
    return DigestPlan(user=user, at=usual.at, weekdays=usual.weekdays, next_due_at=due_at)


@transaction.atomic
def choose_digest(
    *, user: User, at: time, weekdays: str, before: tuple[time, str], now: datetime
) -> DigestPlan:
    """Her list comes at `at` on `weekdays` from now on.

    Raises `PlanStale` when the plan is no longer the one that was read (`before`).
    """
    usual = plan_of(user, now)
    if usual._state.adding:
        DigestPlan.objects.bulk_create([usual], ignore_conflicts=True)
    fields = {
        "at": at,
        "weekdays": weekdays,
        "next_due_at": next_digest(at, weekdays, user.time_zone, now),
    }
    as_read = DigestPlan.objects.filter(user=user, at=before[0], weekdays=before[1])
    if not as_read.update(**fields):
        raise PlanStale
    return DigestPlan.objects.get(user=user)


def write_digests(*, now: datetime, limit: int = BATCH) -> int:
    """Writes the lists that are due, one transaction for all; how many plans were looked at.

    A list has one message per therapist and local date, whoever writes it. One without an item is
    not written, nor is one that would come hours late: the next holds the same and more. Her zone
    may have changed since the plan was made; what is not due by her clock now is put off.
    """
    due = DigestPlan.objects.filter(next_due_at__lte=now)
    if not due.exists():
        return 0
    with transaction.atomic():
        locked = due.select_related("user").select_for_update(skip_locked=True, of=("self",))
        plans = list(locked.order_by("next_due_at")[:limit])
        ripe = [plan for plan in plans if _is_ripe(plan, now)]
        waiting = waiting_for([plan.user_id for plan in ripe], now)
        write_messages(
            [
                _draft(plan, waiting[plan.user_id], now)
                for plan in ripe
                if waiting.get(plan.user_id)
            ],
            now=now,
        )
        for plan in plans:
            plan.next_due_at = next_digest(plan.at, plan.weekdays, plan.user.time_zone, now)
        DigestPlan.objects.bulk_update(plans, ["next_due_at"])
    return len(plans)


def waiting_for(therapists: Iterable[UUID], now: datetime) -> dict[UUID, list[Alert]]:
    """What waits for each of these therapists, the gravest first and then the oldest; a fixed
    number of queries. Of a patient who does not share her diary only what is urgent is listed."""
    people = set(therapists)
    patients = _patients_of(people, now)
    listed = Q(level__gte=Level.URGENT_SAME_DAY) | Q(
        patient__in=granting(patients, Scope.DIARY, now)
    )
    waiting = Alert.objects.filter(WAITING, listed, patient__in=patients)
    alerts = waiting.order_by("-level", "opened_at")
    found: dict[UUID, list[Alert]] = defaultdict(list)
    teams = teams_of(patients, now)
    for alert in alerts:
        team = teams.get(alert.patient_id, NOBODY)
        for therapist in (one for one in team.therapists if one in people):
            found[therapist].append(alert)
    return found


def _patients_of(therapists: set[UUID], now: datetime) -> set[UUID]:
    if not therapists:
        return set()
    covered = stand_ins(now).filter(
        Q(("stand_in__in", therapists)),
        membership__user=OuterRef("therapist"),
        membership__clinic=OuterRef("clinic"),
    )
    hers = Q(therapist__in=therapists) | Q(Exists(covered))
    held = CareRelationship.objects.filter(hers, is_open(now))
    return set(held.values_list("patient", flat=True))


def _is_ripe(plan: DigestPlan, now: datetime) -> bool:
    due_at = last_digest(plan.at, plan.weekdays, plan.user.time_zone, now)
    longest = timedelta(hours=terms().digest.late_hours)
    return due_at is not None and now - due_at < longest and plan.user.is_active


def _draft(plan: DigestPlan, alerts: Sequence[Alert], now: datetime) -> Draft:
    day = local_date(now, plan.user.time_zone)
    rules = terms().digest
    items = [{"alert": str(alert.pk), "level": Level(alert.level).code} for alert in alerts]
    return Draft(
        chain=f"{plan.user_id}:digest:{day}",
        recipient=plan.user_id,
        patient=None,
        audience="therapist",
        kind="digest",
        local_date=day,
        content={"items": items},
        channels=rules.channels,
        second=rules.second,
        due_at=now,
        expires_at=now + timedelta(days=1),
    )
