"""`manage.py scheduler`: goes round twice a second; any number of copies may run.

Red flags have a loop of their own in a thread, so that none of them waits for the fifty thousand
reminders of nine o'clock.
"""

import logging
import signal
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand
from django.db import connection

from notifications.scheduling import RedFlags, Rounds, Scheduler

PAUSE_S = 0.5
RED_FLAG_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
STOPPING_S = 10.0
HANDED_OVER_S = 0.0005

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Turns what happened into messages and rings the workers, until it is told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Go round once and stop.")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        if once:
            Scheduler().go_round()
            return
        # Each statement of a red flag's round waits for the other thread to hand over: not for 5 ms.
        sys.setswitchinterval(HANDED_OVER_S)
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        go_round_until(stop)
        logger.info("the scheduler stops")


def go_round_until(stop: threading.Event) -> None:
    """Goes round in both loops until `stop` is set, and lets each finish the round that it is in."""
    # A thread has no Celery app of its own.
    current_app.set_default()
    red_flags = threading.Thread(target=_watch_for_red_flags, args=[stop], daemon=True)
    red_flags.start()
    _go_round(Scheduler(), stop, PAUSE_S)
    red_flags.join(STOPPING_S)


def _watch_for_red_flags(stop: threading.Event) -> None:
    try:
        _go_round(RedFlags(), stop, RED_FLAG_PAUSE_S)
    finally:
        connection.close()


def _go_round(rounds: Rounds, stop: threading.Event, usual: float) -> None:
    pause = usual
    while not stop.wait(pause):
        # A database that is away is asked again ever more slowly, but never given up.
        pause = usual if rounds.go_round() else min(pause * 2, LONGEST_PAUSE_S)
