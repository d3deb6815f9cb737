"""A recording pair of channels."""

import pytest

from tests.notifications.rows import Recorder


@pytest.fixture
def channels() -> dict[str, Recorder]:
    """Both channels, remembering instead of sending."""
    return {"in_app": Recorder(), "email": Recorder()}
