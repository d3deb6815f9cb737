"""The writing side of notifications: relay, ring, deliver, and what comes back."""

from notifications.services.conversing import relay_messages
from notifications.services.delivering import Outcome, deliver, deliver_many
from notifications.services.digesting import plan_digests, write_digests
from notifications.services.draining import drain
from notifications.services.receiving import record_receipt
from notifications.services.registering import switch_mail_off, switch_mail_on
from notifications.services.relaying import relay
from notifications.services.ringing import (
    BrokerAway,
    Doorbell,
    ring_due,
    ring_evaluation,
    ring_urgent,
)
from notifications.services.ticking import record_tick
from notifications.services.watching import in_background, watch
from notifications.services.writing import Draft, write_messages

__all__ = [
    "BrokerAway",
    "Doorbell",
    "Draft",
    "Outcome",
    "deliver",
    "deliver_many",
    "drain",
    "in_background",
    "plan_digests",
    "record_receipt",
    "record_tick",
    "relay",
    "relay_messages",
    "ring_due",
    "ring_evaluation",
    "ring_urgent",
    "switch_mail_off",
    "switch_mail_on",
    "watch",
    "write_digests",
    "write_messages",
]
