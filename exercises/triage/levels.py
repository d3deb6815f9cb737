"""The six levels of concern, lowest to highest (pure)."""

from enum import IntEnum
from typing import Literal, cast

LevelCode = Literal[
    "none", "routine", "see_doctor_soon", "prompt_days", "urgent_same_day", "emergency_now"
]


class Level(IntEnum):
    """How soon somebody should look at it."""

    NONE = 0
    ROUTINE = 1
    SEE_DOCTOR_SOON = 2
    PROMPT_DAYS = 3
    URGENT_SAME_DAY = 4
    EMERGENCY_NOW = 5

    @property
    def code(self) -> LevelCode:
        """The word that travels over the API."""
        return cast(LevelCode, self.name.lower())

    @classmethod
    def of(cls, code: str) -> "Level":
        """The level of a code."""
        return cls[code.upper()]
