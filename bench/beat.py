"""The peer of the due tick: django-celery-beat with a row for each reminder.

`DATABASE_URL=... python -m bench.beat COUNT` makes so many daily reminders in a database of its own
and then plays `idle` (a tick with nothing due), `edit` (a tick after one edit) and `due` (one due
reminder, sent to the broker) on demand; see `bench.player`. The broker is in memory, which costs
the peer next to nothing.
"""

import json
import logging
import os
import sys
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import django
from celery import Celery
from django.conf import settings
from django.utils import timezone

from bench.player import serve, spent

ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Kolkata")
IDLE_TICKS, EDITS, DUE = 40, 3, 200


def main() -> None:
    """Makes the reminders and answers."""
    _set_up()
    _fill(int(sys.argv[1]))
    scheduler = _scheduler()
    serve({"idle": lambda: _idle(scheduler), "edit": lambda: _edit(scheduler), "due": _due})


def _set_up() -> None:
    url = urlsplit(os.environ["DATABASE_URL"])
    settings.configure(
        INSTALLED_APPS=["django_celery_beat"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": url.path.lstrip("/"),
                "USER": url.username,
                "HOST": url.hostname,
                "PORT": url.port,
                "CONN_MAX_AGE": None,
            }
        },
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
    django.setup()
    logging.disable(logging.WARNING)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _fill(count: int) -> None:
    from django_celery_beat.models import CrontabSchedule, PeriodicTask

    crontabs = [
        CrontabSchedule.objects.create(minute=str(minute), hour=str(hour), timezone=ZoneInfo(zone))
        for hour in range(24)
        for minute in (0, 15, 30, 45)
        for zone in ZONES
    ]
    PeriodicTask.objects.bulk_create(
        [
            PeriodicTask(
                name=f"reminder {number}",
                task="remind",
                args=json.dumps([number]),
                crontab=crontabs[number % len(crontabs)],
                last_run_at=timezone.now(),
            )
            for number in range(count)
        ],
        batch_size=2000,
    )


def _scheduler() -> Any:
    from django_celery_beat.schedulers import DatabaseScheduler

    app = Celery("peer", broker="memory://", set_as_current=True)
    app.conf.update(result_expires=None, timezone="UTC", task_ignore_result=True)
    app.task(name="remind")(lambda _number: None)
    scheduler = DatabaseScheduler(app=app)
    scheduler.tick()
    scheduler.tick()
    return scheduler


def _idle(scheduler: Any) -> float:
    return spent(lambda: [scheduler.tick() for _ in range(IDLE_TICKS)]) / IDLE_TICKS


def _edit(scheduler: Any) -> float:
    from django_celery_beat.models import PeriodicTask

    task = PeriodicTask.objects.order_by("pk").first()

    def edit() -> None:
        for _ in range(EDITS):
            task.save()
            scheduler.tick()

    return spent(edit) / EDITS


def _due() -> float:
    from django_celery_beat.models import PeriodicTask

    ids = list(PeriodicTask.objects.order_by("pk").values_list("pk", flat=True)[:DUE])
    scheduler = _scheduler()
    # They are due among all the others that the scheduler holds and are not.
    yesterday = timezone.now() - timedelta(days=2)
    names = set(PeriodicTask.objects.filter(pk__in=ids).values_list("name", flat=True))
    entries = [entry for entry in scheduler.schedule.values() if entry.name in names]
    for entry in entries:
        entry.last_run_at = yesterday
    scheduler._heap = []
    scheduler._heap_invalidated = True

    def play() -> None:
        while scheduler.tick() == 0:
            pass
        scheduler.sync()

    return spent(play) / max(len(entries), 1)


if __name__ == "__main__":
    main()
