"""The numbers of the rules, in one place, each within the bounds that safety allows.

Every default is the specification's (section 0 and the conditions of section 2.2). A range ends at
the default on the side where the rule would prompt later or less: a clinic may be stricter, not laxer.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from exercises.tracking import trends


class Constants(trends.Constants, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days are elapsed local calendar days, scores are on the 0-10 scale."""

    few_weeks_days: Annotated[int, Meta(ge=14, le=21)] = 21
    few_weeks_days_with_modifier: Annotated[int, Meta(ge=7, le=14)] = 14
    six_weeks_days: Annotated[int, Meta(ge=28, le=42)] = 42
    six_weeks_days_with_modifier: Annotated[int, Meta(ge=14, le=28)] = 28
    chronic_days: Annotated[int, Meta(ge=42, le=84)] = 84
    severe_week_days: Annotated[int, Meta(ge=3, le=7)] = 7
    severe_fortnight_days: Annotated[int, Meta(ge=7, le=14)] = 14
    present_from: Annotated[int, Meta(ge=1, le=1)] = 1
    moderate_from: Annotated[int, Meta(ge=3, le=4)] = 4
    severe_from: Annotated[int, Meta(ge=6, le=7)] = 7
    extreme_from: Annotated[int, Meta(ge=8, le=9)] = 9
    worsen_points: Annotated[int, Meta(ge=1, le=2)] = 2
    flare_points: Annotated[int, Meta(ge=1, le=2)] = 2
    groc_worse_max: Annotated[int, Meta(ge=-3, le=-1)] = -3
    severe_recent_days: Annotated[int, Meta(ge=4, le=7)] = 4
    severe_recent_min: Annotated[int, Meta(ge=2, le=3)] = 3
    relief_answer_hours: Annotated[int, Meta(ge=24, le=24)] = 24
    recent_pain_days: Annotated[int, Meta(ge=7, le=14)] = 7
    fever_c: Decimal = Decimal("38.0")
    fever_local_sign_window_hours: Annotated[int, Meta(ge=48, le=96)] = 48
    transient_max_minutes: Annotated[int, Meta(ge=0, le=30)] = 30
    numbness_persist_days: Annotated[int, Meta(ge=3, le=7)] = 7
    trauma_window_days: Annotated[int, Meta(ge=14, le=42)] = 14
    data_gap_days: Annotated[int, Meta(ge=3, le=7)] = 7
    periph_last_days: Annotated[int, Meta(ge=2, le=3)] = 3
    periph_min_days: Annotated[int, Meta(ge=3, le=4)] = 4
    recurrence_lookback_days: Annotated[int, Meta(ge=365, le=730)] = 365
    recurrence_recent_days: Annotated[int, Meta(ge=28, le=56)] = 28
    known_stable_days: Annotated[int, Meta(ge=0, le=14)] = 14
    late_after_days: Annotated[int, Meta(ge=90, le=365)] = 90
    adult_age: Annotated[int, Meta(ge=18, le=21)] = 18
    modifier_age: Annotated[int, Meta(ge=45, le=55)] = 55
    fragility_age: Annotated[int, Meta(ge=60, le=70)] = 70

    def __post_init__(self) -> None:
        """Refuse a fever threshold outside 37.5-38.0 C and what the trends refuse."""
        trends.Constants.__post_init__(self)
        if not Decimal("37.5") <= self.fever_c <= Decimal("38.0"):
            raise ValueError("fever_c must be between 37.5 and 38.0")

    def number(self, name: str) -> int:
        """The whole number called `name`."""
        value = getattr(self, name)
        if type(value) is not int:
            raise ValueError(f"{name} is not a whole number")
        return value

    def late_after(self) -> timedelta:
        """How old a report may be when it first arrives and still count in full."""
        return timedelta(days=self.late_after_days)
