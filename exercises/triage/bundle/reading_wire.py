"""How reports are read before a rule sees them, as it travels to a phone."""

from backend.core.wire import Wire
from exercises.triage.bundle.rule_wire import Tests
from exercises.triage.levels import LevelCode


class SafetyReportSides(Wire, frozen=True, kw_only=True):
    """The present symptoms of these codes in one report hold, together, each of the values."""

    codes: tuple[str, ...]
    attr: str
    each_of: tuple[str, ...]


class SafetyDerived(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """An attribute that nobody is asked: true or false for every present symptom, never unknown.

    True where the symptom has one of the codes (none: any) and passes every test, or where
    `or_report` holds for its report.
    """

    name: str
    text: str
    codes: tuple[str, ...] = ()
    where: Tests = ()
    or_report: SafetyReportSides | None = None


class SafetyInjuryDay(Wire, frozen=True, kw_only=True):
    """The day of this symptom is the date that the attribute gives, unless it comes later than the
    report's local date. The day of every other symptom is its report's local date."""

    code: str
    attr: str
    text: str


class SafetyRelief(Wire, frozen=True, kw_only=True):
    """Which relief answers count for a pain report; a value that is not listed says nothing."""

    questions: tuple[str, ...]
    values: tuple[str, ...]
    within: str
    text: str


class SafetyGone(Wire, frozen=True, kw_only=True):
    """When a symptom counts as gone. A report ends the symptom if it denies it or passes `where`,
    and if its side is unknown, in `every_side` or the same."""

    where: Tests
    side: str
    every_side: str
    text: str


class SafetyStability(Wire, frozen=True, kw_only=True):
    """How far a clinician's word goes, see `text`. `scales` order values from mild to bad."""

    days: str
    side: str
    sided_codes: tuple[str, ...]
    one_side: tuple[str, ...]
    calm: Tests
    never: Tests
    alarming: Tests
    scales: dict[str, tuple[str, ...]]
    text: str


class SafetyLate(Wire, frozen=True, kw_only=True):
    """From `from_level` on, what was received more than `after` later than it happened is late and
    counts as `level`."""

    after: str
    from_level: LevelCode
    level: LevelCode
    text: str


class SafetyTolerance(Wire, frozen=True, kw_only=True):
    """How a report of wrong form is searched for symptoms, and how its values are read: `blanks`
    stand around a text and are no part of it, `years` are the first and last that are believed."""

    max_depth: int
    max_values: int
    max_symptoms: int
    max_code_length: int
    skipped: tuple[str, ...]
    lists: tuple[str, ...]
    max_ahead_hours: int
    blanks: str
    max_number_length: int
    largest_number: int
    years: tuple[int, int]
    text: str


class SafetyReading(Wire, frozen=True, kw_only=True):
    """Everything that stands between a report and the rules."""

    derived: list[SafetyDerived]
    injury_day: SafetyInjuryDay
    relief: SafetyRelief
    gone: SafetyGone
    known_stable: SafetyStability
    late: SafetyLate
    tolerance: SafetyTolerance
