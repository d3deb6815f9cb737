"""What is known of one patient at one moment: the only input of the rules (pure).

The caller loads it: facts that were retracted or corrected are left out. Instants are aware; a
`local_date` is the fact's own. To judge a symptom, the record needs the pain reports and the other
symptoms of the 14 days (or more, see `Constants`) on either side of it, and every known-stable word
of those days, expired ones too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from msgspec import Struct

from exercises.tracking.trends import Values, ValueSource


@dataclass(frozen=True, slots=True)
class Profile:
    """What intake asked. `history` holds codes such as "cancer", and "pregnant"."""

    age: int | None = None
    history: frozenset[str] = frozenset()
    first_episode: bool | None = None
    home_care_since: date | None = None
    pain_at_episode_start: int | None = None


@dataclass(frozen=True, slots=True)
class SymptomFact:
    """One symptom of one report. `order` is its place in the report, `source_id` the report's id."""

    source_id: str
    order: int
    code: str
    present: bool
    attrs: Mapping[str, object]
    occurred_at: datetime
    local_date: date
    received_at: datetime


class PainFact(Struct, frozen=True):
    """One pain report. `relief_*` is "yes", "no", "cannot_take" or "unknown"."""

    source_id: str
    site: str
    kind: str
    score: int
    occurred_at: datetime
    local_date: date
    received_at: datetime
    relief_rest: str = "unknown"
    relief_otc: str = "unknown"


@dataclass(frozen=True, slots=True)
class ReliefAnswer:
    """An answer given apart from its pain report; `question` is "relief_rest" or "relief_otc"."""

    source_id: str
    question: str
    value: str
    occurred_at: datetime
    local_date: date


@dataclass(frozen=True, slots=True)
class LocationFact:
    """How far down the symptoms reached: back, buttock, thigh, knee, calf, foot or toes."""

    source_id: str
    most_distal: str
    occurred_at: datetime
    local_date: date


@dataclass(frozen=True, slots=True)
class GrocScore:
    """Global rating of change since the start, -5 (much worse) to +5."""

    source_id: str
    score: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class KnownStable:
    """A clinician's word that a symptom is known and stable. `side` "" is the side last reported."""

    symptom: str
    at: datetime
    side: str = ""
    expires_at: datetime | None = None


def no_days(first: date, last: date) -> Values:  # noqa: ARG001
    """A diary without a pain report."""
    return {}


@dataclass(frozen=True, slots=True)
class Record:
    """One patient at `now`. `today` is her local date.

    `plan_start` is day 0 of the plan or, after a recurrence, of the present episode; the clocks of
    the trend rules start there (or at `home_care_since` if that is earlier). `daily_values` is called
    with a first and a last date, both included, and only for what a rule needs: two weeks as a
    rule, a year when a recurrence is possible. `last_pain_date` is the last local date with a pain
    report of any site and kind. Of `locations`, the first day's and the last four days' suffice.

    `symptoms_since` and `pains_since` say from when on the reports are all here (None: always); a
    report may be older. What an older report would need to know of its time is then undecided, so
    that a finding never appears because its context was left out.
    """

    now: datetime
    today: date
    plan_start: date
    profile: Profile = Profile()
    symptoms: tuple[SymptomFact, ...] = ()
    pains: tuple[PainFact, ...] = ()
    answers: tuple[ReliefAnswer, ...] = ()
    locations: tuple[LocationFact, ...] = ()
    groc: tuple[GrocScore, ...] = ()
    known_stable: tuple[KnownStable, ...] = ()
    last_pain_date: date | None = None
    symptoms_since: datetime | None = None
    pains_since: datetime | None = None
    daily_values: ValueSource = field(default=no_days, repr=False)
