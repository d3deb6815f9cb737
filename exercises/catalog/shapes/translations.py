"""Texts of one other language, keyed by the codes of the English content. What is absent is English."""

from typing import Annotated

from msgspec import Meta, field

from exercises.catalog.shapes.articles import ArticleSection
from exercises.catalog.shapes.base import (
    ArticleId,
    Code,
    Content,
    ExerciseCode,
    HomeCareModality,
    PhaseId,
    SymptomCode,
    Text,
)
from exercises.catalog.shapes.care import CountryCode
from exercises.catalog.shapes.phases import GateTexts


class AttributeWords(Content, frozen=True, kw_only=True):
    """One attribute; `labels` by option."""

    text: Text
    labels: dict[Code, Text] = {}


class SymptomWords(Content, frozen=True, kw_only=True):
    """symptoms.toml."""

    questions: dict[SymptomCode, Text] = {}
    attributes: dict[Code, AttributeWords] = {}


class ExerciseOwnWords(Content, frozen=True, kw_only=True):
    """The safety texts of one exercise, by code."""

    stop_rules: dict[Code, Text] = {}
    contraindications: dict[Code, Text] = {}


class ExerciseWords(Content, frozen=True, kw_only=True):
    """exercises.toml. At the top, what holds for every exercise."""

    stop_rules: dict[Code, Text] = {}
    contraindications: dict[Code, Text] = {}
    exercises: dict[ExerciseCode, ExerciseOwnWords] = {}


class TimingWords(Content, frozen=True, kw_only=True):
    """What the home-care timing says; "" is not translated."""

    ice_text: str = ""
    heat_text: str = ""
    ask_onset_text: str = ""
    too_soon_text: str = ""
    too_long_text: str = ""
    not_wrapped_text: str = ""


class ModalityWords(Content, frozen=True, kw_only=True):
    """One kind of home care."""

    title: Text
    steps: tuple[Text, ...]
    confirm: str = ""


class HomeCareWords(Content, frozen=True, kw_only=True):
    """home_care.toml."""

    timing: TimingWords = TimingWords()
    modalities: dict[HomeCareModality, ModalityWords] = {}
    blocks: dict[Code, Text] = {}


class EmergencyWords(Content, frozen=True, kw_only=True):
    """emergency_numbers.toml: names of countries; `international` names the default."""

    international: str = ""
    safety_net: str = ""
    countries: dict[CountryCode, Text] = {}


class GateWords(Content, frozen=True, kw_only=True):
    """What stands at a gate; a half-translated checklist would not be read."""

    extended_text: Text
    lines: GateTexts


class PhaseOwnWords(Content, frozen=True, kw_only=True):
    """One phase; `cards` in the order of the English ones."""

    title: Text
    summary: Text
    volume: Text
    check_in: Text
    cards: tuple[Text, ...]


class PhaseWords(Content, frozen=True, kw_only=True):
    """phases.toml."""

    gate: GateWords | None = None
    phases: dict[PhaseId, PhaseOwnWords] = {}


class QuestionWords(Content, frozen=True, kw_only=True):
    """One intake question; `labels` by option."""

    text: Text
    help: str = ""
    labels: dict[str, Text] = {}


class IntakeWords(Content, frozen=True, kw_only=True):
    """intake.toml."""

    sections: dict[Code, Text] = {}
    questions: dict[Code, QuestionWords] = {}


class ArticleWords(Content, frozen=True, kw_only=True):
    """One whole article: a half-translated one would not be read."""

    title: Text
    summary: Text
    sections: Annotated[tuple[ArticleSection, ...], Meta(min_length=1)] = field(name="section")


class ArticleFileWords(Content, frozen=True, kw_only=True):
    """articles.toml."""

    articles: dict[ArticleId, ArticleWords] = {}


class Translation(Content, frozen=True, kw_only=True):
    """The files of one language."""

    symptoms: SymptomWords = SymptomWords()
    exercises: ExerciseWords = ExerciseWords()
    home_care: HomeCareWords = HomeCareWords()
    emergency_numbers: EmergencyWords = EmergencyWords()
    intake: IntakeWords = IntakeWords()
    phases: PhaseWords = PhaseWords()
    articles: ArticleFileWords = ArticleFileWords()
