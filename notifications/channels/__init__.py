"""The channels by name, one folder each.

Another one, such as SMS by a provider of the clinic's choice, is a folder with a class that keeps
to `contract.Channel`, its name in `CHANNELS` and in `notifications.terms.ChannelName`, and then its
place in `content/policy.toml`: a level's `patient_second`, say. One that has an address of its own
for each person registers it as a push endpoint does. Nothing else knows which channels there are.
"""

from collections.abc import Mapping

from notifications.channels.contract import AddressGone, Channel, Envelope, Refused, Unavailable
from notifications.channels.email import Email
from notifications.channels.fcm import Fcm
from notifications.channels.in_app import InApp
from notifications.channels.web_push import WebPush
from notifications.channels.webhook import ClinicWebhook

CHANNELS: Mapping[str, Channel] = {
    "in_app": InApp(),
    "email": Email(),
    "fcm": Fcm(),
    "web_push": WebPush(),
    "webhook": ClinicWebhook(),
}

__all__ = ["CHANNELS", "AddressGone", "Channel", "Envelope", "Refused", "Unavailable"]
