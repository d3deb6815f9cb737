"""Brings a patient's record before the timer rules of home care."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.core.localtime import day_bounds
from exercises.catalog import selectors as catalog
from exercises.plans import selectors as plans
from exercises.plans.models import RecoveryPlan
from exercises.tracking import selectors as tracking
from exercises.tracking.arriving import StoredFact
from exercises.tracking.models import Fact, FactType
from exercises.triage.gathering import SYMPTOM_DAYS
from exercises.triage.home_care import Guide, Situation, Use
from exercises.triage.models import Alert

FLARE_RULE = "RT-FLARE"
# No session is logged as longer (see `facts.HomeCare`), and no pause is longer than the rest.
USES_WITHIN = timedelta(hours=12)
# A flare that began before is long past the hours of cold, whatever they are set to.
FLARES_WITHIN = timedelta(days=14)


def guide(language: str, kinds: Collection[str] | None = None) -> Guide:
    """The content of home care in a language; of these `kinds` alone, if they are named."""
    every = catalog.home_care(language=language)
    return Guide(
        modalities=[item for item in every if kinds is None or item.id in kinds],
        blocks=catalog.home_care_blocks(language=language),
        timing=catalog.home_care_timing(language=language),
    )


def situation_at(
    *,
    patient_id: UUID,
    plan: RecoveryPlan | None,
    zone: str,
    at: datetime,
    known_by: datetime,
    without: Collection[UUID] = (),
) -> Situation:
    """What counted at the instant `at`, by what had arrived at `known_by`; at most three queries.

    The same two instants give the same answer later, whatever was closed or reported since.
    `without` leaves reports out, to judge them against the others.
    """
    before = Q(occurred_at__lte=at) | Q(received_at__lte=at)
    recent = Q(type=FactType.SYMPTOM, occurred_at__gt=at - SYMPTOM_DAYS) | Q(
        type=FactType.HOME_CARE, occurred_at__gt=at - USES_WITHIN
    )
    facts = tracking.counting(patient_id).filter(before, recent, received_at__lte=known_by)
    found = [*facts.exclude(id__in=[*without]).order_by("occurred_at", "row")]
    alerts = [*_alerts(patient_id, at, known_by)]
    return Situation(
        onset=_onset(patient_id, plan, zone, at, alerts),
        symptoms=_present(fact for fact in found if fact.type == FactType.SYMPTOM),
        rules=frozenset(alert.rule for alert in alerts if _stands(alert, at)),
        uses=tuple(use_of(fact) for fact in found if fact.type == FactType.HOME_CARE),
    )


def use_of(fact: StoredFact) -> Use:
    """A session of the diary. It began at `occurred_at`, or if that is ahead of our clock, when it
    arrived: a phone's wrong clock must not keep the next session away."""
    began = min(fact.occurred_at, fact.received_at)
    return Use(fact.data["modality"], began, began + timedelta(minutes=fact.data["minutes"]))


def _alerts(patient_id: UUID, at: datetime, known_by: datetime) -> QuerySet[Alert]:
    standing = Q(closed_at=None) | Q(closed_at__gt=at)
    flares = Q(rule=FLARE_RULE, occurred_at__gt=at - FLARES_WITHIN)
    before = Q(occurred_at__lte=at) | Q(opened_at__lte=at)
    return Alert.objects.filter(
        standing | flares, before, patient_id=patient_id, opened_at__lte=known_by
    )


def _stands(alert: Alert, at: datetime) -> bool:
    return alert.closed_at is None or alert.closed_at > at


def _present(facts: Iterable[Fact]) -> frozenset[str]:
    latest: dict[str, bool] = {}
    for fact in facts:
        for item in fact.data["symptoms"]:
            gone = item.get("attrs", {}).get("resolved") is True
            latest[item["code"]] = item["present"] and not gone
        latest |= dict.fromkeys(fact.data["answered_no"], False)
    return frozenset(code for code, present in latest.items() if present)


def _onset(
    patient_id: UUID,
    plan: RecoveryPlan | None,
    zone: str,
    at: datetime,
    alerts: Sequence[Alert],
) -> datetime | None:
    flares = [alert.occurred_at for alert in alerts if alert.rule == FLARE_RULE]
    begun = _episode_began(patient_id, plan, zone, at)
    return max([*flares, *([begun] if begun else [])], default=None)


def _episode_began(
    patient_id: UUID, plan: RecoveryPlan | None, zone: str, at: datetime
) -> datetime | None:
    if plan is not None and plan.episode > 1:
        return _end_of(plan.start_date, zone)
    intake = plans.intake_of(patient_id)
    told = intake.answers.get("episode_started_on") if intake else None
    if told:
        return _end_of(date.fromisoformat(told), zone)
    # Nobody said when it began; it was there when care began, and that may be long enough ago.
    latest = _end_of(plan.care_started_on, zone) if plan else None
    hours = catalog.home_care_timing().ice_default_hours
    return latest if latest and latest + timedelta(hours=hours) <= at else None


def _end_of(day: date, zone: str) -> datetime:
    # A date says not when on it: the last moment keeps warmth away for the full time.
    return day_bounds(day, zone)[1]
