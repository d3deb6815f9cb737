"""The whole catalogue as one frozen value, and the error that says what is wrong with its files."""

from collections.abc import Mapping

from msgspec import Struct

from exercises.catalog.shapes import (
    Article,
    Attribute,
    Condition,
    Contraindication,
    DoseLimits,
    EmergencyNumbers,
    Exercise,
    Fact,
    Gate,
    HomeCare,
    HomeCareBlock,
    HomeCareTiming,
    IntakeQuestion,
    IntakeSection,
    Monitoring,
    Phase,
    Reference,
    Replacement,
    RetiredArticle,
    StopRule,
    Symptom,
    Translation,
)


class ContentError(Exception):
    """A content file that cannot be served: which file, where in it, and why."""

    def __init__(self, file: str, path: str, message: str) -> None:
        super().__init__(f"{file} at {path}: {message}")
        self.file = file
        self.path = path
        self.message = message


class Catalog(Struct, frozen=True, kw_only=True):
    """All content, indexed by code in the order of the files. Never change a mapping in it.

    `international` names the default emergency number; `translations` are by language.
    """

    version: str
    monitoring: Monitoring
    dose_limits: DoseLimits
    stop_rules: tuple[StopRule, ...]
    contraindications: tuple[Contraindication, ...]
    conditions: Mapping[str, Condition]
    exercises: Mapping[str, Exercise]
    retired: tuple[Replacement, ...]
    gate: Gate
    phases: Mapping[str, Phase]
    attributes: Mapping[str, Attribute]
    symptoms: Mapping[str, Symptom]
    intake_sections: Mapping[str, IntakeSection]
    intake_questions: Mapping[str, IntakeQuestion]
    articles: Mapping[str, Article]
    retired_articles: tuple[RetiredArticle, ...]
    home_care_licence: str
    home_care_timing: HomeCareTiming
    home_care: Mapping[str, HomeCare]
    home_care_blocks: Mapping[str, HomeCareBlock]
    default_emergency_number: str
    international: str
    safety_net: str
    emergency_numbers: Mapping[str, EmergencyNumbers]
    references: Mapping[str, Reference]
    facts: Mapping[str, Fact]
    translations: Mapping[str, Translation]
