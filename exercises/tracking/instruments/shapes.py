"""What a questionnaire's content file says."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, field

from exercises.catalog.shapes.base import Code, Content, Count, ReferenceId, Text

InstrumentCode = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9-]{1,15}$")]
Size = Literal["small", "medium", "large", "meaningful"]


class Statement(Content, frozen=True, kw_only=True):
    """One statement that a patient ticks or leaves."""

    id: Code
    text: Text


class Ticks(Content, frozen=True, kw_only=True, tag_field="kind", tag="ticks"):
    """Statements to tick; the score is how many. What is not ticked counts 0."""

    items: tuple[Statement, ...]

    @property
    def bounds(self) -> tuple[int, int]:
        """The lowest and the highest score."""
        return 0, len(self.items)


class Rating(Content, frozen=True, kw_only=True, tag_field="kind", tag="rating"):
    """One question with one whole number, which is the score."""

    id: Code
    text: Text
    min: int
    max: int
    min_label: Text
    middle_label: Text
    max_label: Text

    @property
    def bounds(self) -> tuple[int, int]:
        """The lowest and the highest score."""
        return self.min, self.max


class Activities(Content, frozen=True, kw_only=True, tag_field="kind", tag="activities"):
    """Activities in the patient's own words, each rated; the score is the mean of the rated.

    `usual` activities are asked for, `most` are taken.
    """

    text: Text
    usual: Count
    most: Count
    min: int
    max: int
    min_label: Text
    max_label: Text

    @property
    def bounds(self) -> tuple[int, int]:
        """The lowest and the highest score."""
        return self.min, self.max


class Schedule(Content, frozen=True, kw_only=True):
    """Plan days on which it falls due: `days`, or from `first_day` on `every_days`.

    It stays due for `window_days` days.
    """

    days: tuple[Count, ...] = ()
    first_day: Count = 0
    every_days: Annotated[int, Meta(ge=1)] | None = None
    window_days: Annotated[int, Meta(ge=1)]

    def __post_init__(self) -> None:
        """Refuse no days at all, days out of order, and windows that overlap."""
        if (self.every_days is None) == (not self.days):
            raise ValueError("name either days or every_days")
        gaps = [after - before for before, after in zip(self.days, self.days[1:], strict=False)]
        if self.window_days > min([*gaps, self.every_days or self.window_days]):
            raise ValueError("window_days is longer than the time between two days")


class Step(Content, frozen=True, kw_only=True):
    """A change of at least `points` is of this size."""

    size: Size
    points: Decimal


class ChangeMeaning(Content, frozen=True, kw_only=True):
    """From where on a change means something to patients.

    `steps` count for better and for worse; `percent_better`, of the first score, for better alone.
    A score of at most `recovered_max` is recovered. A first score under `floor_below` may hide an
    improvement, one over `ceiling_above` a decline. `is_the_score`: the answer is a change already.
    """

    steps: tuple[Step, ...]
    percent_better: Count | None = None
    recovered_max: Count | None = None
    floor_below: Count | None = None
    ceiling_above: Count | None = None
    is_the_score: bool = False
    references: tuple[ReferenceId, ...]

    def __post_init__(self) -> None:
        """Refuse steps that do not rise from above 0."""
        points = [step.points for step in self.steps]
        if not points or points[0] <= 0 or points != sorted(set(points)):
            raise ValueError("steps do not rise from above 0")


class Instrument(Content, frozen=True, kw_only=True):
    """A questionnaire on offer. `name` is for patients, `title` the instrument's own name."""

    code: InstrumentCode
    version: Text
    name: Text
    title: Text
    instruction: Text
    recall: Text
    higher_is: Literal["better", "worse"]
    licence: Text
    citation: Text
    references: tuple[ReferenceId, ...]
    response: Ticks | Rating | Activities
    schedule: Schedule
    change: ChangeMeaning


class NotOffered(Content, frozen=True, kw_only=True):
    """A place for an instrument without a licence: its name and the reason, never its text."""

    code: InstrumentCode
    name: Text
    reason: Text
    references: tuple[ReferenceId, ...]


class NotOfferedFile(Content, frozen=True, kw_only=True):
    """not_offered.toml."""

    instruments: tuple[NotOffered, ...] = field(name="instrument")
