"""Reminders and preferences in the phone's sync: edited offline, and served by a pull.

A reminder is known by its id, the preferences by that of the patient. The tick changes neither:
when something rings next is no part of the document.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast
from uuid import UUID

import msgspec

from backend.accounts.models import Patient
from backend.core.problems import Problem, not_found
from backend.core.wire import invalid
from exercises.sync import documents, feed
from exercises.sync.documents import Conflict, Document, Edit, Edited, Held
from exercises.sync.feed import Change, Source, Window
from exercises.sync.sources import of_patient, reading, upsert
from notifications.reminders import selectors, services
from notifications.reminders.models import NotificationPreferences, Reminder
from notifications.reminders.wire import (
    PreferencesBody,
    PreferencesView,
    ReminderBody,
    ReminderView,
    preferences_changes,
    preferences_errors,
    preferences_view,
    reminder_content,
    reminder_errors,
    reminder_view,
)


def register() -> None:
    """Makes both known to push and pull."""
    for kind in KINDS:
        documents.register(kind)
    for source in SOURCES:
        feed.register(source)


def reminder_record(row: Reminder) -> dict[str, Any]:
    """The reminder as a pull serves it."""
    return {**_plain(reminder_view(row)), "rev": row.rev}


def preferences_record(row: NotificationPreferences) -> dict[str, Any]:
    """The preferences as a pull serves them."""
    return {**_plain(preferences_view(row)), "id": str(row.patient_id), "rev": row.rev}


def _edit_reminder(edit: Edit) -> Edited:
    row = selectors.reminder_of(edit.patient.pk, edit.id)
    if row is None:
        raise not_found()
    if errors := reminder_errors(row.kind, edit.body):
        raise invalid([error.under("/data") for error in errors])
    try:
        changed = services.store_reminder(
            patient=edit.patient,
            reminder=row.pk,
            content=reminder_content(row.kind, edit.body),
            base=_base(row, edit),
            rev=edit.rev,
            now=edit.now,
        )
    except services.DocumentChanged:
        raise Conflict from None
    return Edited(changed.rev, changed.version != row.version)


def _edit_preferences(edit: Edit) -> Edited:
    if edit.id != edit.patient.pk:
        raise Problem(400, "invalid", "The id of this document is the patient's own.")
    held = selectors.preferences_of(edit.patient.pk)
    before = held.version
    try:
        changed = services.store_preferences(
            patient=edit.patient,
            changes=preferences_changes(edit.body),
            base=_base(held, edit),
            rev=edit.rev,
            now=edit.now,
        )
    except services.DocumentChanged:
        raise Conflict from None
    return Edited(changed.rev, changed.version != before)


def _base(row: Reminder | NotificationPreferences, edit: Edit) -> int:
    # No document has version -1: an edit of another revision than the one held is stale.
    return row.version if (edit.base_rev or 0) == row.rev else -1


def _held_reminder(patient: Patient, reminder: UUID) -> Held | None:
    row = selectors.reminder_of(patient.pk, reminder)
    return Held(row.rev, reminder_record(row)) if row else None


def _held_preferences(patient: Patient, preferences: UUID) -> Held | None:
    row = selectors.preferences_of(patient.pk) if preferences == patient.pk else None
    return Held(row.rev, preferences_record(row)) if row and row.version else None


def _reminders(_window: Window, found: Sequence[list[Any]]) -> Iterator[Change]:
    return (upsert("reminder", row.pk, row.rev, reminder_record(row)) for row in found[0])


def _preferences(_window: Window, found: Sequence[list[Any]]) -> Iterator[Change]:
    return (
        upsert("notification_preferences", row.patient_id, row.rev, preferences_record(row))
        for row in found[0]
    )


def _plain(view: ReminderView | PreferencesView) -> dict[str, Any]:
    return cast("dict[str, Any]", msgspec.to_builtins(view))


KINDS = (
    Document(name="reminder", shape=ReminderBody, apply=_edit_reminder, current=_held_reminder),
    Document(
        name="notification_preferences",
        shape=PreferencesBody,
        apply=_edit_preferences,
        current=_held_preferences,
        errors=preferences_errors,
    ),
)
SOURCES = (
    Source(
        "reminders",
        of_patient(Reminder),
        reading(Reminder, of_patient(Reminder), _reminders),
        entity="reminder",
    ),
    Source(
        "notification_preferences",
        of_patient(NotificationPreferences),
        reading(NotificationPreferences, of_patient(NotificationPreferences), _preferences),
        entity="notification_preferences",
        object="patient_id",
    ),
)
