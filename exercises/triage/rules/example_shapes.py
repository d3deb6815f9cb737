"""The short histories that come with every rule, some in which it fires and some in which not (pure)."""

from typing import Any

from exercises.triage.rules.base import Shape, Text


class ExampleSymptom(Shape, frozen=True, kw_only=True):
    """A symptom `hours_ago`; those with the same `report` came in one report."""

    code: str
    present: bool = True
    attrs: dict[str, Any] = {}
    hours_ago: int = 0
    received_hours_ago: int | None = None
    report: str = ""


class ExamplePain(Shape, frozen=True, kw_only=True):
    """One pain report."""

    site: str
    score: int
    kind: str = "avg24"
    hours_ago: int = 0
    relief_rest: str = "unknown"
    relief_otc: str = "unknown"


class ExampleAnswer(Shape, frozen=True, kw_only=True):
    """An answer to relief_rest or relief_otc, given apart from the pain report."""

    question: str
    value: str
    hours_ago: int = 0


class ExampleStable(Shape, frozen=True, kw_only=True):
    """A clinician's word, `hours_ago`."""

    symptom: str
    hours_ago: int
    side: str = ""


class Example(Shape, frozen=True, kw_only=True):
    """A short history and whether the rule has a standing finding in it, at 20:00 UTC on `day`.

    `day` is the plan day. `daily` lists runs of knee pain from day 0, as [days, score], with -1 for
    days without a report. `distal` lists the site reached on each day from day 0.
    """

    says: Text
    fires: bool
    day: int = 5
    age: int | None = 44
    history: tuple[str, ...] = ()
    first_episode: bool | None = None
    home_care_since_day: int | None = None
    pain_at_episode_start: int | None = None
    symptoms: tuple[ExampleSymptom, ...] = ()
    pains: tuple[ExamplePain, ...] = ()
    answers: tuple[ExampleAnswer, ...] = ()
    daily: tuple[tuple[int, int], ...] = ()
    distal: tuple[str, ...] = ()
    groc: int | None = None
    known_stable: tuple[ExampleStable, ...] = ()
