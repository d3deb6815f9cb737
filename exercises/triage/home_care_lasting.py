"""Until when home care is advised as it is: the next instant at which time alone may change it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from backend.core.localtime import day_bounds
from exercises.catalog import selectors as catalog
from exercises.plans import selectors as plans
from exercises.plans.models import RecoveryPlan
from exercises.tracking import selectors as tracking
from exercises.tracking.models import FactType
from exercises.triage.gathering import SYMPTOM_DAYS
from exercises.triage.home_care_loading import FLARES_WITHIN, USES_WITHIN, use_of
from exercises.triage.models import Alert


def turning_points(
    *, patient_id: UUID, plan: RecoveryPlan, zone: str, at: datetime
) -> list[datetime]:
    """Instants after `at` at which `situation_at` or `advise` may say something else although nothing
    was written; three queries. There may be more of them than changes, never fewer."""
    found = [
        *_of_facts(patient_id, at),
        *_of_alerts(patient_id, at),
        *_of_the_episode(patient_id, plan, zone),
    ]
    return [instant for instant in found if instant > at]


def _of_facts(patient_id: UUID, at: datetime) -> Iterator[datetime]:
    """Reports come into sight, by their time or ours, and go out of it; pauses after cold end."""
    gaps = {item.gap_minutes for item in catalog.home_care()}
    kinds = [FactType.SYMPTOM, FactType.HOME_CARE]
    rows = tracking.counting(patient_id).filter(type__in=kinds)
    for fact in rows.filter(Q(occurred_at__gt=at - SYMPTOM_DAYS)):
        yield fact.occurred_at
        yield fact.received_at
        if fact.type == FactType.SYMPTOM:
            yield fact.occurred_at + SYMPTOM_DAYS
            continue
        yield fact.occurred_at + USES_WITHIN
        ended = use_of(fact).ended
        yield from (ended + timedelta(minutes=gap) for gap in gaps)


def _of_alerts(patient_id: UUID, at: datetime) -> Iterator[datetime]:
    """Alerts begin and end, and a flare is forgotten."""
    standing = Q(closed_at=None) | Q(closed_at__gt=at) | Q(occurred_at__gt=at - FLARES_WITHIN)
    rows = Alert.objects.filter(standing, patient_id=patient_id)
    columns = ("occurred_at", "opened_at", "closed_at")
    for occurred, opened, closed in rows.values_list(*columns):
        yield from (instant for instant in (occurred, opened, closed) if instant is not None)
        yield occurred + FLARES_WITHIN
        yield from _clocks_from(occurred)


def _of_the_episode(patient_id: UUID, plan: RecoveryPlan, zone: str) -> Iterator[datetime]:
    """The clocks from the day on which the pain, the plan or care began."""
    intake = plans.intake_of(patient_id)
    told = intake.answers.get("episode_started_on") if intake else None
    begun = [plan.start_date, plan.care_started_on]
    for day in [*begun, *([date.fromisoformat(told)] if told else [])]:
        yield from _clocks_from(day_bounds(day, zone)[1])


def _clocks_from(onset: datetime) -> Iterator[datetime]:
    hours = {catalog.home_care_timing().ice_default_hours}
    hours |= {item.from_hours for item in catalog.home_care()}
    return (onset + timedelta(hours=count) for count in hours)
