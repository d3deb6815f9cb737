"""Texts in other languages: complete where safety depends on them, English where they are missing."""

import pytest

from exercises.catalog import selectors
from exercises.catalog.content import catalog
from exercises.catalog.shapes import Translation
from exercises.catalog.translation import localized

LANGUAGES = [language for language in selectors.languages() if language != "en"]


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Translation:
    """Each translation in turn."""
    return catalog().translations[request.param]


def test_there_is_german() -> None:
    assert selectors.languages() == ("en", "de")


def test_every_symptom_question_is_translated(words: Translation) -> None:
    assert words.symptoms.questions.keys() == catalog().symptoms.keys()


def test_every_attribute_and_each_of_its_options_is_translated(words: Translation) -> None:
    assert words.symptoms.attributes.keys() == catalog().attributes.keys()
    for name, attribute in catalog().attributes.items():
        assert words.symptoms.attributes[name].labels.keys() == attribute.labels.keys()


def test_every_stop_rule_and_contraindication_is_translated(words: Translation) -> None:
    general = words.exercises
    assert general.stop_rules.keys() == {rule.code for rule in catalog().stop_rules}
    assert general.contraindications.keys() == {item.code for item in catalog().contraindications}
    for exercise in catalog().exercises.values():
        rules = {rule.code for rule in exercise.stop_rules}
        against = {item.code for item in exercise.contraindications}
        if rules | against:
            own = general.exercises[exercise.code]
            assert (own.stop_rules.keys(), own.contraindications.keys()) == (rules, against)


def test_home_care_is_translated_as_a_whole(words: Translation) -> None:
    care, timing = words.home_care, words.home_care.timing

    assert all((timing.ice_text, timing.heat_text, timing.ask_onset_text))
    assert care.blocks.keys() == catalog().home_care_blocks.keys()
    assert care.modalities.keys() == catalog().home_care.keys()
    for name, item in catalog().home_care.items():
        translated = care.modalities[item.id]
        assert len(translated.steps) == len(item.steps), name
        assert bool(translated.confirm) == bool(item.confirm), name


def test_every_country_and_the_red_flag_question_are_translated(words: Translation) -> None:
    assert words.emergency_numbers.international
    assert words.emergency_numbers.countries.keys() == catalog().emergency_numbers.keys()
    assert words.intake.questions["red_flags"].help
    assert "warning_signs" in words.intake.sections


@pytest.mark.parametrize("article_id", ["warning-signs", "when-to-book-a-visit"])
def test_articles_that_send_to_a_doctor_are_translated_point_by_point(
    words: Translation, article_id: str
) -> None:
    english = selectors.article(article_id).sections
    translated = words.articles.articles[article_id].sections

    assert [len(s.points) for s in translated] == [len(s.points) for s in english]


def test_a_translated_text_is_served() -> None:
    german = selectors.symptom("S-KNEE-SWOLLEN", language="de")

    assert german.question == "Ist Ihr Knie geschwollen?"
    assert german.code == "S-KNEE-SWOLLEN"
    assert selectors.symptom("S-KNEE-SWOLLEN").question == "Is your knee swollen?"
    assert selectors.emergency_numbers("GB", language="de").name == "Vereinigtes Königreich"
    assert selectors.emergency_numbers("ZZ", language="de").emergency == "112"


def test_own_stop_rules_come_in_the_language_too() -> None:
    english = selectors.stop_rules("EX-08")
    german = selectors.stop_rules("EX-08", language="de")

    assert [rule.code for rule in german] == [rule.code for rule in english]
    assert all(a.text != b.text for a, b in zip(german, english, strict=True))


def test_the_red_flag_list_of_the_intake_speaks_the_language() -> None:
    (question,) = (q for q in selectors.intake_questions(language="de") if q.id == "red_flags")

    labels = {option.value: option.label for option in question.options}
    assert labels["S-KNEE-SWOLLEN"] == "Ist Ihr Knie geschwollen?"


def test_what_is_not_translated_is_english_and_says_so() -> None:
    assert selectors.article("posture", language="de") == selectors.article("posture")
    assert selectors.article("posture", language="de").language == "en"
    assert selectors.article("warning-signs", language="de").language == "de"
    assert selectors.exercise("EX-06", language="de").name == selectors.exercise("EX-06").name


@pytest.mark.parametrize("tag", ["de", "DE", "de-AT", "de-Latn-CH"])
def test_a_region_speaks_its_language(tag: str) -> None:
    assert selectors.symptoms(language=tag) == selectors.symptoms(language="de")


@pytest.mark.parametrize("tag", ["en", "en-GB", "fr", "", "x", "../de"])
def test_a_language_without_texts_is_english(tag: str) -> None:
    assert localized(catalog(), tag) is catalog()


def test_translating_keeps_all_codes_and_the_version() -> None:
    german = localized(catalog(), "de")

    assert german.version == catalog().version
    assert [*german.exercises] == [*catalog().exercises]
    assert [*german.articles] == [*catalog().articles]
    assert german.emergency_numbers["DE"].emergency == "112"
