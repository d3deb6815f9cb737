"""The articles teach all that is worth teaching, and calm nobody who is in danger."""

import re

import pytest

from exercises.catalog import selectors
from exercises.catalog.content import catalog
from exercises.catalog.shapes import Article, PhaseId

PHASES: tuple[PhaseId, ...] = ("initial", "rehab", "long_term")
NSAID_GROUPS = ("ulcer", "aspirin", "asthma", "heart", "kidney", "liver", "thinner", "stroke")


def words(article: Article) -> str:
    sections = (
        " ".join((section.heading, section.text, *section.points)) for section in article.sections
    )
    return " ".join((article.title, article.summary, *sections))


def test_every_fact_to_teach_is_taught_and_none_to_drop() -> None:
    taught = {fact for article in selectors.articles() for fact in article.facts}
    facts = catalog().facts.values()
    due = {f.id for f in facts if {"edu", "prev", "treat"} & {*f.uses} and "drop" not in f.uses}

    assert len(due) == 111
    assert due <= taught
    assert not {f.id for f in facts if "drop" in f.uses} & taught


def test_every_conflict_between_the_sources_is_settled_in_an_article() -> None:
    settled = {found for article in selectors.articles() for found in article.resolutions}

    assert settled == {f"G-{number:02}" for number in range(1, 26)}


def test_each_topic_has_articles_and_each_phase_has_every_kind_of_help() -> None:
    for phase in PHASES:
        offered = {item.topic for item in selectors.articles_for(phase, red_flag_open=False)}

        assert {"see_a_doctor", "treatments", "home_care", "recovery", "prepare"} <= offered
    assert len({item.topic for item in selectors.articles()}) == 9


@pytest.mark.parametrize("article", selectors.articles(), ids=lambda article: article.id)
def test_an_article_is_short(article: Article) -> None:
    longest = 310 if article.id == "warning-signs" else 200

    assert 80 <= len(words(article).split()) <= longest


@pytest.mark.parametrize("phase", PHASES)
def test_beside_an_open_red_flag_nothing_reassures(phase: PhaseId) -> None:
    calm = selectors.articles_for(phase, red_flag_open=False)
    alarmed = selectors.articles_for(phase, red_flag_open=True)

    assert {item.id for item in calm} > {item.id for item in alarmed}
    assert not any(item.reassuring for item in alarmed)
    assert "A-CMP-01" not in {fact for item in alarmed for fact in item.facts}
    assert "warning-signs" in {item.id for item in alarmed}


def test_the_cards_of_a_phase_are_articles_offered_in_it() -> None:
    for phase in selectors.phases():
        offered = {item.title for item in selectors.articles_for(phase.id, red_flag_open=False)}

        assert {*phase.cards} <= offered


def test_medicine_is_named_with_the_pharmacist_and_whom_it_harms() -> None:
    named = re.compile(r"ibuprofen|naproxen|anti-inflammatory|paracetamol", re.IGNORECASE)
    articles = [item for item in selectors.articles() if item.id.startswith("medicine")]

    assert all("pharmacist" in words(item) for item in articles)
    pharmacy = words(selectors.article("medicine-from-the-pharmacy")).lower()
    assert all(group in pharmacy for group in (*NSAID_GROUPS, "pregnancy", "chickenpox"))
    elsewhere = [item.id for item in selectors.articles() if named.search(words(item))]
    assert {*elsewhere} == {*(item.id for item in articles), "claims-to-be-careful-with"}


def test_options_carry_the_note_of_the_guidelines() -> None:
    hands_on = words(selectors.article("hands-on-care"))

    assert "NICE" in hands_on
    assert "does not advise" in hands_on
    assert "warning sign" in hands_on
    assert "Evidence is limited" in words(selectors.article("claims-to-be-careful-with"))
    assert selectors.article("you-may-not-need-a-scan").resolutions == ("G-22",)


def test_warning_signs_name_both_directions_of_the_bladder() -> None:
    signs = words(selectors.article("warning-signs"))

    assert "hard to pee" in signs
    assert "comes out on its own" in signs
    assert "between the legs" in signs


def test_every_article_carries_a_licence() -> None:
    assert all(item.licence for item in selectors.articles())


def test_an_unknown_article_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        selectors.article("no-such-article")
