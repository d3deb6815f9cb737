"""The writing side of notifications: relay, ring, deliver, and what comes back."""

from notifications.services.delivering import Outcome, deliver
from notifications.services.draining import drain
from notifications.services.receiving import record_receipt
from notifications.services.relaying import relay
from notifications.services.ringing import BrokerAway, Doorbell, ring_due, ring_evaluation
from notifications.services.ticking import record_tick
from notifications.services.writing import Draft, write_messages

__all__ = [
    "BrokerAway",
    "Doorbell",
    "Draft",
    "Outcome",
    "deliver",
    "drain",
    "record_receipt",
    "record_tick",
    "relay",
    "ring_due",
    "ring_evaluation",
    "write_messages",
]
