"""Sends envelopes side by side, for as long as the lease leaves time to begin."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

from backend.core.crashpoints import reached
from notifications.channels import Channel, Envelope
from notifications.terms import terms
from notifications.wording import wording

logger = logging.getLogger(__name__)

# What a crash between sending and marking may send again; side by side, so no slower than one.
CHUNK = 24


@dataclass(frozen=True)
class Parcel:
    """An envelope and the channel that takes it."""

    channel: str
    envelope: Envelope


@dataclass
class Results:
    """By delivery: what was brought, what failed and why, what there was no time for."""

    sent: set[UUID] = field(default_factory=set)
    failed: dict[UUID, Exception] = field(default_factory=dict)
    unsent: set[UUID] = field(default_factory=set)


class Stopwatch:
    """How much of the time to begin sends is left, from now on."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + terms().delivery.start_seconds

    def is_over(self) -> bool:
        """Whether nothing new may begin."""
        return time.monotonic() >= self._ends


def send(
    parcels: Sequence[Parcel], channels: Mapping[str, Channel], watch: Stopwatch
) -> Iterator[Results]:
    """Sends chunk by chunk, and yields after each, so that it can be marked at once.

    A channel is called from several threads when a chunk holds several parcels; none of them
    touches the database. The inbox is nothing to wait for and goes first, as one chunk.
    """
    # msgspec builds its types at their first use, and two threads that do so at once crash the
    # process: what channels read from content files is read before any thread starts.
    wording()
    near = [parcel for parcel in parcels if parcel.channel == "in_app"]
    far = [parcel for parcel in parcels if parcel.channel != "in_app"]
    if near:
        yield _side_by_side(near, channels, lambda: False, threads=1)
    for start in range(0, len(far), CHUNK):
        chunk = far[start : start + CHUNK]
        threads = min(terms().delivery.at_once, len(chunk))
        yield _side_by_side(chunk, channels, watch.is_over, threads=threads)


def _side_by_side(
    chunk: Sequence[Parcel],
    channels: Mapping[str, Channel],
    is_over: Callable[[], bool],
    threads: int,
) -> Results:
    results = Results()

    def bring(parcel: Parcel) -> None:
        delivery = parcel.envelope.delivery
        if is_over():
            results.unsent.add(delivery)
            return
        try:
            channels[parcel.channel].send(parcel.envelope)
        except Exception as error:
            results.failed[delivery] = error
        else:
            results.sent.add(delivery)

    if threads == 1:
        for parcel in chunk:
            bring(parcel)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(bring, chunk))
    reached(f"worker.after_send.{chunk[0].channel}")
    return results
