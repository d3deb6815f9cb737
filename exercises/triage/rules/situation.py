"""One patient's record, read once for one evaluation, with the measures that rules compare (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from exercises.tracking import trends
from exercises.triage.rules.constants import Constants
from exercises.triage.rules.readings import Reading, Symptoms
from exercises.triage.rules.record import PainFact, Record
from exercises.triage.rules.vocabulary import RELIEF, Value, Vocabulary

DAY = timedelta(days=1)
# The kinds of 'now' and 24-hour average are the patient's pain; 'worst24' is a peak.
STEADY_KINDS = frozenset({"avg24", "now"})


@dataclass(frozen=True, slots=True)
class Match:
    """One input that matched: `what` it is, and its values as JSON types."""

    what: str
    values: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The match as one JSON object."""
        return {"what": self.what, **self.values}


class Situation:
    """The measures of a record, each computed when a rule first asks."""

    def __init__(self, record: Record, constants: Constants, vocabulary: Vocabulary) -> None:
        self.record = record
        self.constants = constants
        self.symptoms = Symptoms(record.symptoms, vocabulary, constants)

    @cached_property
    def pains(self) -> list[PainFact]:
        """Every pain report, once, oldest first."""
        pains = self.record.pains
        # Comparing them whole costs more than all the rest: only where an id comes twice.
        if len({pain.source_id for pain in pains}) == len(pains):
            return sorted(pains, key=_when)
        return sorted(set(pains), key=_moment)

    def relief(self, pain: PainFact) -> dict[str, Value]:
        """The latest relief answers within a day of a pain report, its own included."""
        reach = timedelta(hours=self.constants.relief_answer_hours)
        given = [("relief_rest", pain.relief_rest), ("relief_otc", pain.relief_otc)]
        told = [(pain.occurred_at, "", question, value) for question, value in given]
        told += [
            (answer.occurred_at, answer.source_id, answer.question, answer.value)
            for answer in self.record.answers
            if abs(answer.occurred_at - pain.occurred_at) <= reach
        ]
        return {question: value for _, _, question, value in sorted(told) if value in RELIEF}

    @cached_property
    def elapsed(self) -> int:
        """Local days since care began: the plan, or home treatment if that began earlier."""
        since = self.record.profile.home_care_since or self.record.plan_start
        return (self.record.today - min(since, self.record.plan_start)).days

    @cached_property
    def recent(self) -> trends.Values:
        """Daily values of the last weeks, which hold W now and a week ago, and a fresh rise."""
        days = max(self.constants.recurrence_recent_days, 2 * self.constants.window_days + 1)
        return self.values(self.record.today - (days - 1) * DAY)

    @cached_property
    def recent_course(self) -> trends.Course:
        """What the last weeks say of recovery."""
        return trends.course_of(self.recent, self.constants)

    def values(self, first: date, last: date | None = None) -> trends.Values:
        """Daily values of [first, last], by default until today."""
        return self.record.daily_values(first, self.record.today if last is None else last)

    @cached_property
    def window(self) -> Fraction | None:
        """W(today)."""
        return self.window_on(self.record.today)

    def window_on(self, last: date) -> Fraction | None:
        """W of the window that ends with `last`, today or up to a week ago."""
        return trends.window_mean(self.recent, last, self.constants)

    @cached_property
    def baseline(self) -> Fraction | None:
        """B, from intake or the first plan days."""
        start = self.record.plan_start
        asked = self.record.profile.pain_at_episode_start
        last = start + (self.constants.baseline_days - 1) * DAY
        values: trends.Values = (
            {} if asked is not None else self.values(start, min(last, self.record.today))
        )
        return trends.baseline(values, start, self.constants, pain_at_start=asked)

    @cached_property
    def has_improved(self) -> bool:
        """Whether W(today) is clearly below B; not where either is unknown."""
        if self.window is None:
            return False
        return trends.has_improved(self.baseline, self.window, self.constants)

    @cached_property
    def groc(self) -> tuple[datetime, str, int] | None:
        """The latest global rating of change: when, in which fact, and the score."""
        scores = ((item.occurred_at, item.source_id, item.score) for item in self.record.groc)
        return max(scores, default=None)

    @cached_property
    def silent_days(self) -> int:
        """Local days since the last pain report, or since the plan began."""
        last = self.record.last_pain_date or self.record.plan_start
        return (self.record.today - last).days


def _when(pain: PainFact) -> tuple[object, ...]:
    return (pain.occurred_at, pain.source_id)


def _moment(pain: PainFact) -> tuple[object, ...]:
    told = (pain.site, pain.kind, pain.score, pain.relief_rest, pain.relief_otc)
    return (*_when(pain), *told, pain.local_date, pain.received_at)


def decimal_text(value: trends.Exact) -> str:
    """A mean for people to read; comparisons use the exact fraction."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def symptom_match(reading: Reading) -> Match:
    """A symptom that matched, with what was known of it."""
    given = {
        name: value if isinstance(value, bool | str) else str(value)
        for name, value in sorted(reading.attrs.items())
        if name in reading.fact.attrs
    }
    return Match(
        "symptom",
        {
            "source": reading.fact.source_id,
            "code": reading.code,
            "attrs": given,
            "occurred_at": reading.fact.occurred_at.isoformat(),
            "local_date": reading.fact.local_date.isoformat(),
        },
    )


def pain_match(pain: PainFact, threshold: int, relief: Mapping[str, Value] | None = None) -> Match:
    """A pain report that matched, the threshold it met, and the relief answers that counted."""
    return Match(
        "pain",
        {
            "source": pain.source_id,
            "site": pain.site,
            "kind": pain.kind,
            "score": pain.score,
            "at_least": threshold,
            "occurred_at": pain.occurred_at.isoformat(),
            "local_date": pain.local_date.isoformat(),
            **(relief or {}),
        },
    )
