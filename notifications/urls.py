"""Paths below /api/v1/."""

from django.urls import include, path

from notifications.api import Notification, NotificationEvents, Notifications
from notifications.digest_api import Digest
from notifications.endpoints_api import PushEndpointDoor, PushEndpoints, PushKey
from notifications.webhooks_api import WebhookDoor, Webhooks

urlpatterns = [
    path("", include("notifications.reminders.urls")),
    path("me/notifications", Notifications.as_view()),
    path("me/notifications/<uuid:message_id>", Notification.as_view()),
    path("me/notifications/<uuid:message_id>/events", NotificationEvents.as_view()),
    path("me/push-endpoints", PushEndpoints.as_view()),
    path("me/push-endpoints/vapid-key", PushKey.as_view()),
    path("me/push-endpoints/<uuid:endpoint_id>", PushEndpointDoor.as_view()),
    path("me/digest", Digest.as_view()),
    path("clinic/webhooks", Webhooks.as_view()),
    path("clinic/webhooks/<uuid:webhook_id>", WebhookDoor.as_view()),
]
