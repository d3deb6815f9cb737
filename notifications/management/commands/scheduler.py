"""`manage.py scheduler`: goes round twice a second; any number of copies may run."""

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from notifications.scheduling import Scheduler

PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Turns what happened into messages and rings the workers, until it is told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Go round once and stop.")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        scheduler = Scheduler()
        if once:
            scheduler.go_round()
            return
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        pause = PAUSE_S
        while not stop.wait(pause):
            # A database that is away is asked again ever more slowly, but never given up.
            pause = PAUSE_S if scheduler.go_round() else min(pause * 2, LONGEST_PAUSE_S)
        logger.info("the scheduler stops")
