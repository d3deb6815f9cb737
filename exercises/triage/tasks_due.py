"""What a plan asks of its therapist now: nothing of it is stored, each is done when she has acted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from backend.core.localtime import local_date
from exercises.catalog import selectors as catalog
from exercises.plans import selectors as plans
from exercises.plans.models import Flare, FlareEnd, RecoveryPlan

TaskCode = Literal[
    "phase_extended", "initial_review", "stepped_back_by_flare", "flares_repeated", "flare_silent"
]
# In the words that a therapist reads.
TEXTS: dict[TaskCode, str] = {
    "phase_extended": "The phase lasts longer than planned: look at the plan.",
    "initial_review": "Still in the first phase after four weeks: review the whole plan.",
    "stepped_back_by_flare": "A flare led the plan back by a phase: check and release it.",
    "flares_repeated": "Several flares in a short time: look at the plan.",
    "flare_silent": "A flare, and nothing was reported since: ask how it went.",
}


@dataclass(frozen=True)
class Task:
    """Something to look at, since the local date `since` of the patient."""

    code: TaskCode
    since: date
    text: str


def tasks_for(plan: RecoveryPlan, today: date) -> tuple[Task, ...]:
    """The tasks that the plan asks for on the patient's local date `today`, oldest first; two
    queries, besides the patient's zone.

    A therapist who has ordered anything of the plan since a task arose has done it, and a standing
    hold is her decision that the phase lasts.
    """
    acted = plans.orders_of(plan).first()
    zone = plan.patient.user.time_zone
    acted_on = local_date(acted.at, zone) if acted else None
    found = [*_extension_tasks(plan, today), *_flare_tasks(plan, today)]
    due = [task for task in found if acted_on is None or acted_on < task.since]
    return tuple(sorted(due, key=lambda task: (task.since, task.code)))


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


def _flare_tasks(plan: RecoveryPlan, today: date) -> Iterator[Task]:
    limits = catalog.gate()
    window = timedelta(days=limits.flares_window_days)
    flares = [*plans.flares_of(plan).filter(started_on__gt=today - window)]
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


def _task(code: TaskCode, since: date) -> Task:
    return Task(code, since, TEXTS[code])
