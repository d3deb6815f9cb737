"""Whatever is reported, in whatever order: no red flag is lost, and nothing raises."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exercises.tracking.trends import within
from exercises.triage.levels import Level
from exercises.triage.rules.engine import Evaluation, evaluate
from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.record import (
    GrocScore,
    KnownStable,
    LocationFact,
    PainFact,
    Profile,
    Record,
    ReliefAnswer,
    SymptomFact,
)
from exercises.triage.rules.vocabulary import BODY, HISTORY, KINDS, SITES

PACK = default_pack()
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ATTRIBUTES = PACK.vocabulary.attributes
CODES = sorted(PACK.vocabulary.codes)
LEGS = ["S-NUMB-LEG", "S-TINGLE-LEG", "S-WEAK-LEG"]

moments = st.integers(-24, 24 * 120).map(lambda hours: NOW - timedelta(hours=hours))


def _value(name: str) -> st.SearchStrategy[Any]:
    attribute = ATTRIBUTES[name]
    usual: dict[str, st.SearchStrategy[Any]] = {
        "boolean": st.booleans(),
        "choice": st.sampled_from(attribute.options or ("x",)),
        "decimal": st.floats(35, 42),
        "integer": st.integers(-1, 60),
        "date": st.dates(date(2026, 5, 1), date(2026, 7, 5)).map(str),
        "text": st.text(max_size=5),
    }
    return st.one_of(usual[attribute.kind], st.none(), st.just("?"), st.just(1))


@st.composite
def _attrs(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(ATTRIBUTES)), max_size=6, unique=True))
    return {name: draw(_value(name)) for name in names}


@st.composite
def _symptom(draw: st.DrawFn) -> SymptomFact:
    at = draw(moments)
    delay = timedelta(hours=draw(st.sampled_from([0, 0, 0, 5, 24 * 89, 24 * 91])))
    return SymptomFact(
        source_id=draw(st.sampled_from("abcdefgh")),
        order=draw(st.integers(0, 2)),
        code=draw(st.one_of(st.sampled_from(LEGS), st.sampled_from(CODES))),
        present=draw(st.sampled_from([True, True, True, False])),
        attrs=draw(_attrs()),
        occurred_at=at,
        local_date=at.date() + timedelta(days=draw(st.integers(-1, 1))),
        received_at=at + delay,
    )


@st.composite
def _pain(draw: st.DrawFn) -> PainFact:
    at = draw(moments)
    answers = ["yes", "no", "cannot_take", "unknown"]
    return PainFact(
        source_id=draw(st.sampled_from("ijklmn")),
        site=draw(st.sampled_from(sorted(SITES))),
        kind=draw(st.sampled_from(sorted(KINDS))),
        score=draw(st.integers(0, 10)),
        occurred_at=at,
        local_date=at.date(),
        received_at=at,
        relief_rest=draw(st.sampled_from(answers)),
        relief_otc=draw(st.sampled_from(answers)),
    )


@st.composite
def records(draw: st.DrawFn) -> Record:
    scores = draw(st.lists(st.integers(-4, 10), max_size=70))
    start = date(2026, 5, 4)
    days = {start + timedelta(days=day): score for day, score in enumerate(scores) if score >= 0}
    pains = tuple(draw(st.lists(_pain(), max_size=6)))
    locations = draw(st.lists(st.tuples(st.sampled_from(BODY), moments), max_size=6))
    answers = draw(st.lists(st.tuples(st.sampled_from(["relief_rest", "relief_otc"]), moments)))
    words = draw(st.lists(st.tuples(st.sampled_from(CODES), moments), max_size=3))
    return Record(
        now=NOW,
        today=NOW.date(),
        plan_start=start,
        profile=Profile(
            age=draw(st.one_of(st.none(), st.integers(0, 120))),
            history=frozenset(draw(st.sets(st.sampled_from(sorted(HISTORY)), max_size=3))),
            first_episode=draw(st.sampled_from([None, True, False])),
            home_care_since=draw(st.one_of(st.none(), st.dates(date(2026, 1, 1), NOW.date()))),
            pain_at_episode_start=draw(st.one_of(st.none(), st.integers(0, 10))),
        ),
        symptoms=tuple(draw(st.lists(_symptom(), max_size=8))),
        pains=pains,
        answers=tuple(ReliefAnswer("a", asked, "no", at, at.date()) for asked, at in answers),
        locations=tuple(LocationFact("l", site, at, at.date()) for site, at in locations),
        groc=tuple(GrocScore("g", score, NOW) for score in draw(st.lists(st.integers(-5, 5)))),
        known_stable=tuple(KnownStable(code, at) for code, at in words),
        last_pain_date=max(days, default=None),
        symptoms_since=draw(st.one_of(st.none(), moments)),
        pains_since=draw(st.one_of(st.none(), moments)),
        daily_values=partial(within, days),
    )


def emergencies(evaluation: Evaluation) -> set[str]:
    """Keys of the findings of rules that are emergencies, even where a late one is same-day."""
    return {
        finding.key
        for finding in evaluation.findings
        if PACK.rules[finding.rule].level == "emergency_now"
    }


@given(records())
def test_no_record_makes_the_rules_raise(record: Record) -> None:
    evaluation = evaluate(record, PACK)
    found = [finding.key for finding in evaluation.findings]
    assert len(found) == len(set(found))
    assert all(evaluation.standing(key) in ("holds", "ended") for key in found)


@given(records(), st.integers(0, 1000))
def test_neither_order_nor_duplicates_change_the_findings(record: Record, seed: int) -> None:
    random = Random(seed)

    def mixed(facts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample([*facts, *facts], k=2 * len(facts)))

    again = replace(
        record,
        symptoms=mixed(record.symptoms),
        pains=mixed(record.pains),
        answers=mixed(record.answers),
        locations=mixed(record.locations),
        groc=mixed(record.groc),
        known_stable=mixed(record.known_stable),
    )
    assert evaluate(again, PACK) == evaluate(record, PACK)


@given(records(), _symptom(), st.lists(_pain(), max_size=2))
def test_a_further_report_never_removes_an_emergency(
    record: Record, symptom: SymptomFact, pains: list[PainFact]
) -> None:
    more = replace(record, symptoms=(*record.symptoms, symptom), pains=(*record.pains, *pains))
    assert emergencies(evaluate(record, PACK)) <= emergencies(evaluate(more, PACK))


@given(records(), st.lists(st.sampled_from(CODES).map(lambda code: KnownStable(code, NOW))))
def test_no_word_of_a_clinician_removes_a_red_flag(
    record: Record, words: list[KnownStable]
) -> None:
    def acute(known: Record) -> set[str]:
        findings = evaluate(known, PACK).findings
        return {item.key for item in findings if item.level >= Level.URGENT_SAME_DAY}

    assert acute(record) == acute(replace(record, known_stable=tuple(words)))


@given(records())
def test_every_emergency_symptom_on_its_own_is_found(record: Record) -> None:
    flagged = {
        fact.source_id
        for fact in record.symptoms
        if fact.code == "S-FACE-ARM-SPEECH" and fact.present
    }
    assert {f"RF-STROKE:{source}" for source in flagged} <= emergencies(evaluate(record, PACK))


@given(records())
def test_a_red_flag_is_never_below_same_day(record: Record) -> None:
    for finding in evaluate(record, PACK).findings:
        if finding.rule.startswith("RF-"):
            assert finding.level >= Level.URGENT_SAME_DAY
            assert finding.raises
