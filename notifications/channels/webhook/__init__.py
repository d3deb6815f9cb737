"""Clinic webhooks, signed in the manner of Standard Webhooks."""

from notifications.channels.webhook.channel import ClinicWebhook
from notifications.channels.webhook.signing import new_secret, signature

__all__ = ["ClinicWebhook", "new_secret", "signature"]
