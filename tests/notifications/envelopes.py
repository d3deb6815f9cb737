"""An envelope to try a channel with."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from exercises.triage.levels import Level
from notifications.channels import Envelope

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
DELIVERY = UUID("0196a000-0000-7000-8000-000000000001")
MESSAGE = UUID("0196a000-0000-7000-8000-000000000002")


def envelope(**fields: Any) -> Envelope:
    """An emergency for a device, with some fields changed."""
    given: dict[str, Any] = {
        "delivery": DELIVERY,
        "message": MESSAGE,
        "audience": "patient",
        "kind": "alert",
        "level": Level.EMERGENCY_NOW,
        "address": "device-1",
        "at": NOW,
        "keep": timedelta(hours=24),
    }
    return Envelope(**(given | fields))
