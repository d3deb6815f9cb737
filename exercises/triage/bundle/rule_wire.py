"""Event rules as they travel to a phone: conditions as data, from a closed vocabulary.

A member that is left out has its default. The names in `at_least`, `at_most` and `within` are those
of the bundle's `constants`. A condition is true, false or undecided, and `all`, `any` and `not`
carry undecided as Kleene's logic does.
"""

from msgspec import UNSET, UnsetType

from backend.core.wire import Wire
from exercises.triage.levels import LevelCode
from exercises.triage.rules.shapes import Clears


class SafetyTest(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """An attribute is one of the values (of the same JSON type), or within the bounds.

    `unknown`: what the test says of an attribute that is unknown.
    """

    attr: str
    one_of: tuple[bool | str, ...] = ()
    at_least: str | UnsetType = UNSET
    at_most: str | UnsetType = UNSET
    unknown: bool = False


Tests = tuple[SafetyTest, ...]


class WhenAll(Wire, frozen=True, kw_only=True, tag_field="is", tag="all"):
    """Every part is true."""

    of: "tuple[SafetyCondition, ...]"


class WhenAny(Wire, frozen=True, kw_only=True, tag_field="is", tag="any"):
    """At least one part is true."""

    of: "tuple[SafetyCondition, ...]"


class WhenNot(Wire, frozen=True, kw_only=True, tag_field="is", tag="not"):
    """The part is false."""

    of: "SafetyCondition"


class WhenThis(Wire, frozen=True, kw_only=True, tag_field="is", tag="this", omit_defaults=True):
    """The judged symptom is one of the codes (none: any) and passes every test."""

    codes: tuple[str, ...] = ()
    where: Tests = ()


class WhenReported(
    Wire, frozen=True, kw_only=True, tag_field="is", tag="reported", omit_defaults=True
):
    """A present symptom of one of the codes, at most `within` before or after the judged one.

    A constant in `_hours` compares instants, one in `_days` the days of the symptoms; both ends
    count. `other_code`: its code differs. `earlier`: it does not come after the judged one in the
    order of symptoms. The judged symptom itself is a candidate too.
    """

    codes: tuple[str, ...]
    within: str
    where: Tests = ()
    other_code: bool = False
    earlier: bool = False


class WhenPain(Wire, frozen=True, kw_only=True, tag_field="is", tag="pain"):
    """A pain report of any kind at one of the sites, `at_least` that high, at most `within` away."""

    sites: tuple[str, ...]
    at_least: str
    within: str


class WhenHistory(Wire, frozen=True, kw_only=True, tag_field="is", tag="history"):
    """The patient's history names one of these."""

    any_of: tuple[str, ...]


class WhenAge(Wire, frozen=True, kw_only=True, tag_field="is", tag="age"):
    """Age in years; an unknown age is false."""

    at_least: str


class WhenFires(Wire, frozen=True, kw_only=True, tag_field="is", tag="fires"):
    """A symptom clause of another rule of this bundle holds for the judged symptom."""

    rule: str


SafetyCondition = (
    WhenAll
    | WhenAny
    | WhenNot
    | WhenThis
    | WhenReported
    | WhenPain
    | WhenHistory
    | WhenAge
    | WhenFires
)


class SafetySymptomClause(
    Wire, frozen=True, kw_only=True, tag_field="on", tag="symptom", omit_defaults=True
):
    """A present symptom of one of the codes that passes every test, where `when` holds for it."""

    codes: tuple[str, ...]
    where: Tests = ()
    when: SafetyCondition | None = None


class SafetyPainClause(
    Wire, frozen=True, kw_only=True, tag_field="on", tag="pain", omit_defaults=True
):
    """A pain report at one of the sites and of one of the kinds, at least this high.

    The attributes that `where` tests are the relief answers that count for the report.
    """

    sites: tuple[str, ...]
    kinds: tuple[str, ...]
    at_least: str
    where: Tests = ()


SafetyClause = SafetySymptomClause | SafetyPainClause


class SafetyRule(Wire, frozen=True, kw_only=True):
    """A rule holds for a report if one of its clauses does, for one of the report's symptoms or
    for the pain score. `clears`: who ends it, a clinician alone or the end of the condition."""

    id: str
    level: LevelCode
    clears: Clears
    clauses: tuple[SafetyClause, ...]
