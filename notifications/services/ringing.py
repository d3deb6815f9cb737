"""Rings the workers' doorbell: Celery messages that carry ids and nothing else.

The rows are the truth. A message that gets lost, or a broker that is away, delays a delivery until
the next ring; it never loses one.
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import current_app
from kombu import Connection

from backend.core.crashpoints import reached
from notifications import selectors
from notifications.models import Delivery

logger = logging.getLogger(__name__)

DELIVER = "notifications.deliver"
EVALUATE = "notifications.evaluate_due"
LIMIT = 2000
# What is not urgent shares a message; a red flag never waits behind a slow server for another.
BATCH = 100
URGENT = "urgent"
ORDINARY = "celery"
# Celery's own options would try a lost broker again for ever, and the scheduler with it.
ONE_TRY = {"max_retries": 0, "connect_retries_timeout": 2}


class BrokerAway(Exception):
    """The broker cannot be reached."""


class Doorbell:
    """One connection to the broker, made anew after a failure; an outage is logged once."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self.is_away = False

    def ring(self, task: str, args: list[Any], queue: str = ORDINARY) -> None:
        """Publishes one message within a few seconds; raises `BrokerAway`."""
        try:
            self._publish(task, args, queue)
        except Exception as error:
            self.close()
            if not self.is_away:
                logger.warning("the broker is away: %s", type(error).__name__)
            self.is_away = True
            raise BrokerAway from error
        if self.is_away:
            logger.info("the broker is back")
        self.is_away = False

    def close(self) -> None:
        """Lets the connection go."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.release()

    def _publish(self, task: str, args: list[Any], queue: str) -> None:
        if self._connection is None:
            self._connection = current_app.connection_for_write(transport_options=ONE_TRY)
        current_app.send_task(
            task,
            args=args,
            queue=queue,
            connection=self._connection,
            retry=False,
            ignore_result=True,
        )


BELL = Doorbell()


def ring_due(*, now: datetime, bell: Doorbell = BELL, limit: int = LIMIT) -> int:
    """Tells the workers of due deliveries, red flags first and in a queue of their own; how many
    it told of.

    Whoever is not told keeps its row as it is and is told next time; one that was told of and is
    still due 15 seconds later is told of again.
    """
    return _ring(_batches(selectors.unrung(now, limit)), now, bell)


def ring_urgent(*, now: datetime, bell: Doorbell = BELL, limit: int = LIMIT) -> int:
    """The same for red flags alone."""
    return _ring(_singly(selectors.unrung_urgent(now, limit)), now, bell)


def ring_evaluation(*, bell: Doorbell = BELL) -> bool:
    """Tells a worker that patients' daily look is due; whether the broker took it."""
    try:
        bell.ring(EVALUATE, [])
    except BrokerAway:
        return False
    return True


def _ring(batches: Iterable[tuple[list[UUID], str]], now: datetime, bell: Doorbell) -> int:
    rung = 0
    for batch, queue in batches:
        try:
            bell.ring(DELIVER, [[str(pk) for pk in batch]], queue)
        except BrokerAway:
            break
        reached("scheduler.after_publish")
        Delivery.objects.filter(pk__in=batch).update(rung_at=now)
        reached("scheduler.after_mark")
        rung += len(batch)
    return rung


def _singly(urgent: Iterable[UUID]) -> Iterator[tuple[list[UUID], str]]:
    yield from (([pk], URGENT) for pk in urgent)


def _batches(due: selectors.Unrung) -> Iterator[tuple[list[UUID], str]]:
    yield from _singly(due.urgent)
    # What failed or killed its worker before goes alone, so that it takes nobody along.
    yield from (([pk], ORDINARY) for pk in due.again)
    for start in range(0, len(due.rest), BATCH):
        yield due.rest[start : start + BATCH], ORDINARY
