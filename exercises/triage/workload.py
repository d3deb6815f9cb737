"""How much each therapist of a clinic has to look at: counts alone, nothing of any patient."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q

from backend.accounts.access import is_open
from backend.accounts.consents import agrees
from backend.accounts.models import CareRelationship, Clinic, Scope
from exercises.triage.levels import Level
from exercises.triage.models import STANDING, Alert, AlertStatus
from exercises.triage.sharing import SHOWN_WITHOUT_DIARY

DAY = timedelta(days=1)
OLD = timedelta(days=3)


@dataclass(frozen=True)
class Load:
    """The alerts that stand in one therapist's care: by level, by age (half-open: under a day, one
    to three days, older), and how many of them nobody has acknowledged."""

    by_level: Mapping[Level, int]
    under_a_day: int
    one_to_three_days: int
    older: int
    unacknowledged: int

    @property
    def total(self) -> int:
        return sum(self.by_level.values())


def workload_of(clinic: Clinic, now: datetime) -> dict[UUID, Load]:
    """The load of each therapist with an alert in her own care at `clinic`; one query.

    Alerts of patients who do not share their diary count as far as the therapist sees them. An
    alert of a patient with two therapists counts for both.
    """
    found: dict[UUID, list[tuple[Level, dict[str, int]]]] = {}
    for row in _rows(clinic, now):
        counted = {name: row[name] for name in ("all", "new", "old", "waiting")}
        found.setdefault(row["therapist"], []).append((Level(row["level"]), counted))
    return {therapist: _load(rows) for therapist, rows in found.items()}


def _rows(clinic: Clinic, now: datetime) -> Iterable[Mapping[str, Any]]:
    care = CareRelationship.objects.filter(is_open(now), clinic=clinic)
    shared = Q(agrees(Scope.DIARY, now, "patient")) | Q(level__gte=SHOWN_WITHOUT_DIARY)
    alerts = Alert.objects.filter(
        shared, status__in=STANDING, patient__care__in=care, opened_at__isnull=False
    )
    return (
        alerts.order_by()
        .values("level", therapist=F("patient__care__therapist"))
        .annotate(
            all=Count("pk"),
            new=Count("pk", filter=Q(opened_at__gt=now - DAY)),
            old=Count("pk", filter=Q(opened_at__lte=now - OLD)),
            waiting=Count("pk", filter=Q(status=AlertStatus.OPEN)),
        )
    )


def _load(rows: list[tuple[Level, dict[str, int]]]) -> Load:
    def summed(name: str) -> int:
        return sum(counted[name] for _, counted in rows)

    return Load(
        by_level={level: counted["all"] for level, counted in rows},
        under_a_day=summed("new"),
        one_to_three_days=summed("all") - summed("new") - summed("old"),
        older=summed("old"),
        unacknowledged=summed("waiting"),
    )
