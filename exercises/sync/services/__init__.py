"""The phone's writes: reports one by one, whole pushes, repairs of what was not accepted."""

from exercises.sync.services.accepting import (
    Refusal,
    accept,
    refuse,
    remember_advice,
    take_in,
)
from exercises.sync.services.outcomes import Outcome

__all__ = ["Outcome", "Refusal", "accept", "refuse", "remember_advice", "take_in"]
