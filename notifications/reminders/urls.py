"""Paths below /api/v1/."""

from django.urls import path

from notifications.reminders import api

urlpatterns = [
    path("me/reminders", api.MyReminders.as_view()),
    path("me/reminders/<uuid:reminder_id>", api.MyReminder.as_view()),
    path("me/reminders/<uuid:reminder_id>/snooze", api.ReminderSnooze.as_view()),
    path("me/notification-preferences", api.MyNotificationPreferences.as_view()),
    path("me/notifications/test", api.NotificationTest.as_view()),
]
