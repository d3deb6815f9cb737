"""Relays and delivers everything that is due at one instant, without a broker."""

from collections.abc import Mapping
from datetime import datetime

from notifications import selectors
from notifications.channels import CHANNELS, Channel
from notifications.services.conversing import relay_messages
from notifications.services.delivering import Outcome, deliver_many
from notifications.services.relaying import BATCH, relay


def drain(*, now: datetime, channels: Mapping[str, Channel] = CHANNELS) -> int:
    """Judges every delivery that is due at `now`, red flags first and then in the order in which
    they fell due; how many.

    What is decided at `now` may bring repeats, all of them later. The caller moves the clock:
    `selectors.next_due_at()` says how far.
    """
    while relay(now=now) or relay_messages(now=now):
        pass
    judged = 0
    while ids := selectors.due_now(now, BATCH):
        outcomes = deliver_many(delivery_ids=ids, now=now, channels=channels)
        taken = [one for one in outcomes.values() if one is not Outcome.NOT_MINE]
        if not taken:
            break
        judged += len(taken)
    return judged
