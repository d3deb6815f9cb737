"""One round of the scheduler: relay, ring, look at what falls due, and give a sign of life."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import close_old_connections, connection

from backend.accounts import kept_answers, sessions
from backend.core import clock
from backend.core.sqlite3.planning import count_rows
from exercises.triage.selectors import evaluations_due
from notifications import services
from notifications.reminders import ticking as reminders
from notifications.reminders.services import equip
from notifications.services.tidying import is_more, tidy

logger = logging.getLogger(__name__)

Part = tuple[str, Callable[[datetime], object]]
Ring = Callable[..., int]

TICK_EVERY = timedelta(seconds=5)
EVALUATE_EVERY = timedelta(seconds=5)
REMIND_EVERY = timedelta(seconds=5)
REMIND_BATCHES = 5
EQUIP_EVERY = timedelta(hours=1)
DIGEST_EVERY = timedelta(seconds=10)
PLAN_EVERY = timedelta(minutes=1)
WATCH_EVERY = timedelta(seconds=15)
PRUNE_EVERY = timedelta(minutes=5)
TIDY_EVERY = timedelta(days=1)
# After a failed ring the broker is left alone for a moment, so that relaying is not held up.
BROKER_REST = timedelta(seconds=3)


class Rounds:
    """Parts that are done one after the other, again and again. They hold nothing that another copy,
    or the next round, would miss."""

    def __init__(self, bell: services.Doorbell | None = None) -> None:
        self._bell = bell or services.Doorbell()
        self._next: dict[str, datetime] = {}
        self._trouble: dict[str, str] = {}

    def go_round(self) -> bool:
        """Does what is due now. False when a part failed; it is tried again next round.

        The parts do not wait for each other: a broker that is away keeps no alert from becoming a
        message, and no failure ends the loop.
        """
        now = clock.now()
        went_well = [self._try(name, part, now) for name, part in self.parts()]
        return all(went_well)

    def parts(self) -> Sequence[Part]:
        """What a round consists of, in its order, each part under the name that a log line says."""
        raise NotImplementedError

    def _try(self, name: str, part: Callable[[datetime], object], now: datetime) -> bool:
        try:
            part(now)
        except Exception as error:
            self._note(name, type(error).__name__)
            connection.close()
            return False
        self._note(name, "")
        close_old_connections()
        return True

    def _note(self, name: str, trouble: str) -> None:
        # An outage is one line at its beginning and one at its end.
        before = self._trouble.get(name, "")
        if trouble and trouble != before:
            logger.error("the scheduler cannot %s: %s", name, trouble)
        elif before and not trouble:
            logger.info("the scheduler can %s again", name)
        self._trouble[name] = trouble

    def _ring_with(self, ring: Ring, now: datetime) -> None:
        if self._is_resting("broker", now):
            return
        due = ring(now=now, bell=self._bell)
        if self._bell.is_away and not due:
            self._next["broker"] = now + BROKER_REST

    def _is_resting(self, part: str, now: datetime) -> bool:
        return part in self._next and now < self._next[part]


class RedFlags(Rounds):
    """Red flags alone: a short round of their own, beside whatever else keeps the scheduler busy."""

    def parts(self) -> Sequence[Part]:
        """Relay, and ring for what came of it."""
        return (
            ("relay red flags", lambda at: services.relay(now=at, urgent=True)),
            ("ring for red flags", lambda at: self._ring_with(services.ring_urgent, at)),
        )


class Scheduler(Rounds):
    """Everything there is to do, red flags included: nothing waits for the rounds of their own."""

    def parts(self) -> Sequence[Part]:
        """A round of a calm minute takes a few milliseconds, one of a burst of reminders seconds."""
        return (
            ("relay", lambda at: services.relay(now=at)),
            ("pass on messages", lambda at: services.relay_messages(now=at)),
            ("ring", lambda at: self._ring_with(services.ring_due, at)),
            ("evaluate", self._evaluate),
            ("remind", self._remind),
            ("digest", self._digest),
            ("tick", self._tick),
            ("watch", self._watch),
            ("prune", self._prune),
            ("tidy", self._tidy),
        )

    def _evaluate(self, now: datetime) -> None:
        if self._is_resting("evaluate", now) or not evaluations_due(now):
            return
        self._next["evaluate"] = now + EVALUATE_EVERY
        if not self._is_resting("broker", now):
            services.ring_evaluation(bell=self._bell)

    def _digest(self, now: datetime) -> None:
        if not self._is_resting("plan", now):
            self._next["plan"] = now + PLAN_EVERY
            services.plan_digests(now=now)
        if not self._is_resting("digest", now):
            self._next["digest"] = now + DIGEST_EVERY
            services.write_digests(now=now)

    def _remind(self, now: datetime) -> None:
        if not self._is_resting("equip", now):
            self._next["equip"] = now + EQUIP_EVERY
            equip(now=now)
        if self._is_resting("remind", now):
            return
        # A full batch says that more is due; a few go on at once, then the rest has a turn.
        for _ in range(REMIND_BATCHES):
            if reminders.tick(now=now) < reminders.BATCH:
                self._next["remind"] = now + REMIND_EVERY
                return

    def _watch(self, now: datetime) -> None:
        if not self._is_resting("watch", now):
            self._next["watch"] = now + WATCH_EVERY
            services.watch(now=now, post=services.in_background)

    def _tick(self, now: datetime) -> None:
        if not self._is_resting("tick", now):
            services.record_tick(now=now)
            self._next["tick"] = now + TICK_EVERY

    def _prune(self, now: datetime) -> None:
        if not self._is_resting("prune", now):
            self._next["prune"] = now + PRUNE_EVERY
            kept_answers.prune(now)
            sessions.prune(now=now)

    def _tidy(self, now: datetime) -> None:
        # A batch a round: what has piled up keeps no alert waiting.
        if not self._is_resting("tidy", now):
            is_done = not is_more(tidy(now=now))
            if is_done:
                count_rows()
            self._next["tidy"] = now + (TIDY_EVERY if is_done else TICK_EVERY)
