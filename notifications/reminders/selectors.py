"""Reads of reminders and preferences, and what they mean: by which clocks, when it is quiet."""

from collections.abc import Collection
from datetime import datetime, time
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import QuerySet

from backend.core.remembered import Inputs, remembered
from notifications.reminders.content import KINDS
from notifications.reminders.deciding import Quiet
from notifications.reminders.models import NotificationPreferences, Reminder, Travel
from notifications.reminders.wall_clock import Ring, Timetable
from notifications.terms import ChannelName, terms

CHANNELS: tuple[ChannelName, ...] = ("in_app", "push", "email")
_IDS = uuid5(NAMESPACE_URL, "urn:stepwise:reminder")


def reminder_id(patient: UUID, kind: str) -> UUID:
    """The id of the patient's reminder of that kind: the same whoever makes it."""
    return uuid5(_IDS, f"{patient}:{kind}")


def reminders_of(patient: UUID) -> list[Reminder]:
    """The patient's reminders, in the order of their kinds."""
    found = Reminder.objects.filter(patient=patient, kind__in=KINDS)
    return sorted(found, key=lambda reminder: KINDS.index(reminder.kind))


def reminder_of(patient: UUID, reminder: UUID) -> Reminder | None:
    """One of the patient's reminders."""
    return Reminder.objects.filter(patient=patient, pk=reminder).first()


def due_reminders(now: datetime) -> QuerySet[Reminder]:
    """What rings at `now` or should have rung before, the longest overdue first."""
    return Reminder.objects.filter(enabled=True, dead_at=None, next_due_at__lte=now).order_by(
        "next_due_at"
    )


def is_any_due(now: datetime) -> bool:
    """Whether there are any: all that an idle tick asks."""
    return bool(_first_due("", {"now": now}))


@remembered
def _first_due(_shape: str, inputs: Inputs) -> QuerySet[Reminder, Any]:
    return due_reminders(inputs["now"]).values_list("pk")[:1]


def preferences_of(patient: UUID) -> NotificationPreferences:
    """The patient's preferences; where she never set any, the defaults, as version 0, not stored."""
    found = NotificationPreferences.objects.filter(patient=patient).first()
    return found or default_preferences(patient)


def preferences_by_patient(patients: Collection[UUID]) -> dict[UUID, NotificationPreferences]:
    """The stored preferences of several patients; one query."""
    found = NotificationPreferences.objects.filter(patient__in=patients)
    return {row.patient_id: row for row in found}


def default_preferences(patient: UUID) -> NotificationPreferences:
    """What holds for a patient who never said otherwise."""
    quiet = terms().quiet_hours
    return NotificationPreferences(
        patient_id=patient,
        quiet_from=quiet.start,
        quiet_until=quiet.end,
        travel=Travel.FOLLOW_ME,
        channels=list(CHANNELS),
        version=0,
        rev=0,
    )


def quiet_of(preferences: NotificationPreferences) -> Quiet | None:
    """The quiet hours, if there are any."""
    if preferences.quiet_from is None or preferences.quiet_until is None:
        return None
    return Quiet(start=preferences.quiet_from, end=preferences.quiet_until)


def zone_of(preferences: NotificationPreferences | None, profile_zone: str) -> str:
    """The IANA zone by whose clocks somebody is reminded."""
    if preferences is not None and preferences.travel == Travel.STAY_HOME:
        return preferences.home_zone
    return profile_zone


def timetable_of(reminder: Reminder, zone: str) -> Timetable:
    """The reminder's times by the clocks of `zone`; raises `ValueError`, `KeyError` or `TypeError`
    for a row that says no times."""
    times = tuple((str(item["slot"]), time.fromisoformat(item["at"])) for item in reminder.times)
    return Timetable(times=times, weekdays=reminder.weekdays, zone=zone)


def planned_ring(reminder: Reminder) -> Ring | None:
    """The next ring, as it stands in the row."""
    if reminder.next_due_at is None or reminder.next_date is None:
        return None
    return Ring(reminder.next_due_at, reminder.next_date, reminder.next_slot)


def channels_of(reminder: Reminder, preferences: NotificationPreferences | None) -> tuple[str, ...]:
    """The channels that the reminder uses: its own, as far as she wants them at all."""
    allowed = CHANNELS if preferences is None else preferences.channels
    return tuple(name for name in CHANNELS if name in reminder.channels and name in allowed)
