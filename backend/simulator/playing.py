"""Plays many scenarios, on every core where the database allows it."""

import multiprocessing
import os
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connection

from backend.simulator.scenario import Scenario
from backend.simulator.services import Played, simulate

PRIVATE = ":memory:"
# Each worker first makes its own tables, which takes as long as a few scenarios.
WORTH_SHARING = 12


@dataclass(frozen=True)
class Failed:
    """A scenario that could not be played, for a reason that is a fault of the product."""

    id: str
    trace: str


def play(scenarios: Sequence[Scenario]) -> Iterator[Played | Failed]:
    """Each scenario's outcome, in order, as soon as it is known.

    In a private database in memory the tables are made first, and each core has a database of its
    own; in any other the scenarios are played one by one, and rolled back.
    """
    cores = len(os.sched_getaffinity(0))
    if connection.settings_dict["NAME"] != PRIVATE:
        yield from map(play_one, scenarios)
    elif cores == 1 or len(scenarios) < WORTH_SHARING:
        make_tables()
        yield from map(play_one, scenarios)
    else:
        # Forked before any connection is open: a worker begins with the code loaded.
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(cores, context, initializer=make_tables) as pool:
            yield from pool.map(play_one, scenarios)


def play_one(scenario: Scenario) -> Played | Failed:
    """One scenario's outcome; a fault in one must not cost whoever asked the others."""
    try:
        return simulate(scenario)
    except Exception:
        return Failed(scenario.id, traceback.format_exc())


def make_tables() -> None:
    """An empty database with all tables."""
    call_command("migrate", interactive=False, verbosity=0)
