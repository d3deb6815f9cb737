"""Relays and delivers everything that is due at one instant, without a broker."""

from collections.abc import Mapping
from datetime import datetime

from notifications import selectors
from notifications.channels import CHANNELS, Channel
from notifications.services.delivering import Outcome, deliver
from notifications.services.relaying import BATCH, relay


def drain(*, now: datetime, channels: Mapping[str, Channel] = CHANNELS) -> int:
    """Judges every delivery that is due at `now`, in the order in which they fell due; how many.

    What is decided at `now` may bring repeats, all of them later. The caller moves the clock:
    `selectors.next_due_at()` says how far.
    """
    while relay(now=now):
        pass
    judged = 0
    while ids := list(
        selectors.claimable(now).order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH]
    ):
        outcomes = [deliver(delivery_id=pk, now=now, channels=channels) for pk in ids]
        taken = len(ids) - outcomes.count(Outcome.NOT_MINE)
        if not taken:
            break
        judged += taken
    return judged
