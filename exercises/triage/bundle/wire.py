"""The bundle as it travels: everything a phone needs to judge a report with no network."""

from typing import Literal

from msgspec import UNSET, UnsetType

from backend.core.wire import Wire
from exercises.catalog.shapes.questions import AttributeKind, SymptomGroup
from exercises.triage.bundle.reading_wire import SafetyReading
from exercises.triage.bundle.record_wire import SafetyVector
from exercises.triage.bundle.rule_wire import SafetyRule
from exercises.triage.levels import LevelCode
from exercises.triage.texts import Action


class SafetyInstruction(Wire, frozen=True, kw_only=True):
    """Something every evaluator and every app must hold to, for its developers."""

    code: str
    text: str


class SafetyLevel(Wire, frozen=True, kw_only=True):
    """A level of concern, and what it asks of the patient."""

    code: LevelCode
    action: Action


class SafetyAttribute(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """An attribute that any symptom may carry. `max` bounds the length of a text."""

    name: str
    kind: AttributeKind
    options: tuple[str, ...] = ()
    min: int | UnsetType = UNSET
    max: int | UnsetType = UNSET


class SafetyQuestion(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """An attribute worth asking for a symptom, and the options to offer (none: all of them)."""

    attr: str
    options: tuple[str, ...] = ()


class SafetySymptomCode(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A symptom that can be reported. `accepted`: the only words that an attribute may hold here,
    where these are fewer than its options; another word is unknown."""

    code: str
    group: SymptomGroup
    red_flag: bool
    ask: list[SafetyQuestion] = []
    accepted: dict[str, tuple[str, ...]] = {}


class SafetyMessage(Wire, frozen=True, kw_only=True):
    """What the patient reads; `{emergency_number}` and `{urgent_number}` are put in place."""

    title: str
    message: str


class SafetyAttributeText(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """The plain question for an attribute, and the words for its options."""

    text: str
    labels: dict[str, str] = {}


class SafetyTexts(Wire, frozen=True, kw_only=True):
    """All texts in one language. `urgent_contact` takes the place of an urgent number."""

    urgent_contact: str
    late: SafetyMessage
    messages: dict[str, SafetyMessage]
    questions: dict[str, str]
    attributes: dict[str, SafetyAttributeText]
    countries: dict[str, str]
    international: str


class SafetyCountry(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """Numbers of an ISO 3166-1 alpha-2 country; `also` reach the same service."""

    code: str
    emergency: str
    also: tuple[str, ...] = ()
    urgent_advice: str | UnsetType = UNSET


class SafetyNumbers(Wire, frozen=True, kw_only=True):
    """`default` serves every country that is not listed."""

    default: str
    countries: list[SafetyCountry]


class SafetyBundle(Wire, frozen=True, kw_only=True):
    """Event rules, questions, wording and numbers for judging a report with no network.

    `format` changes when an evaluator has to change; `version` when anything does. `levels` rise.
    """

    format: Literal[1]
    version: str
    rules_version: str
    content_version: str
    instructions: list[SafetyInstruction]
    levels: list[SafetyLevel]
    constants: dict[str, int | float]
    symptoms: list[SafetySymptomCode]
    attributes: list[SafetyAttribute]
    reading: SafetyReading
    rules: list[SafetyRule]
    emergency_numbers: SafetyNumbers
    texts: dict[str, SafetyTexts]
    test_vectors: list[SafetyVector]
