"""Paths below /api/v1/."""

from django.urls import path

from notifications.api import Notification, NotificationEvents, Notifications

urlpatterns = [
    path("me/notifications", Notifications.as_view()),
    path("me/notifications/<uuid:message_id>", Notification.as_view()),
    path("me/notifications/<uuid:message_id>/events", NotificationEvents.as_view()),
]
