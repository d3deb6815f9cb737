"""The Celery app: tasks are doorbells that carry ids; what must happen stands in the database."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun

from backend.core.tracing import trace_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")
app = Celery("stepwise")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def leave_logging_as_it_is(**_: Any) -> None:
    """Celery then adds no handlers of its own: its lines go the way of all others."""


@task_prerun.connect
def trace_task(task_id: str, **_: Any) -> None:
    """What a task logs carries the task's id. It has no request's: none of them rings a task."""
    trace_id.set(task_id)


@task_postrun.connect
def end_trace(**_: Any) -> None:
    """Between two tasks a worker speaks for itself."""
    trace_id.set("")
