"""The catalogue in another language: what is not translated stays English. Pure."""

from collections.abc import Mapping

from msgspec.structs import replace

from exercises.catalog.catalog import Catalog
from exercises.catalog.shapes import (
    Article,
    ArticleWords,
    Attribute,
    AttributeWords,
    Contraindication,
    Exercise,
    ExerciseOwnWords,
    Gate,
    GateWords,
    HomeCare,
    HomeCareTiming,
    IntakeQuestion,
    ModalityWords,
    Option,
    Phase,
    PhaseOwnWords,
    QuestionWords,
    StopRule,
    Symptom,
    TimingWords,
    Translation,
)

ENGLISH = "en"


def spoken_language(catalog: Catalog, tag: str) -> str:
    """The language of the content for a BCP 47 tag ("de-AT" is served "de"); English if none."""
    language = tag.partition("-")[0].lower()
    return language if language in catalog.translations else ENGLISH


def localized(catalog: Catalog, language: str) -> Catalog:
    """`catalog` with every text that exists in `language` (a BCP 47 tag) put in its place."""
    spoken = spoken_language(catalog, language)
    if spoken == ENGLISH:
        return catalog
    words = catalog.translations[spoken]
    symptoms = {code: _symptom(item, words) for code, item in catalog.symptoms.items()}
    return replace(
        catalog,
        stop_rules=_stop_rules(catalog.stop_rules, words.exercises.stop_rules),
        contraindications=_contraindications(
            catalog.contraindications, words.exercises.contraindications
        ),
        exercises={code: _exercise(item, words) for code, item in catalog.exercises.items()},
        attributes={
            name: _attribute(item, words.symptoms.attributes.get(name))
            for name, item in catalog.attributes.items()
        },
        symptoms=symptoms,
        intake_sections={
            name: replace(item, title=words.intake.sections.get(name, item.title))
            for name, item in catalog.intake_sections.items()
        },
        intake_questions={
            name: _question(item, words.intake.questions.get(name), symptoms)
            for name, item in catalog.intake_questions.items()
        },
        home_care_timing=_timing(catalog.home_care_timing, words.home_care.timing),
        home_care={
            name: _home_care(item, words.home_care.modalities.get(item.id))
            for name, item in catalog.home_care.items()
        },
        home_care_blocks={
            code: replace(item, text=words.home_care.blocks.get(code, item.text))
            for code, item in catalog.home_care_blocks.items()
        },
        emergency_numbers={
            code: replace(item, name=words.emergency_numbers.countries.get(code, item.name))
            for code, item in catalog.emergency_numbers.items()
        },
        international=words.emergency_numbers.international or catalog.international,
        safety_net=words.emergency_numbers.safety_net or catalog.safety_net,
        gate=_gate(catalog.gate, words.phases.gate),
        phases={
            name: _phase(item, words.phases.phases.get(item.id))
            for name, item in catalog.phases.items()
        },
        articles={
            name: _article(item, words.articles.articles.get(name), spoken)
            for name, item in catalog.articles.items()
        },
    )


def _stop_rules(rules: tuple[StopRule, ...], words: Mapping[str, str]) -> tuple[StopRule, ...]:
    return tuple(replace(rule, text=words.get(rule.code, rule.text)) for rule in rules)


def _contraindications(
    items: tuple[Contraindication, ...], words: Mapping[str, str]
) -> tuple[Contraindication, ...]:
    return tuple(replace(item, text=words.get(item.code, item.text)) for item in items)


def _exercise(exercise: Exercise, words: Translation) -> Exercise:
    own = words.exercises.exercises.get(exercise.code, ExerciseOwnWords())
    return replace(
        exercise,
        stop_rules=_stop_rules(exercise.stop_rules, own.stop_rules),
        contraindications=_contraindications(exercise.contraindications, own.contraindications),
    )


def _symptom(symptom: Symptom, words: Translation) -> Symptom:
    return replace(symptom, question=words.symptoms.questions.get(symptom.code, symptom.question))


def _attribute(attribute: Attribute, words: AttributeWords | None) -> Attribute:
    if words is None:
        return attribute
    return replace(attribute, text=words.text, labels={**attribute.labels, **words.labels})


def _question(
    question: IntakeQuestion, words: QuestionWords | None, symptoms: Mapping[str, Symptom]
) -> IntakeQuestion:
    labels = dict(words.labels) if words else {}
    if question.options_from == "red_flag_symptoms":
        labels = {code: symptom.question for code, symptom in symptoms.items()}
    options = tuple(_option(option, labels) for option in question.options)
    if words is None:
        return replace(question, options=options)
    return replace(question, text=words.text, help=words.help or question.help, options=options)


def _option(option: Option, labels: Mapping[str, str]) -> Option:
    return replace(option, label=labels.get(option.value, option.label))


def _timing(timing: HomeCareTiming, words: TimingWords) -> HomeCareTiming:
    return replace(
        timing,
        ice_text=words.ice_text or timing.ice_text,
        heat_text=words.heat_text or timing.heat_text,
        ask_onset_text=words.ask_onset_text or timing.ask_onset_text,
        too_soon_text=words.too_soon_text or timing.too_soon_text,
        too_long_text=words.too_long_text or timing.too_long_text,
        not_wrapped_text=words.not_wrapped_text or timing.not_wrapped_text,
    )


def _home_care(item: HomeCare, words: ModalityWords | None) -> HomeCare:
    if words is None:
        return item
    confirm = words.confirm or item.confirm
    return replace(item, title=words.title, steps=words.steps, confirm=confirm)


def _gate(gate: Gate, words: GateWords | None) -> Gate:
    if words is None:
        return gate
    return replace(gate, extended_text=words.extended_text, lines=words.lines)


def _phase(phase: Phase, words: PhaseOwnWords | None) -> Phase:
    if words is None:
        return phase
    return replace(
        phase,
        title=words.title,
        summary=words.summary,
        volume=replace(phase.volume, text=words.volume),
        check_in=replace(phase.check_in, text=words.check_in),
        cards=words.cards,
    )


def _article(article: Article, words: ArticleWords | None, language: str) -> Article:
    if words is None:
        return article
    return replace(
        article,
        title=words.title,
        summary=words.summary,
        sections=words.sections,
        language=language,
    )
