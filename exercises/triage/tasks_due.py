"""What a plan asks of its therapist now: nothing of it is stored, each is done when she has acted."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from backend.accounts.access import caseload
from backend.accounts.consents import agrees
from backend.accounts.models import Patient, Scope, User
from backend.core.localtime import local_date
from backend.core.together import Part
from backend.core.wanted import Wanted, read
from exercises.catalog import selectors as catalog
from exercises.plans import selectors as plans
from exercises.plans.models import Flare, FlareEnd, RecoveryPlan
from exercises.plans.reads import Ordered, flares_of_plans, last_orders
from exercises.triage.removals import Removal, wanted_removals

TaskCode = Literal[
    "phase_extended",
    "initial_review",
    "stepped_back_by_flare",
    "flares_repeated",
    "flare_silent",
    "exercise_removed",
]
# In the words that a therapist reads.
TEXTS: dict[TaskCode, str] = {
    "phase_extended": "The phase lasts longer than planned: look at the plan.",
    "initial_review": "Still in the first phase after four weeks: review the whole plan.",
    "stepped_back_by_flare": "A flare led the plan back by a phase: check and release it.",
    "flares_repeated": "Several flares in a short time: look at the plan.",
    "flare_silent": "A flare, and nothing was reported since: ask how it went.",
    "exercise_removed": "{name} was taken out after bad mornings: prescribe it again, or end it.",
}


@dataclass(frozen=True)
class Task:
    """Something to look at, since the local date `since` of the patient; where it is about one
    exercise, `prescription` is the row to change or to end."""

    code: TaskCode
    since: date
    text: str
    exercise: str = ""
    prescription: UUID | None = None


@dataclass(frozen=True)
class _Read:
    """What was read of one plan: when it was last ordered, its flares of the window, what was
    removed."""

    acted_at: datetime | None
    flares: Sequence[Flare]
    removals: Sequence[Removal]


def tasks_for(plan: RecoveryPlan, today: date) -> tuple[Task, ...]:
    """The tasks that the plan asks for on the patient's local date `today`, oldest first; one query
    on PostgreSQL, besides the patient's zone."""
    return tasks_of([plan], {plan.pk: today})[plan.pk]


def tasks_for_therapist(user: User, now: datetime) -> list[tuple[Patient, Task]]:
    """The tasks of the plans of those patients in this therapist's care who share their diary,
    oldest first; a fixed number of queries."""
    hers = caseload(user, now).filter(agrees(Scope.DIARY, now)).select_related("user")
    patients = {patient.pk: patient for patient in hers}
    opened = [*plans.open_plans(patients)]
    for plan in opened:
        plan.patient = patients[plan.patient_id]
    todays = {plan.pk: local_date(now, plan.patient.user.time_zone) for plan in opened}
    found = tasks_of(opened, todays)
    pairs = [(plan.patient, task) for plan in opened for task in found[plan.pk]]
    return sorted(pairs, key=lambda pair: task_key(*pair))


def task_key(patient: Patient, task: Task) -> tuple[str, ...]:
    """What names a task, which has no row: oldest first."""
    return (task.since.isoformat(), str(patient.pk), task.code, task.exercise)


def tasks_of(
    opened: Sequence[RecoveryPlan], todays: Mapping[UUID, date]
) -> dict[UUID, tuple[Task, ...]]:
    """The tasks of each plan (with its patient and her user) on her local date, by plan; four
    queries, one on PostgreSQL, however many there are.

    A therapist who has ordered anything of the plan since a task arose has done it, and a standing
    hold is her decision that the phase lasts. An exercise that was taken out waits until she has
    prescribed it again, or ended it.
    """
    return read(wanted_tasks(opened, todays))


def wanted_tasks(
    opened: Sequence[RecoveryPlan], todays: Mapping[UUID, date]
) -> Wanted[dict[UUID, tuple[Task, ...]]]:
    """The same, to be read with other things."""
    window = timedelta(days=catalog.gate().flares_window_days)
    plan_ids = [plan.pk for plan in opened]
    taken_out = wanted_removals(opened, todays)

    def made(
        flares: Sequence[Flare], ordered: Sequence[Ordered], *rows: Sequence[Any]
    ) -> dict[UUID, tuple[Task, ...]]:
        ordered_at = {row.id: row.ordered_at for row in ordered}
        recent: defaultdict[UUID, list[Flare]] = defaultdict(list)
        for flare in flares:
            if flare.started_on > todays[flare.plan_id] - window:
                recent[flare.plan_id].append(flare)
        removed = taken_out.made(*rows)
        return {
            plan.pk: _tasks(
                plan,
                todays[plan.pk],
                _Read(ordered_at.get(plan.pk), recent[plan.pk], removed[plan.pk]),
            )
            for plan in opened
        }

    return Wanted(
        [
            Part(flares_of_plans, (plan_ids,), Flare),
            Part(last_orders, (plan_ids,), Ordered),
            *taken_out.parts,
        ],
        made,
    )


def _tasks(plan: RecoveryPlan, today: date, told: _Read) -> tuple[Task, ...]:
    acted_on = local_date(told.acted_at, plan.patient.user.time_zone) if told.acted_at else None
    found = [*_extension_tasks(plan, today), *_flare_tasks(told.flares)]
    due = [task for task in found if acted_on is None or acted_on < task.since]
    due += [_removal_task(removal) for removal in told.removals]
    return tuple(sorted(due, key=lambda task: (task.since, task.code, task.exercise)))


def _extension_tasks(plan: RecoveryPlan, today: date) -> Iterator[Task]:
    extension = plans.plan_extension(plan, today)
    if extension is None or plans.is_held(plan, today):
        return
    limits = catalog.gate()
    planned_end = today - timedelta(days=extension.days)
    if extension.task_due:
        yield _task("phase_extended", planned_end + timedelta(days=limits.extended_task_after_days))
    if extension.review_due:
        yield _task("initial_review", plan.start_date + timedelta(days=limits.review_day))


def _flare_tasks(flares: Sequence[Flare]) -> Iterator[Task]:
    limits = catalog.gate()
    for flare in flares:
        yield from _outcome_tasks(flare)
    if len(flares) >= limits.flares_before_step_back:
        yield _task("flares_repeated", flares[limits.flares_before_step_back - 1].started_on)


def _outcome_tasks(flare: Flare) -> Iterator[Task]:
    if flare.stepped_back:
        lasted = flare.outcome == FlareEnd.LASTED
        yield _task("stepped_back_by_flare", flare.ends_on if lasted else flare.started_on)
    if flare.outcome == FlareEnd.SILENT:
        yield _task("flare_silent", flare.ends_on)


def _removal_task(removal: Removal) -> Task:
    found = catalog.find_exercise(removal.exercise)
    text = TEXTS["exercise_removed"].format(name=found.name if found else removal.exercise)
    return Task("exercise_removed", removal.since, text, removal.exercise, removal.prescription)


def _task(code: TaskCode, since: date) -> Task:
    return Task(code, since, TEXTS[code])
