"""E-mail by SMTP."""

from notifications.channels.email.channel import Email
from notifications.channels.email.composing import compose

__all__ = ["Email", "compose"]
