"""Firebase Cloud Messaging: Android itself, iOS by way of APNs."""

from notifications.channels.fcm.channel import Fcm

__all__ = ["Fcm"]
