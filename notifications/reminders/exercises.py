"""What plans ask for at each time of a day, and what became of it, for several patients at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db.models import Count, QuerySet

from exercises.catalog import selectors as catalog
from exercises.plans import schedule
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.plans.prescribed import as_prescribed
from exercises.plans.schedule import State
from exercises.tracking.done import done_items
from exercises.tracking.models import Fact, FactType
from exercises.triage.levels import Level
from exercises.triage.progress import adjusted_doses

# An exercise for every so many minutes of sitting belongs to no time of the day.
BREAKS = "breaks"


class Exercises:
    """The occurrences of open `plans` (by patient) on the local dates [first, end).

    What the app does not show is left out, for the patients whose level is given: exercises that
    were not borne well, and strengthening while something should be looked at within days
    (specification 2.1).
    """

    def __init__(
        self,
        plans: Mapping[UUID, RecoveryPlan],
        *,
        first: date,
        end: date,
        levels: Mapping[UUID, Level],
    ) -> None:
        self._plans = plans
        self._first = first
        self._end = end
        self._levels = levels

    def states(self, patient: UUID, day: date, slot: str) -> list[State]:
        """How each of the exercises at that time of the day stands: due, done, partial, skipped."""
        return self._states[patient, day, slot]

    def breaks(self, patient: UUID, day: date) -> bool:
        """Whether the plan asks to interrupt sitting on that day."""
        return bool(self._states[patient, day, BREAKS])

    @cached_property
    def _states(self) -> defaultdict[tuple[UUID, date, str], list[State]]:
        found: defaultdict[tuple[UUID, date, str], list[State]] = defaultdict(list)
        for patient, rows in self._prescriptions.items():
            by_id = {row.pk: row for row in rows}
            occurrences = schedule.occurrences(
                [as_prescribed(row) for row in rows],
                start=self._first,
                end=self._end,
                today=self._first,
                done=done_items(self._sessions[patient], by_id),
            )
            for item in self._shown(patient, rows, occurrences):
                is_break = bool(by_id[item.prescription].dose.get("every_minutes"))
                slot = BREAKS if is_break else item.slot
                found[patient, item.local_date, slot].append(item.state)
        return found

    def _shown(
        self, patient: UUID, rows: list[Prescription], found: Iterable[schedule.Occurrence]
    ) -> Iterable[schedule.Occurrence]:
        if patient not in self._levels:
            return found
        removed = self._removed(patient, rows)
        waits = self._levels[patient] >= Level.PROMPT_DAYS
        return [
            item
            for item in found
            if item.state != "due"
            or not (item.prescription in removed or (waits and _strengthens(item.exercise)))
        ]

    def _removed(self, patient: UUID, rows: list[Prescription]) -> set[UUID]:
        # Two more reads, for the few whose mornings were bad often enough.
        if patient not in self._bad_mornings:
            return set()
        doses = adjusted_doses(self._plans[patient], rows, self._first)
        return {row for row, dose in doses.items() if dose.is_removed}

    @cached_property
    def _bad_mornings(self) -> set[UUID]:
        limits = catalog.monitoring()
        bad = facts_of(self._levels, FactType.SESSION).filter(
            data__next_morning_increase__gte=limits.next_morning_rise
        )
        often = bad.order_by().values("patient").annotate(times=Count("row"))
        enough = often.filter(times__gte=limits.rises_before_removal)
        return set(enough.values_list("patient", flat=True))

    @cached_property
    def _prescriptions(self) -> dict[UUID, list[Prescription]]:
        found: dict[UUID, list[Prescription]] = defaultdict(list)
        patients = {plan.pk: patient for patient, plan in self._plans.items()}
        rows = Prescription.objects.filter(plan__in=list(patients), starts_on__lt=self._end)
        for row in rows.exclude(ends_on__lte=self._first).order_by("starts_on", "pk"):
            # One that ended before it began is no part of any day.
            if row.ends_on != row.starts_on:
                found[patients[row.plan_id]].append(row)
        return found

    @cached_property
    def _sessions(self) -> defaultdict[UUID, list[Fact]]:
        found: defaultdict[UUID, list[Fact]] = defaultdict(list)
        rows = facts_of(self._prescriptions, FactType.SESSION).filter(
            local_date__gte=self._first, local_date__lt=self._end
        )
        for fact in rows:
            found[fact.patient_id].append(fact)
        return found


def facts_of(patients: Collection[UUID], kind: FactType) -> QuerySet[Fact]:
    """The facts of several patients that count, oldest first."""
    rows = Fact.objects.filter(
        patient__in=list(patients), type=kind, retracted_by=None, amended_by=None
    )
    return rows.order_by("occurred_at", "row")


def _strengthens(code: str) -> bool:
    exercise = catalog.find_exercise(code)
    return exercise is not None and exercise.strengthening
