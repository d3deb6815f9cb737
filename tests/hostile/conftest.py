"""A clinic for each test; what is tried on one route is taken back before the next."""

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.hostile.world import World


@pytest.fixture
def world(db: None, now: datetime, set_clock: Callable[[datetime], None]) -> World:
    set_clock(now)
    return World(now)
