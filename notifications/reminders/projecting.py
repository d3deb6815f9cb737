"""What will ring for a patient, and what will not and why: the decisions of the days to come, made
by the code that makes them when they come. Nothing is written.

It assumes that her settings, her plan's phase and her alerts stay as they are, and that she logs
nothing more than what was read.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from backend.accounts.models import Patient
from backend.core.localtime import local_date
from notifications.models import Delivery, DeliveryState
from notifications.policy import Action, Decision
from notifications.reminders import selectors
from notifications.reminders.content import KINDS, reminder_terms
from notifications.reminders.deciding import Due, decide_reminder
from notifications.reminders.judging import People
from notifications.reminders.models import Reminder
from notifications.reminders.wall_clock import DAY, rings

MOST_DAYS = 14


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One ring to come. `held` are the waits on its way as (until, reason); `said_at` is when it is
    said, None when it is not. `speaks_for` are the kinds said with it."""

    reminder: UUID
    kind: str
    slot: str
    local_date: date
    due: Due
    zone: str
    channels: tuple[str, ...]
    decision: Decision | None = None
    said_at: datetime | None = None
    held: tuple[tuple[datetime, str], ...] = ()
    speaks_for: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[datetime, str, str]:
        """The order in which rings of one moment are judged."""
        return self.due.due_at, self.kind, self.slot


@dataclass
class Projection:
    """The rings of one patient from `start` until `end`, judged one by one as the clock moves."""

    patient: Patient
    start: datetime
    end: datetime
    decided: list[Expected] = field(default_factory=list)
    _waiting: list[tuple[datetime, tuple[datetime, str, str], Expected]] = field(
        default_factory=list
    )

    @classmethod
    def of(cls, patient: Patient, start: datetime, days: int) -> "Projection":
        """Everything that rings from the instant `start` on for `days` local days, and what waits
        already; a fixed number of queries."""
        wishes = selectors.preferences_of(patient.pk)
        zone = selectors.zone_of(wishes, patient.user.time_zone)
        end = start + timedelta(days=min(days, MOST_DAYS))
        found = cls(patient, start, end)
        for row in selectors.reminders_of(patient.pk):
            for one in _rings_of(row, zone, selectors.channels_of(row, wishes), start, end):
                found._put(one.due.due_at, one)
        for one in _already_waiting(patient, zone, start):
            found._put(max(start, one.due.due_at), one)
        return found

    def run_to(self, moment: datetime) -> None:
        """Judges what comes up before `moment`, by the record as it is in the database now."""
        if not self._waiting or self._waiting[0][0] >= moment:
            return
        people = self._read()
        while self._waiting and self._waiting[0][0] < moment:
            at, _, one = heapq.heappop(self._waiting)
            self._judge(people, one, at)

    def finish(self) -> None:
        """Judges all the rest; what waits at the end goes, or expires, a little later."""
        self.run_to(self.end + DAY)

    def in_order(self) -> list[Expected]:
        """All that was judged, as it falls due."""
        return sorted(self.decided, key=lambda one: one.order)

    def _judge(self, people: People, one: Expected, at: datetime) -> None:
        decision = self._decide(people, one, at)
        if decision.action is Action.HOLD and decision.until is not None:
            wait = (decision.until, decision.reason)
            self._put(decision.until, replace(one, held=(*one.held, wait)))
        elif decision.action is Action.SEND:
            others = self._take_along(people, one, at)
            said = replace(one, decision=decision, said_at=at)
            self.decided.append(replace(said, speaks_for=tuple(other.kind for other in others)))
            bundled = Decision(action=Action.SUPPRESS, reason="bundled")
            self.decided += [replace(other, decision=bundled) for other in others]
        else:
            self.decided.append(replace(one, decision=decision))

    def _take_along(self, people: People, one: Expected, at: datetime) -> list[Expected]:
        near = at + reminder_terms().bundle
        along = [
            other
            for _, _, other in self._waiting
            if other.due.due_at <= near
            and set(other.channels) & set(one.channels)
            and self._decide(people, other, max(at, other.due.due_at)).action is Action.SEND
        ]
        self._waiting = [item for item in self._waiting if item[2] not in along]
        heapq.heapify(self._waiting)
        return sorted(along, key=lambda other: other.order)

    def _decide(self, people: People, one: Expected, at: datetime) -> Decision:
        standing = people.standing(self.patient, one.kind, one.slot, one.local_date)
        return decide_reminder(one.due, reminder_terms().of(one.kind), standing, at)

    def _put(self, at: datetime, one: Expected) -> None:
        heapq.heappush(self._waiting, (at, one.order, one))

    def _read(self) -> People:
        days = [one.local_date for _, _, one in self._waiting]
        return People.read([self.patient.pk], first=min(days), end=max(days) + DAY, now=self.start)


def _rings_of(
    row: Reminder, zone: str, channels: tuple[str, ...], start: datetime, end: datetime
) -> Iterable[Expected]:
    if not row.enabled or row.dead_at is not None:
        return
    table, useful = selectors.timetable_of(row, zone), reminder_terms().of(row.kind).useful
    first, last = local_date(start, zone) - DAY, local_date(end, zone) + DAY
    for ring in rings(table, first, last):
        if start <= ring.at < end:
            yield Expected(
                reminder=row.pk,
                kind=row.kind,
                slot=ring.slot,
                local_date=ring.day,
                due=Due(due_at=ring.at, expires_at=ring.at + useful),
                zone=zone,
                channels=channels,
            )


def _already_waiting(patient: Patient, zone: str, start: datetime) -> Iterable[Expected]:
    rows: Sequence[Delivery] = list(
        Delivery.objects.filter(
            message__patient=patient,
            message__kind__in=KINDS,
            message__due_at__lt=start,
            state=DeliveryState.WAITING,
            target=None,
        )
        .select_related("message")
        .order_by("message_id", "channel")
    )
    channels: dict[UUID, list[str]] = {}
    for row in rows:
        channels.setdefault(row.message_id, []).append(row.channel)
    for message in {row.message_id: row.message for row in rows}.values():
        if message.local_date is not None and message.expires_at is not None:
            yield Expected(
                reminder=selectors.reminder_id(patient.pk, message.kind),
                kind=message.kind,
                slot=message.about,
                local_date=message.local_date,
                due=Due(due_at=message.due_at, expires_at=message.expires_at),
                zone=zone,
                channels=tuple(channels[message.pk]),
            )
