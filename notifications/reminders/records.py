"""What reminders speak of, as it stands in the records of several patients: a fixed number of reads.

A reminder asks how its matter stands on one local date: is the slot's exercise still to be done,
was the check-in answered, is a visit planned for tomorrow. Nothing here says whether to speak.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db.models import Max

from backend.core.localtime import local_date
from exercises.catalog import selectors as catalog
from exercises.plans.models import PlanPause, RecoveryPlan
from exercises.plans.selectors import phase_of
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.due import due
from exercises.tracking.instruments.scoring import score
from exercises.tracking.instruments.shapes import Instrument
from exercises.tracking.models import DayPain, FactType
from exercises.triage.levels import Level
from exercises.triage.models import (
    STANDING,
    Alert,
    DoctorPrompt,
    PromptState,
    Visit,
    VisitState,
)
from notifications.reminders.content import reminder_terms
from notifications.reminders.deciding import Matter
from notifications.reminders.exercises import Exercises, facts_of
from notifications.reminders.wall_clock import DAY

WEEK = timedelta(days=7)
OVERALL_CHANGE = "GROC"


class Records:
    """The records of `patients` on the local dates [first, end), as they are now.

    The tick looks less than `closely`: it takes every exercise that stands for one that is due.
    """

    def __init__(
        self, patients: Collection[UUID], *, first: date, end: date, closely: bool = True
    ) -> None:
        self._patients = list(patients)
        self._first = first
        self._end = end
        self._closely = closely
        self._matters: Mapping[str, Callable[[UUID, str, date], Matter]] = {
            "exercise": self._exercise,
            "daily_check_in": self._daily_check_in,
            "weekly_check_in": self._weekly_check_in,
            "sitting_break": self._sitting_break,
            "questionnaire": self._questionnaire,
            "visit_tomorrow": self._visit_tomorrow,
            "stalled_prompt": self._stalled_prompt,
        }

    def matter(self, patient: UUID, kind: str, slot: str, day: date) -> Matter:
        """How the matter of a reminder of `kind` stands on the local date `day`."""
        return self._matters[kind](patient, slot, day)

    def rests(self, patient: UUID) -> bool:
        """Whether the patient's plan rests now."""
        return patient in self._resting

    def level(self, patient: UUID) -> Level:
        """The highest level among her open alerts."""
        return Level(self._levels.get(patient, Level.NONE))

    @cached_property
    def plans(self) -> dict[UUID, RecoveryPlan]:
        """The open plan of each patient who has one."""
        found = RecoveryPlan.objects.filter(patient__in=self._patients, closed_at=None)
        return {plan.patient_id: plan for plan in found}

    @cached_property
    def _resting(self) -> set[UUID]:
        pauses = PlanPause.objects.filter(
            plan__patient__in=self._patients, plan__closed_at=None, ended_at=None
        )
        return set(pauses.values_list("plan__patient", flat=True))

    @cached_property
    def _levels(self) -> dict[UUID, int]:
        standing = Alert.objects.filter(patient__in=self._patients, status__in=STANDING)
        rows = standing.values("patient").annotate(highest=Max("level"))
        return dict(rows.values_list("patient", "highest"))

    def _exercise(self, patient: UUID, slot: str, day: date) -> Matter:
        found = self._exercises.states(patient, day, slot)
        if not found:
            return Matter.NOTHING
        return Matter.OPEN if "due" in found else Matter.DONE

    def _sitting_break(self, patient: UUID, slot: str, day: date) -> Matter:
        return Matter.OPEN if self._exercises.breaks(patient, day) else Matter.NOTHING

    def _daily_check_in(self, patient: UUID, slot: str, day: date) -> Matter:
        plan = self.plans.get(patient)
        if plan is None:
            return Matter.NOTHING
        logged = self._knee_days.get(patient, ())
        asked = catalog.phase(phase_of(plan)).check_in.pain_per_week.min
        this_week = sum(1 for other in logged if day - WEEK < other <= day)
        enough = asked < WEEK.days and this_week >= asked
        return Matter.DONE if day in logged or enough else Matter.OPEN

    def _weekly_check_in(self, patient: UUID, slot: str, day: date) -> Matter:
        plan = self.plans.get(patient)
        if plan is None:
            return Matter.NOTHING
        found = self._due(plan, instruments().offered[OVERALL_CHANGE], day)
        return _MATTER_OF_FORM.get(found[0], Matter.NOTHING)

    def _questionnaire(self, patient: UUID, slot: str, day: date) -> Matter:
        plan = self.plans.get(patient)
        if plan is None:
            return Matter.NOTHING
        asked_after = reminder_terms().of("questionnaire").after_days
        states = set()
        for instrument in instruments().offered.values():
            state, since = self._due(plan, instrument, day)
            if instrument.code != OVERALL_CHANGE and state in _MATTER_OF_FORM:
                states.add(_MATTER_OF_FORM[state] if since in asked_after else Matter.NOT_TODAY)
        return _first_of(states, Matter.OPEN, Matter.ANSWERED, Matter.NOT_TODAY)

    def _visit_tomorrow(self, patient: UUID, slot: str, day: date) -> Matter:
        states = self._visits[patient, day + DAY]
        if VisitState.PLANNED in states:
            return Matter.OPEN
        return Matter.CANCELLED if VisitState.CANCELLED in states else Matter.NOTHING

    def _stalled_prompt(self, patient: UUID, slot: str, day: date) -> Matter:
        asked_after = reminder_terms().of("stalled_prompt").after_days
        states = {
            Matter.OPEN if state == PromptState.SEEN else Matter.ANSWERED
            for state, seen_on in self._prompts[patient]
            if (day - seen_on).days in asked_after
        }
        return _first_of(states, Matter.OPEN, Matter.ANSWERED)

    def _due(self, plan: RecoveryPlan, instrument: Instrument, day: date) -> tuple[str, int]:
        found = due(
            instrument.schedule,
            start=plan.start_date,
            today=day,
            answered=self._forms[plan.patient_id, instrument.code],
        )
        return found.state, (day - found.due_on).days if found.due_on else -1

    @cached_property
    def _exercises(self) -> Exercises:
        levels = {patient: self.level(patient) for patient in self._patients if self._closely}
        return Exercises(self.plans, first=self._first, end=self._end, levels=levels)

    @cached_property
    def _forms(self) -> defaultdict[tuple[UUID, str], list[date]]:
        found: defaultdict[tuple[UUID, str], list[date]] = defaultdict(list)
        since = min((plan.start_date for plan in self.plans.values()), default=self._first)
        forms = facts_of(self._patients, FactType.QUESTIONNAIRE).filter(
            local_date__gte=since, local_date__lt=self._end
        )
        for fact in forms:
            instrument = instruments().offered.get(fact.data["instrument"])
            if instrument and score(instrument, fact.data["answers"]).value is not None:
                found[fact.patient_id, instrument.code].append(fact.local_date)
        return found

    @cached_property
    def _knee_days(self) -> dict[UUID, set[date]]:
        found: dict[UUID, set[date]] = defaultdict(set)
        rows = DayPain.objects.filter(
            patient__in=self._patients,
            site="knee",
            worst__isnull=False,
            local_date__gt=self._first - WEEK,
            local_date__lt=self._end,
        )
        for patient, day in rows.values_list("patient", "local_date"):
            found[patient].add(day)
        return found

    @cached_property
    def _visits(self) -> defaultdict[tuple[UUID, date], set[str]]:
        found: defaultdict[tuple[UUID, date], set[str]] = defaultdict(set)
        rows = Visit.objects.filter(
            patient__in=self._patients,
            planned_on__gt=self._first,
            planned_on__lte=self._end,
        )
        for patient, day, state in rows.values_list("patient", "planned_on", "state"):
            if day is not None:
                found[patient, day].add(state)
        return found

    @cached_property
    def _prompts(self) -> defaultdict[UUID, list[tuple[str, date]]]:
        found: defaultdict[UUID, list[tuple[str, date]]] = defaultdict(list)
        levels = [Level.of(code) for code in reminder_terms().of("stalled_prompt").levels]
        rows = DoctorPrompt.objects.filter(
            patient__in=self._patients,
            alert__status__in=STANDING,
            alert__level__in=levels,
            seen_at__isnull=False,
        ).values_list("patient", "state", "seen_at", "patient__user__time_zone")
        for patient, state, seen_at, zone in rows:
            found[patient].append((state, _seen_on(seen_at, zone)))
        return found


_MATTER_OF_FORM = {"due": Matter.OPEN, "done": Matter.ANSWERED}


def _first_of(found: Collection[Matter], *order: Matter) -> Matter:
    return next((matter for matter in order if matter in found), Matter.NOTHING)


def _seen_on(seen_at: datetime | None, zone: str) -> date:
    return date.min if seen_at is None else local_date(seen_at, zone)
