"""The phone's writes: reports one by one, whole pushes, repairs of what was not accepted."""

from exercises.sync.services.accepting import (
    Outcome,
    Refusal,
    accept,
    refuse,
    remember_advice,
    take_in,
)

__all__ = ["Outcome", "Refusal", "accept", "refuse", "remember_advice", "take_in"]
