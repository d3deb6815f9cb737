"""What changes reminders and preferences. The next ring follows in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.accounts.models import Patient, User
from backend.accounts.revisions import Revision, revision
from exercises.plans.models import RecoveryPlan
from notifications.models import Delivery, DeliveryState, Message
from notifications.reminders import selectors
from notifications.reminders.content import KindTerms, reminder_terms
from notifications.reminders.models import NotificationPreferences, Reminder
from notifications.reminders.wall_clock import next_after
from notifications.services.writing import Draft, write_messages

MOST_USEFUL = timedelta(hours=2)
_DUE = ("zone", "next_due_at", "next_date", "next_slot")


class DocumentChanged(Exception):
    """The document is no longer the version that the edit was made on."""


class PutOffEnough(Exception):
    """The ring was put off as often as it may be."""


@dataclass(frozen=True, kw_only=True)
class ReminderContent:
    """What a patient decides of a reminder; `times` are (slot, "HH:MM"), `weekdays` a mask."""

    enabled: bool
    times: tuple[tuple[str, str], ...]
    weekdays: int
    channels: tuple[str, ...]


def give_defaults(*, plan: RecoveryPlan, zone: str, rev: Revision, now: datetime) -> int:
    """Gives the plan's patient the reminders that she does not have yet; how many.

    What she has stays as she set it, whichever episode it is from.
    """
    held = set(Reminder.objects.filter(patient=plan.patient_id).values_list("kind", flat=True))
    missing = [terms for terms in reminder_terms().kinds if terms.code not in held]
    preferences = selectors.preferences_of(plan.patient_id)
    if not preferences.version:
        _store_preferences(preferences, rev, now)
    rows = [_default(terms, plan, rev, now) for terms in missing]
    for row in rows:
        arm(row, zone=selectors.zone_of(preferences, zone), after=now)
    Reminder.objects.bulk_create(rows)
    return len(rows)


def equip(*, now: datetime, limit: int = 100) -> int:
    """Gives the defaults to up to `limit` patients whose plan has no reminders, since it is older
    than they are; how many there were."""
    bare = RecoveryPlan.objects.filter(closed_at=None, patient__reminders=None)
    plans = list(bare.select_related("patient__user").order_by("pk")[:limit])
    for plan in plans:
        with revision(plan.patient_id) as rev:
            give_defaults(plan=plan, zone=plan.patient.user.time_zone, rev=rev, now=now)
    return len(plans)


def change_reminder(
    *, patient: Patient, reminder: UUID, content: ReminderContent, base: int, now: datetime
) -> Reminder:
    """Makes the reminder what `content` says; the same content again changes nothing.

    `base` is the version that the edit was made on. Raises `DocumentChanged`, and
    `Reminder.DoesNotExist` when it is not hers.
    """
    with revision(patient.pk) as rev:
        return store_reminder(
            patient=patient, reminder=reminder, content=content, base=base, rev=rev, now=now
        )


def store_reminder(
    *,
    patient: Patient,
    reminder: UUID,
    content: ReminderContent,
    base: int,
    rev: Revision,
    now: datetime,
) -> Reminder:
    """As `change_reminder`, inside the transaction of `rev`."""
    row = Reminder.objects.select_for_update().get(patient=patient, pk=reminder)
    wanted = _fields(content)
    if all(getattr(row, name) == value for name, value in wanted.items()):
        return row
    if row.version != base:
        raise DocumentChanged
    for name, value in wanted.items():
        setattr(row, name, value)
    row.version, row.rev, row.updated_at = row.version + 1, rev.take(), now
    # What could not be computed has changed: it is tried afresh.
    row.attempts, row.dead_at, row.snoozed_until = 0, None, None
    zone = selectors.zone_of(selectors.preferences_of(patient.pk), patient.user.time_zone)
    arm(row, zone=zone, after=now)
    row.save(force_update=True)
    return row


def change_preferences(
    *, patient: Patient, changes: Mapping[str, Any], base: int, now: datetime
) -> NotificationPreferences:
    """Sets the fields of the patient's preferences; the same content again changes nothing.

    All her reminders are armed anew where her clocks change. Raises `DocumentChanged`.
    """
    with revision(patient.pk) as rev:
        return store_preferences(patient=patient, changes=changes, base=base, rev=rev, now=now)


def store_preferences(
    *, patient: Patient, changes: Mapping[str, Any], base: int, rev: Revision, now: datetime
) -> NotificationPreferences:
    """As `change_preferences`, inside the transaction of `rev`."""
    held = selectors.preferences_of(patient.pk)
    if held.version and all(getattr(held, name) == value for name, value in changes.items()):
        return held
    if held.version != base:
        raise DocumentChanged
    zone_before = selectors.zone_of(held, patient.user.time_zone)
    for name, value in changes.items():
        setattr(held, name, value)
    _store_preferences(held, rev, now)
    zone = selectors.zone_of(held, patient.user.time_zone)
    if zone != zone_before:
        _rezone(selectors.reminders_of(patient.pk), zone, now)
    release_held(patient=patient.pk, now=now)
    return held


def follow_zone(*, user: User, now: datetime) -> None:
    """Arms the reminders of somebody whose profile names another zone now, inside the transaction
    that changed it. Whoever is reminded by her home's clocks notices nothing."""
    preferences = selectors.preferences_of(user.pk)
    rows = Reminder.objects.select_for_update().filter(patient__user=user)
    _rezone(rows, selectors.zone_of(preferences, user.time_zone), now)


def snooze(*, patient: Patient, reminder: Reminder, minutes: int, now: datetime) -> Reminder:
    """Puts the reminder off for `minutes`: what waits of it waits until then, and what rang last is
    said again then. Raises `PutOffEnough` when that ring was put off often enough."""
    until = now + timedelta(minutes=minutes)
    with revision(patient.pk):
        row = Reminder.objects.select_for_update().get(pk=reminder.pk)
        if row.snoozed_until is not None and row.snoozed_until == until:
            return row
        again = _rung_lately(row, now)
        if again is not None:
            if again.step >= reminder_terms().snooze.times:
                raise PutOffEnough
            write_messages([_again(again, until, reminder_terms().of(row.kind))], now=now)
        row.snoozed_until = until
        row.save(update_fields=["snoozed_until"])
    return row


def arm(row: Reminder, *, zone: str, after: datetime) -> None:
    """Sets the row's next ring: the first after the instant `after` by the clocks of `zone`."""
    ring = next_after(selectors.timetable_of(row, zone), after) if row.enabled else None
    row.zone = zone
    row.next_due_at = ring.at if ring else None
    row.next_date = ring.day if ring else None
    row.next_slot = ring.slot if ring else ""


def release_held(*, patient: UUID, now: datetime) -> None:
    """Has what waits of the patient's reminders judged anew: quiet hours may have changed."""
    held = Delivery.objects.filter(
        message__patient=patient,
        message__kind__in=[terms.code for terms in reminder_terms().kinds],
        state=DeliveryState.WAITING,
        decision="hold",
        message__due_at__lte=now,
    )
    held.update(due_at=now, rung_at=None)


def _rezone(rows: Iterable[Reminder], zone: str, now: datetime) -> None:
    # From a little before now: what the new clocks show as just past was not said yet, or has a
    # message of that date and slot, and then the key keeps it from being said twice.
    moved = [row for row in rows if row.zone != zone]
    for row in moved:
        arm(row, zone=zone, after=now - reminder_terms().of(row.kind).useful)
    Reminder.objects.bulk_update(moved, _DUE)


def _default(terms: KindTerms, plan: RecoveryPlan, rev: Revision, now: datetime) -> Reminder:
    days = (plan.start_date.weekday(),) if terms.weekly else terms.weekdays
    return Reminder(
        id=selectors.reminder_id(plan.patient_id, terms.code),
        patient_id=plan.patient_id,
        kind=terms.code,
        times=[{"slot": item.slot, "at": f"{item.at:%H:%M}"} for item in terms.times],
        weekdays=mask_of(days),
        channels=list(terms.channels),
        rev=rev.take(),
        updated_at=now,
    )


def mask_of(days: Sequence[int]) -> int:
    """Weekdays (0 is Monday) as a mask."""
    return sum(1 << day for day in set(days))


def _fields(content: ReminderContent) -> dict[str, Any]:
    return {
        "enabled": content.enabled,
        "times": [{"slot": slot, "at": at} for slot, at in content.times],
        "weekdays": content.weekdays,
        "channels": list(content.channels),
    }


def _store_preferences(row: NotificationPreferences, rev: Revision, now: datetime) -> None:
    is_new = not row.version
    row.version, row.rev, row.updated_at = row.version + 1, rev.take(), now
    row.save(force_insert=is_new, force_update=not is_new)


def _rung_lately(row: Reminder, now: datetime) -> Message | None:
    said = Message.objects.filter(
        patient=row.patient_id,
        kind=row.kind,
        local_date=row.last_date,
        about=row.last_slot,
        due_at__gt=now - MOST_USEFUL,
        due_at__lte=now,
        deliveries__state__in=[DeliveryState.SENT, DeliveryState.PASSED_ON],
    )
    return said.order_by("-step").first()


def _again(message: Message, until: datetime, terms: KindTerms) -> Draft:
    return Draft(
        chain=message.key.rpartition(":")[0],
        step=message.step + 1,
        recipient=message.recipient_id,
        patient=message.patient_id,
        audience="patient",
        kind=message.kind,
        about=message.about,
        local_date=message.local_date,
        channels=tuple(message.deliveries.filter(target=None).values_list("channel", flat=True)),
        due_at=until,
        expires_at=until + terms.useful,
    )
