"""The due tick: claims the reminders that ring now and turns them into messages.

Its cost follows what is due: an idle tick is one look into a partial index, a busy one a fixed
number of statements a batch, however many reminders there are. Any number of schedulers may run:
PostgreSQL passes over rows that another one holds, SQLite has a single writer, and a message that
exists is not written again.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from notifications.bulk import look_up_by_index, store
from notifications.reminders import selectors
from notifications.reminders.content import reminder_terms
from notifications.reminders.deciding import IDLE, Matter
from notifications.reminders.models import NotificationPreferences, Reminder
from notifications.reminders.records import Records
from notifications.reminders.wall_clock import DAY, Outcome, Ring, look, next_after
from notifications.services.writing import Draft, write_messages

logger = logging.getLogger(__name__)

BATCH = 200
AWAY = (OperationalError, InterfaceError)
_ROW = (
    "zone",
    "next_due_at",
    "next_date",
    "next_slot",
    "last_due_at",
    "last_date",
    "last_slot",
    "last_outcome",
    "attempts",
    "dead_at",
)


@dataclass(frozen=True)
class _Look:
    """A reminder, the ring that was planned, and what the clock in `zone` says of it."""

    row: Reminder
    zone: str
    planned: Ring
    outcome: Outcome


def tick(*, now: datetime, limit: int = BATCH) -> int:
    """Looks at up to `limit` reminders that ring now, and at what rings a few minutes later for the
    same people; how many were due. One that cannot be computed does not stop the others."""
    if not selectors.is_any_due(now):
        return 0
    try:
        return _go_through(now, limit)
    except AWAY:
        raise
    except DatabaseError:
        return _one_by_one(now, limit)


def _go_through(now: datetime, limit: int, only: Sequence[UUID] | None = None) -> int:
    with transaction.atomic():
        look_up_by_index()
        due = selectors.due_reminders(now)
        rows = _claim(due if only is None else due.filter(pk__in=only), limit)
        together = [*rows, *_soon(rows, now)]
        wishes = selectors.preferences_by_patient({row.patient_id for row in rows})
        looks = [
            found
            for row in together
            if (found := _look(row, wishes.get(row.patient_id), now)) is not None
        ]
        write_messages(_drafts(looks, wishes, now), now=now)
        store(together, _ROW)
    return len(rows)


def _one_by_one(now: datetime, limit: int) -> int:
    # The batch was refused by the database: whichever row it was is found and set back.
    ids = list(selectors.due_reminders(now).values_list("pk", flat=True)[:limit])
    for pk in ids:
        try:
            _go_through(now, 1, [pk])
        except AWAY:
            raise
        except DatabaseError as error:
            _set_back_alone(pk, error, now)
    return len(ids)


def _claim(due: QuerySet[Reminder], limit: int) -> list[Reminder]:
    rows = due.select_related("patient__user")
    return list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])


def _soon(rows: Sequence[Reminder], now: datetime) -> list[Reminder]:
    # What rings within a few minutes is said together, so it has to be there when the first speaks.
    near = Reminder.objects.filter(
        patient__in={row.patient_id for row in rows},
        enabled=True,
        dead_at=None,
        next_due_at__gt=now,
        next_due_at__lte=now + reminder_terms().bundle,
    )
    return _claim(near, 10 * BATCH) if rows else []


def _look(row: Reminder, wishes: NotificationPreferences | None, now: datetime) -> _Look | None:
    terms = reminder_terms()
    try:
        zone = selectors.zone_of(wishes, row.patient.user.time_zone)
        table, planned = selectors.timetable_of(row, zone), selectors.planned_ring(row)
        useful = terms.of(row.kind).useful
        if row.zone != zone or planned is None:
            planned = next_after(table, now - useful)
        if planned is None:
            raise ValueError("it never rings")
        is_soon = now < planned.at <= now + terms.bundle
        outcome = look(table, planned, planned.at if is_soon else now, useful)
    except Exception as error:
        _set_back(row, error, now)
        return None
    return _Look(row, zone, planned, outcome)


def _drafts(
    looks: Sequence[_Look], wishes: dict[UUID, NotificationPreferences], now: datetime
) -> list[Draft]:
    try:
        return _wanted(looks, wishes)
    except DatabaseError:
        raise
    except Exception:
        return [draft for one in looks for draft in _wanted_alone(one, wishes, now)]


def _wanted_alone(
    one: _Look, wishes: dict[UUID, NotificationPreferences], now: datetime
) -> list[Draft]:
    # One record that cannot be read must not keep the others' reminders from being said.
    try:
        return _wanted([one], wishes)
    except DatabaseError:
        raise
    except Exception as error:
        _set_back(one.row, error, now)
        return []


def _wanted(looks: Sequence[_Look], wishes: dict[UUID, NotificationPreferences]) -> list[Draft]:
    days = [one.outcome.ring.day for one in looks if one.outcome.ring is not None]
    patients = {one.row.patient_id for one in looks}
    first, end = min(days, default=date.min), max(days, default=date.min) + DAY
    records = Records(patients, first=first, end=end, closely=False)
    matters = [
        Matter.NOTHING
        if one.outcome.ring is None
        else records.matter(
            one.row.patient_id, one.row.kind, one.outcome.ring.slot, one.outcome.ring.day
        )
        for one in looks
    ]
    # Nothing is noted before all of them could be read.
    return [
        draft
        for one, matter in zip(looks, matters, strict=True)
        for draft in _note(one, matter, wishes.get(one.row.patient_id))
    ]


def _note(one: _Look, matter: Matter, wishes: NotificationPreferences | None) -> Iterator[Draft]:
    row, ring, following = one.row, one.outcome.ring, one.outcome.following
    row.zone, row.attempts = one.zone, 0
    row.next_due_at = following.at if following else None
    row.next_date = following.day if following else None
    row.next_slot = following.slot if following else ""
    looked_at = ring or (one.planned if one.outcome.missed else None)
    if looked_at is not None:
        row.last_due_at, row.last_date, row.last_slot = looked_at.at, looked_at.day, looked_at.slot
        row.last_outcome = "missed" if ring is None else "rang"
    if ring is not None and matter in IDLE:
        row.last_outcome = matter.value
    elif ring is not None:
        yield _draft(row, ring, selectors.channels_of(row, wishes))


def _draft(row: Reminder, ring: Ring, channels: tuple[str, ...]) -> Draft:
    return Draft(
        chain=f"{row.patient.user_id}:{row.kind}:{ring.day}:{ring.slot}",
        recipient=row.patient.user_id,
        patient=row.patient_id,
        audience="patient",
        kind=row.kind,
        about=ring.slot,
        local_date=ring.day,
        channels=channels,
        due_at=ring.at,
        expires_at=ring.at + reminder_terms().of(row.kind).useful,
    )


def _set_back(row: Reminder, error: Exception, now: datetime) -> None:
    poison = reminder_terms().poison
    row.attempts += 1
    if row.attempts >= poison.attempts:
        row.dead_at = now
        logger.error("reminder %s is given up: %s", row.pk, type(error).__name__)
        return
    wait = timedelta(minutes=poison.backoff_minutes * 2 ** (row.attempts - 1))
    row.next_due_at = now + wait
    logger.warning("reminder %s waits: %s", row.pk, type(error).__name__)


def _set_back_alone(pk: UUID, error: Exception, now: datetime) -> None:
    row = Reminder.objects.filter(pk=pk).first()
    if row is not None:
        _set_back(row, error, now)
        row.save(update_fields=["attempts", "dead_at", "next_due_at"])
