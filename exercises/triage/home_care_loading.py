"""Brings a patient's record before the timer rules of home care."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from msgspec import Struct

from backend.core.compiled import compiled
from backend.core.localtime import day_bounds
from backend.core.together import Part
from backend.core.wanted import Wanted, read
from exercises.catalog import selectors as catalog
from exercises.plans.models import Intake, RecoveryPlan
from exercises.plans.reads import intakes_of
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
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Noted(Struct, array_like=True, frozen=True):
    """What the timer rules read of a report."""

    id: UUID
    occurred_at: datetime
    received_at: datetime
    data: dict[str, Any]


class Raised(Struct, array_like=True, frozen=True):
    """What they read of an alert."""

    rule: str
    occurred_at: datetime
    closed_at: datetime | None


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
    """What counted at the instant `at`, by what had arrived at `known_by`; four queries, or one.

    The same two instants give the same answer later, whatever was closed or reported since.
    `without` leaves reports out, to judge them against the others.
    """
    return read(
        wanted_situation(
            patient_id=patient_id, plan=plan, zone=zone, at=at, known_by=known_by, without=without
        )
    )


def wanted_situation(
    *,
    patient_id: UUID,
    plan: RecoveryPlan | None,
    zone: str,
    at: datetime,
    known_by: datetime,
    without: Collection[UUID] = (),
) -> Wanted[Situation]:
    """The same, to be read with other things."""

    def made(
        told: Sequence[Noted],
        used: Sequence[Noted],
        alerts: Sequence[Raised],
        intakes: Sequence[Intake],
    ) -> Situation:
        return Situation(
            onset=_onset(plan, intakes, zone, at, alerts),
            symptoms=_present(fact for fact in told if fact.id not in without),
            rules=frozenset(alert.rule for alert in alerts if _stands(alert, at)),
            uses=tuple(use_of(fact) for fact in used if fact.id not in without),
        )

    known = (at, known_by)
    told = (patient_id, FactType.SYMPTOM.value, at - SYMPTOM_DAYS, *known)
    used = (patient_id, FactType.HOME_CARE.value, at - USES_WITHIN, *known)
    parts = [
        Part(_reports, told, Noted),
        Part(_reports, used, Noted),
        Part(_alerts, (patient_id, at - FLARES_WITHIN, *known), Raised),
        Part(intakes_of, (patient_id,), Intake),
    ]
    return Wanted(parts, made)


def use_of(fact: StoredFact | Noted) -> Use:
    """A session of the diary. It began at `occurred_at`, or if that is ahead of our clock, when it
    arrived: a phone's wrong clock must not keep the next session away."""
    began = min(fact.occurred_at, fact.received_at)
    return Use(fact.data["modality"], began, began + timedelta(minutes=fact.data["minutes"]))


@compiled
def _reports(
    patient_id: UUID, kind: str, since: datetime, at: datetime, known_by: datetime
) -> QuerySet[Fact]:
    before = Q(occurred_at__lte=at) | Q(received_at__lte=at)
    # With an end, however late: of an open span PostgreSQL expects so much that it reads all facts.
    span = Q(occurred_at__gt=since, occurred_at__lt=_NEVER)
    facts = tracking.counting(patient_id).filter(span, type=kind)
    return facts.filter(before, received_at__lte=known_by).order_by("occurred_at", "row")


@compiled
def _alerts(
    patient_id: UUID, flares_since: datetime, at: datetime, known_by: datetime
) -> QuerySet[Alert]:
    standing = Q(closed_at=None) | Q(closed_at__gt=at)
    flares = Q(rule=FLARE_RULE, occurred_at__gt=flares_since)
    before = Q(occurred_at__lte=at) | Q(opened_at__lte=at)
    return Alert.objects.filter(
        standing | flares, before, patient_id=patient_id, opened_at__lte=known_by
    )


def _stands(alert: Raised, at: datetime) -> bool:
    return alert.closed_at is None or alert.closed_at > at


def _present(facts: Iterable[Noted]) -> frozenset[str]:
    latest: dict[str, bool] = {}
    for fact in facts:
        for item in fact.data["symptoms"]:
            gone = item.get("attrs", {}).get("resolved") is True
            latest[item["code"]] = item["present"] and not gone
        latest |= dict.fromkeys(fact.data["answered_no"], False)
    return frozenset(code for code, present in latest.items() if present)


def _onset(
    plan: RecoveryPlan | None,
    intakes: Sequence[Intake],
    zone: str,
    at: datetime,
    alerts: Sequence[Raised],
) -> datetime | None:
    flares = [alert.occurred_at for alert in alerts if alert.rule == FLARE_RULE]
    begun = _episode_began(plan, intakes, zone, at)
    return max([*flares, *([begun] if begun else [])], default=None)


def _episode_began(
    plan: RecoveryPlan | None, intakes: Sequence[Intake], zone: str, at: datetime
) -> datetime | None:
    if plan is not None and plan.episode > 1:
        return _end_of(plan.start_date, zone)
    told = intakes[0].answers.get("episode_started_on") if intakes else None
    if told:
        return _end_of(date.fromisoformat(told), zone)
    # Nobody said when it began; it was there when care began, and that may be long enough ago.
    latest = _end_of(plan.care_started_on, zone) if plan else None
    hours = catalog.home_care_timing().ice_default_hours
    return latest if latest and latest + timedelta(hours=hours) <= at else None


def _end_of(day: date, zone: str) -> datetime:
    # A date says not when on it: the last moment keeps warmth away for the full time.
    return day_bounds(day, zone)[1]
