"""What all content shapes stand on: codes, ranges, and the base that refuses unknown keys."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

PhaseId = Literal["initial", "rehab", "long_term"]
HomeCareModality = Literal["ice", "heat", "contrast"]
Text = Annotated[str, Meta(min_length=1)]
ExerciseCode = Annotated[str, Meta(pattern=r"^EX-\d\d$")]
SymptomCode = Annotated[str, Meta(pattern=r"^S-[A-Z]+(-[A-Z]+)*$")]
FactId = Annotated[str, Meta(pattern=r"^[A-E]-[A-Z]+-\d\d$")]
ReferenceId = Annotated[str, Meta(pattern=r"^[NMPXR]\d\d$")]
RuleId = Annotated[str, Meta(pattern=r"^(RF|PR|SD|RT|EL)-[A-Z0-9-]+$")]
Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
ArticleId = Annotated[str, Meta(pattern=r"^[a-z]+(-[a-z]+)*$")]
ResolutionId = Annotated[str, Meta(pattern=r"^G-(0[1-9]|1\d|2[0-5])$")]
Count = Annotated[int, Meta(ge=0)]


class Content(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything read from a content file."""


class Range(Content, frozen=True, kw_only=True):
    """Inclusive whole numbers; `min == max` is one exact number."""

    min: Count
    max: Count

    def __post_init__(self) -> None:
        """Refuse a range that runs backwards."""
        if self.min > self.max:
            raise ValueError("min is above max")
