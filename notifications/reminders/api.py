"""The doors to a patient's reminders, her preferences, and a test of her channels."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.core.api import respond
from backend.core.conditional import etag, require_match, stale, unchanged
from backend.core.problems import Problem, not_found
from backend.core.schema import describe
from backend.core.wire import invalid
from notifications.reminders import selectors, services, testing
from notifications.reminders.models import NotificationPreferences, Reminder
from notifications.reminders.wire import (
    PreferencesBody,
    PreferencesView,
    ReminderBody,
    ReminderItem,
    ReminderPatch,
    Reminders,
    ReminderView,
    SnoozeRequest,
    TestRequest,
    TestSent,
    patched,
    preferences_changes,
    preferences_errors,
    preferences_view,
    reminder_content,
    reminder_errors,
    reminder_item,
    reminder_view,
)

_IF_MATCH = {"If-Match": "the ETag of the document as it was read"}
_TAGS = ("reminders",)


class MyReminders(PatientDoor):
    @describe("My reminders", response=Reminders, errors=(401, 403), tags=_TAGS)
    def get(self, _request: Request) -> HttpResponse:
        rows = selectors.reminders_of(self.patient.pk)
        return respond(Reminders(items=tuple(reminder_item(row) for row in rows)))


class MyReminder(PatientDoor):
    @describe("One reminder", response=ReminderView, errors=(401, 403, 404), tags=_TAGS)
    def get(self, request: Request, reminder_id: UUID) -> HttpResponse:
        row = _reminder_or_404(self, reminder_id)
        return unchanged(request._request, _tag(row)) or _answer(row)

    @describe(
        "Set a reminder",
        request=ReminderBody,
        response=ReminderView,
        errors=(401, 403, 404, 412, 428),
        headers=_IF_MATCH,
        tags=_TAGS,
    )
    def put(self, request: Request, reminder_id: UUID) -> HttpResponse:
        row = _reminder_or_404(self, reminder_id)
        return self._change(request, row, self.body(ReminderBody))

    @describe(
        "Change a reminder",
        request=ReminderPatch,
        response=ReminderView,
        errors=(401, 403, 404, 412, 428),
        headers=_IF_MATCH,
        tags=_TAGS,
    )
    def patch(self, request: Request, reminder_id: UUID) -> HttpResponse:
        row = _reminder_or_404(self, reminder_id)
        return self._change(request, row, patched(row, self.body(ReminderPatch)))

    def _change(self, request: Request, row: Reminder, body: ReminderBody) -> HttpResponse:
        require_match(request._request, _tag(row))
        if errors := reminder_errors(row.kind, body):
            raise invalid(errors)
        try:
            changed = services.change_reminder(
                patient=self.patient,
                reminder=row.pk,
                content=reminder_content(row.kind, body),
                base=row.version,
                now=self.now,
            )
        except services.DocumentChanged:
            raise stale() from None
        return _answer(changed)


class ReminderSnooze(PatientDoor):
    @describe(
        "Put a reminder off",
        request=SnoozeRequest,
        response=ReminderItem,
        errors=(401, 403, 404, 409),
        tags=_TAGS,
    )
    def post(self, _request: Request, reminder_id: UUID) -> HttpResponse:
        """What waits of it waits until then, and what rang last is said again then."""
        asked = self.body(SnoozeRequest)
        row = _reminder_or_404(self, reminder_id)
        try:
            row = services.snooze(
                patient=self.patient, reminder=row, minutes=asked.minutes, now=self.now
            )
        except services.PutOffEnough:
            text = "It was put off as often as it may be."
            raise Problem(409, "snoozed_enough", text) from None
        return respond(reminder_item(row))


class MyNotificationPreferences(PatientDoor):
    @describe("How I am reminded", response=PreferencesView, errors=(401, 403), tags=_TAGS)
    def get(self, request: Request) -> HttpResponse:
        row = selectors.preferences_of(self.patient.pk)
        return unchanged(request._request, _tag(row)) or self._answer(row)

    @describe(
        "Set how I am reminded",
        request=PreferencesBody,
        response=PreferencesView,
        errors=(401, 403, 412, 428),
        headers=_IF_MATCH,
        tags=_TAGS,
    )
    def put(self, request: Request) -> HttpResponse:
        body = self.body(PreferencesBody)
        row = selectors.preferences_of(self.patient.pk)
        require_match(request._request, _tag(row))
        if errors := preferences_errors(body):
            raise invalid(errors)
        try:
            changed = services.change_preferences(
                patient=self.patient,
                changes=preferences_changes(body),
                base=row.version,
                now=self.now,
            )
        except services.DocumentChanged:
            raise stale() from None
        return self._answer(changed)

    def _answer(self, row: NotificationPreferences) -> HttpResponse:
        return respond(preferences_view(row), headers={"ETag": _tag(row)})


class NotificationTest(PatientDoor):
    @describe(
        "Send me a test message",
        request=TestRequest,
        response=TestSent,
        status=(202,),
        errors=(401, 403, 429),
        tags=("notifications",),
    )
    def post(self, _request: Request) -> HttpResponse:
        """It says nothing but that it is a test, at any hour."""
        asked = self.body(TestRequest)
        wanted = None if asked.channels is UNSET else asked.channels
        try:
            message, channels = testing.send_test(
                patient=self.patient, channels=wanted, now=self.now
            )
        except testing.TooManyTests as error:
            raise _too_many(error) from None
        return respond(TestSent(id=message, channels=channels), status=202)


def _too_many(error: testing.TooManyTests) -> Problem:
    wait = {"Retry-After": str(error.seconds)}
    return Problem(429, "too_many_tests", "That were enough for this hour.", headers=wait)


def _reminder_or_404(door: PatientDoor, reminder_id: UUID) -> Reminder:
    row = selectors.reminder_of(door.patient.pk, reminder_id)
    if row is None:
        raise not_found()
    return row


def _answer(row: Reminder) -> HttpResponse:
    return respond(reminder_view(row), headers={"ETag": _tag(row)})


def _tag(row: Any) -> str:
    return etag(row.version)
