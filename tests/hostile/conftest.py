"""A clinic for each test; what is tried on one route is taken back before the next."""

from collections.abc import Callable
from datetime import datetime

import pytest

from backend.accounts import invitations_api
from backend.accounts.limits import Limit
from tests.hostile.world import World


@pytest.fixture
def world(
    db: None,
    now: datetime,
    set_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    set_clock(now)
    # Here a code is tried far oftener than it may be; that it may not is tested elsewhere.
    monkeypatch.setattr(invitations_api, "TRIES", Limit(amount=1_000_000, seconds=3600))
    return World(now)
