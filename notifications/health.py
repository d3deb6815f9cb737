"""Whether messages get out, as operators see it; counts and ages alone, nobody's data."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from notifications.models import Delivery, DeliveryState, Heartbeat, RelayTrouble, Reminder
from notifications.selectors import unrelayed_events
from notifications.terms import terms

# What is late or silent has stopped; a step that was given up waits for somebody to mend it.
STOPPED = ("late", "scheduler_silent")


@dataclass(frozen=True, kw_only=True)
class Health:
    """`oldest_due_age_s` is how long the longest overdue delivery waits, `oldest_unrelayed_age_s`
    the oldest step of an alert that is not a message yet; 0 when none does. `waiting` counts
    deliveries that are not yet due as well, `dead` those given up, `given_up` such steps and
    `reminders_given_up` the reminders that cannot be computed.
    `problems` names what is wrong: late, scheduler_silent, steps_given_up."""

    oldest_due_age_s: float
    oldest_unrelayed_age_s: float
    waiting: int
    dead: int
    unrelayed: int
    given_up: int
    reminders_given_up: int
    last_tick_at: datetime | None
    problems: tuple[str, ...]

    @property
    def is_running(self) -> bool:
        """Whether what falls due is delivered."""
        return not set(self.problems) & set(STOPPED)


def health(now: datetime) -> Health:
    """How delivery is doing at `now`."""
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING)
    due = waiting.filter(due_at__lte=now).aggregate(at=Min("due_at"))["at"]
    given_up = RelayTrouble.objects.exclude(dead_at=None)
    pending = unrelayed_events().exclude(pk__in=given_up.values("event"))
    relay = pending.order_by().aggregate(at=Min("at"))["at"]
    tick = Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()
    lost = given_up.count()
    late_s, relay_s = _age(due, now), _age(relay, now)
    return Health(
        oldest_due_age_s=late_s,
        oldest_unrelayed_age_s=relay_s,
        waiting=waiting.count(),
        dead=Delivery.objects.filter(state=DeliveryState.DEAD).count(),
        unrelayed=unrelayed_events().order_by().count(),
        given_up=lost,
        reminders_given_up=Reminder.objects.filter(dead_at__isnull=False).count(),
        last_tick_at=tick,
        problems=_problems(late_s, tick, lost, now),
    )


def _problems(late_s: float, tick: datetime | None, lost: int, now: datetime) -> tuple[str, ...]:
    rules = terms().watch
    is_silent = tick is None or _age(tick, now) > rules.silent_seconds
    found = {
        "late": late_s > rules.late_seconds,
        "scheduler_silent": is_silent,
        "steps_given_up": lost > 0,
    }
    return tuple(name for name, holds in found.items() if holds)


def _age(at: datetime | None, now: datetime) -> float:
    return max((now - at).total_seconds(), 0.0) if at else 0.0
