"""What waits for a therapist besides alerts: the tasks of her patients' plans."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, UnsetType
from rest_framework.request import Request

from backend.accounts import audit
from backend.accounts.doors import TherapistDoor
from backend.accounts.models import Patient
from backend.core.api import respond
from backend.core.cursors import page_limit, read_cursor, write_cursor
from backend.core.schema import describe
from backend.core.wire import Wire
from exercises.triage.tasks_due import Task, TaskCode, tasks_for_therapist


class TaskView(Wire, frozen=True, kw_only=True):
    """A task of a plan, since a local date of the patient; where it is about one exercise,
    `prescription` is the one to change (prescribe again) or to retire."""

    patient: UUID
    patient_name: str
    code: TaskCode
    text: str
    since: date
    exercise: str | UnsetType = UNSET
    prescription: UUID | UnsetType = UNSET


class Tasks(Wire, frozen=True, kw_only=True):
    """A page of tasks."""

    items: list[TaskView]
    next_cursor: str | None


class TaskList(TherapistDoor):
    """The tasks of all plans in this therapist's care."""

    @describe(
        "Tasks of my patients' plans, oldest first",
        response=Tasks,
        errors=(401, 403),
        query={"limit": (int, "1 to 200"), "cursor": (str, "The page that follows")},
        tags=("plan",),
    )
    def get(self, request: Request) -> HttpResponse:
        limit = page_limit(request._request)
        key = read_cursor(request._request, "tasks")
        # A task has no row: a page begins behind the last one that was read, wherever that is now.
        found = [item for item in self._tasks() if key is None or _key(item) > tuple(key)]
        shown = found[:limit]
        audit.record_many(
            actor_id=self.user.pk,
            action="tasks.read",
            patient_ids={item.patient for item in shown},
            trace_id=self.trace_id,
            now=self.now,
        )
        more = write_cursor("tasks", *_key(shown[-1])) if len(found) > limit else None
        return respond(Tasks(items=shown, next_cursor=more))

    def _tasks(self) -> list[TaskView]:
        return [task_view(*pair) for pair in tasks_for_therapist(self.user, self.now)]


def task_view(patient: Patient, task: Task) -> TaskView:
    """A task of the patient's plan."""
    return TaskView(
        patient=patient.pk,
        patient_name=patient.user.name,
        code=task.code,
        text=task.text,
        since=task.since,
        exercise=task.exercise or UNSET,
        prescription=task.prescription or UNSET,
    )


def _key(item: TaskView) -> tuple[str, ...]:
    exercise = "" if item.exercise is UNSET else item.exercise
    return (item.since.isoformat(), str(item.patient), item.code, exercise)
