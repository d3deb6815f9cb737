"""What patients are asked: symptoms with their attributes, and the intake."""

from typing import Literal

from msgspec import field

from exercises.catalog.shapes.base import Code, Content, FactId, SymptomCode, Text

SymptomGroup = Literal[
    "bladder_bowel",
    "saddle",
    "both_legs",
    "nerve",
    "knee",
    "infection",
    "clot",
    "circulation",
    "injury",
    "general",
    "emergency",
]
AttributeKind = Literal["boolean", "choice", "decimal", "integer", "date", "text"]
QuestionKind = Literal[
    "integer", "boolean", "yes_no_unknown", "date", "choice", "multi_choice", "text", "score"
]


class Attribute(Content, frozen=True, kw_only=True):
    """An attribute any symptom report may carry. `max` bounds the length of a text.

    `labels` are the words a person reads for each of the `options`.
    """

    name: Code
    kind: AttributeKind
    text: Text
    options: tuple[Code, ...] = ()
    labels: dict[Code, Text] = {}
    min: int | None = None
    max: int | None = None


class AttributeSpec(Content, frozen=True, kw_only=True):
    """An attribute worth asking for one symptom; `options` narrow those of the `Attribute`."""

    name: Code
    options: tuple[Code, ...] = ()


class Symptom(Content, frozen=True, kw_only=True):
    """One symptom that can be reported, and the plain question for it."""

    code: SymptomCode
    group: SymptomGroup
    red_flag: bool
    question: Text
    attrs: tuple[AttributeSpec, ...]


class SymptomFile(Content, frozen=True, kw_only=True):
    """symptoms.toml."""

    attributes: tuple[Attribute, ...] = field(name="attribute")
    symptoms: tuple[Symptom, ...] = field(name="symptom")


class Option(Content, frozen=True, kw_only=True):
    """One answer that can be chosen."""

    value: Text
    label: Text


class IntakeSection(Content, frozen=True, kw_only=True):
    """A screen of the intake."""

    id: Code
    title: Text


class IntakeQuestion(Content, frozen=True, kw_only=True):
    """One question. Once loaded, `options` are complete whatever `options_from` says.

    `min` and `max` bound numbers; `max` bounds the length of a text.
    """

    id: Code
    section: Code
    kind: QuestionKind
    text: Text
    help: str = ""
    options: tuple[Option, ...] = ()
    options_from: Literal["", "red_flag_symptoms"] = ""
    min: int | None = None
    max: int | None = None
    required: bool = False
    facts: tuple[FactId, ...] = ()


class IntakeFile(Content, frozen=True, kw_only=True):
    """intake.toml."""

    sections: tuple[IntakeSection, ...] = field(name="section")
    questions: tuple[IntakeQuestion, ...] = field(name="question")
