"""The channels by name; a new one is a module here and a name in `policy.toml`."""

from collections.abc import Mapping

from notifications.channels.contract import Channel, Envelope, Refused, Unavailable
from notifications.channels.email import Email
from notifications.channels.in_app import InApp

CHANNELS: Mapping[str, Channel] = {"in_app": InApp(), "email": Email()}

__all__ = ["CHANNELS", "Channel", "Envelope", "Refused", "Unavailable"]
