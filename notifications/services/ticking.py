"""The scheduler's sign of life."""

from datetime import datetime

from notifications.models import Heartbeat

SCHEDULER = "scheduler"


def record_tick(*, now: datetime) -> None:
    """Notes that a scheduler went round at `now`; any number of them share the row."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=SCHEDULER, at=now)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )
