"""The closed vocabulary in which rules are written: frozen structs that refuse an unknown key.

A condition is true, false or undecided (a trend without enough data is neither). Names of numbers
are fields of `Constants`. Conditions on a symptom or pain report speak of `this` report, on which
the alert is keyed.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from exercises.triage.rules.base import Shape, Text
from exercises.triage.rules.example_shapes import Example

RuleId = Annotated[str, Meta(pattern=r"^(RF|PR|SD|RT|EL)-[A-Z0-9-]+\Z", max_length=32)]
FactId = Annotated[str, Meta(pattern=r"^[A-E]-[A-Z]+-\d\d\Z")]
ReferenceId = Annotated[str, Meta(pattern=r"^[NMPXR]\d\d\Z")]
LevelCode = Literal["routine", "see_doctor_soon", "prompt_days", "urgent_same_day", "emergency_now"]
Kind = Literal["event", "trend", "profile"]
Clears = Literal["clinician", "condition"]
ConstantName = Annotated[str, Meta(pattern=r"^[a-z0-9_]+\Z")]


class AttrTest(Shape, frozen=True, kw_only=True):
    """The attribute holds one of the values, or is unknown and `unknown` says that this counts.

    Besides the attributes of the vocabulary there are derived ones, which are always known:
    `is_transient` (positional, fully gone, at most 30 minutes), `is_fever` (measured from 38.0 C, or
    felt and not measured), `is_settled` (checked by a clinician, stable, mild or moderate) and
    `in_both_legs` (said so, or left and right in one report).
    """

    attr: str
    one_of: tuple[bool | str, ...]
    unknown: bool = False


class All(Shape, frozen=True, kw_only=True, tag_field="is", tag="all"):
    """Every part is true."""

    of: "tuple[Condition, ...]"


class AnyOf(Shape, frozen=True, kw_only=True, tag_field="is", tag="any"):
    """At least one part is true."""

    of: "tuple[Condition, ...]"


class Not(Shape, frozen=True, kw_only=True, tag_field="is", tag="not"):
    """The part is false."""

    of: "Condition"


class This(Shape, frozen=True, kw_only=True, tag_field="is", tag="this"):
    """This report's symptom is one of the codes (empty: any) and passes every test."""

    codes: tuple[str, ...] = ()
    where: tuple[AttrTest, ...] = ()


class Reported(Shape, frozen=True, kw_only=True, tag_field="is", tag="reported"):
    """Another symptom was reported at most `within` away, before or after, both ends included.

    A constant in `_hours` compares instants, one in `_days` local dates. `other_code`: not the same
    code as this one. `earlier`: not after this one, so that of two reports only the later matches.
    """

    codes: tuple[str, ...]
    within: ConstantName
    where: tuple[AttrTest, ...] = ()
    other_code: bool = False
    earlier: bool = False


class Pain(Shape, frozen=True, kw_only=True, tag_field="is", tag="pain"):
    """A score of any kind at one of the sites at most `within` away, before or after."""

    sites: tuple[str, ...]
    at_least: ConstantName
    within: ConstantName


class History(Shape, frozen=True, kw_only=True, tag_field="is", tag="history"):
    """The patient's history names one of these."""

    any_of: tuple[str, ...]


class Age(Shape, frozen=True, kw_only=True, tag_field="is", tag="age"):
    """Age in years; unknown age is false. `first_episode` must then be known to be so."""

    at_least: ConstantName | None = None
    below: ConstantName | None = None
    first_episode: bool | None = None


class Fires(Shape, frozen=True, kw_only=True, tag_field="is", tag="fires"):
    """Another rule holds: on this very report, or for the patient."""

    rule: RuleId


class Unless(Shape, frozen=True, kw_only=True, tag_field="is", tag="unless"):
    """Another rule does not hold, or it is undecided whether it does."""

    rule: RuleId


class Elapsed(Shape, frozen=True, kw_only=True, tag_field="is", tag="elapsed"):
    """Days since care began, in [at_least, below); `sooner` replaces `at_least` with a modifier."""

    at_least: ConstantName
    below: ConstantName | None = None
    sooner: ConstantName | None = None


class Window(Shape, frozen=True, kw_only=True, tag_field="is", tag="window"):
    """The mean W of the last seven days, in [at_least, below). Undecided if W is not valid."""

    at_least: ConstantName
    below: ConstantName | None = None


class Improved(Shape, frozen=True, kw_only=True, tag_field="is", tag="improved"):
    """W is better than the baseline by two points or 30 %, or (`so` false) is not better.

    Undecided if W is not valid; without a baseline nothing shows that it is better.
    """

    so: bool


class Rise(Shape, frozen=True, kw_only=True, tag_field="is", tag="rise"):
    """W rose by `at_least` points within a week. Undecided if either window is not valid."""

    at_least: ConstantName


class Groc(Shape, frozen=True, kw_only=True, tag_field="is", tag="groc"):
    """The latest global rating of change is `at_most`; false without one."""

    at_most: ConstantName


class Silent(Shape, frozen=True, kw_only=True, tag_field="is", tag="silent"):
    """No pain report for `at_least` local days."""

    at_least: ConstantName


class Pattern(Shape, frozen=True, kw_only=True, tag_field="is", tag="pattern"):
    """A function of `exercises.triage.rules.patterns`, and the constants it reads."""

    function: str
    uses: tuple[ConstantName, ...]


Condition = (
    All
    | AnyOf
    | Not
    | This
    | Reported
    | Pain
    | History
    | Age
    | Fires
    | Unless
    | Elapsed
    | Window
    | Improved
    | Rise
    | Groc
    | Silent
    | Pattern
)


class SymptomClause(Shape, frozen=True, kw_only=True, tag_field="on", tag="symptom"):
    """A report of one of the codes that passes every test, where `when` holds around it."""

    codes: tuple[str, ...]
    where: tuple[AttrTest, ...] = ()
    when: Condition | None = None


class PainClause(Shape, frozen=True, kw_only=True, tag_field="on", tag="pain"):
    """A pain report of these kinds and at least this score; `where` tests the relief answers."""

    sites: tuple[str, ...]
    kinds: tuple[str, ...]
    at_least: ConstantName
    where: tuple[AttrTest, ...] = ()


class Rule(Shape, frozen=True, kw_only=True):
    """One rule. Event rules have `clauses`, the others `when`.

    `facts` and `references` say where it comes from; `proposed` marks a rule with a number or a
    condition that no source gives. `per_reason`: a profile rule raises one alert a reason.
    """

    id: RuleId
    level: LevelCode
    kind: Kind
    clears: Clears
    facts: tuple[FactId, ...]
    references: tuple[ReferenceId, ...]
    proposed: bool = False
    clauses: tuple[SymptomClause | PainClause, ...] = ()
    when: Condition | None = None
    per_reason: bool = False
    examples: Annotated[tuple[Example, ...], Meta(min_length=2)]

    @property
    def sources(self) -> tuple[str, ...]:
        """Fact ids and references, as an alert shows them."""
        return (*self.facts, *self.references)


class RuleFile(Shape, frozen=True, kw_only=True):
    """One file of rules, all of one level."""

    rules: tuple[Rule, ...] = field(name="rule")


class RuleText(Shape, frozen=True, kw_only=True):
    """What one rule says in one language. `therapist` is one line for the dashboard."""

    title: Text
    message: Text
    therapist: Text


class LateText(Shape, frozen=True, kw_only=True):
    """What is asked when a red flag arrives so late that it may be over."""

    title: Text
    message: Text


class TextFile(Shape, frozen=True, kw_only=True):
    """texts.<language>.toml. `urgent_contact` stands in where a country has no urgent number."""

    urgent_contact: Text
    late: LateText
    rules: dict[RuleId, RuleText]
