"""Plays the examples that come with every rule (pure)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

from exercises.tracking.trends import Values, within
from exercises.triage.rules.engine import evaluate
from exercises.triage.rules.example_shapes import Example
from exercises.triage.rules.pack import RulePack
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

# Day 0 of every example; any date serves.
START = date(2026, 5, 4)
EVENING = 20


def failing_examples(pack: RulePack) -> list[str]:
    """The examples that do not come out as they say, each as "RULE: what it says"."""
    return [
        f"{rule.id}: {example.says}"
        for rule in pack.rules.values()
        for example in rule.examples
        if fires(rule.id, example, pack) is not example.fires
    ]


def fires(rule_id: str, example: Example, pack: RulePack) -> bool:
    """The rule has a finding in the example that raises an alert."""
    evaluation = evaluate(record_of(example), pack)
    return any(finding.rule == rule_id and finding.raises for finding in evaluation.findings)


def record_of(example: Example) -> Record:
    """The record that an example describes."""
    today = START + timedelta(days=example.day)
    now = datetime(today.year, today.month, today.day, EVENING, tzinfo=UTC)
    days = _days(example)
    logged = [*days, *(_ago(now, pain.hours_ago).date() for pain in example.pains)]
    return Record(
        now=now,
        today=today,
        plan_start=START,
        profile=_profile(example),
        symptoms=tuple(_symptoms(example, now)),
        pains=tuple(_pains(example, now)),
        answers=tuple(_answers(example, now)),
        locations=tuple(_locations(example)),
        groc=() if example.groc is None else (GrocScore("g", example.groc, now),),
        known_stable=tuple(
            KnownStable(item.symptom, _ago(now, item.hours_ago), item.side)
            for item in example.known_stable
        ),
        last_pain_date=max(logged, default=None),
        daily_values=partial(within, days),
    )


def _profile(example: Example) -> Profile:
    since = example.home_care_since_day
    return Profile(
        age=example.age,
        history=frozenset(example.history),
        first_episode=example.first_episode,
        home_care_since=None if since is None else START + timedelta(days=since),
        pain_at_episode_start=example.pain_at_episode_start,
    )


def _symptoms(example: Example, now: datetime) -> Iterator[SymptomFact]:
    for order, item in enumerate(example.symptoms):
        occurred = _ago(now, item.hours_ago)
        received = item.received_hours_ago
        yield SymptomFact(
            source_id=item.report or f"s{order}",
            order=order,
            code=item.code,
            present=item.present,
            attrs=item.attrs,
            occurred_at=occurred,
            local_date=occurred.date(),
            received_at=occurred if received is None else _ago(now, received),
        )


def _pains(example: Example, now: datetime) -> Iterator[PainFact]:
    for order, item in enumerate(example.pains):
        occurred = _ago(now, item.hours_ago)
        yield PainFact(
            source_id=f"p{order}",
            site=item.site,
            kind=item.kind,
            score=item.score,
            occurred_at=occurred,
            local_date=occurred.date(),
            received_at=occurred,
            relief_rest=item.relief_rest,
            relief_otc=item.relief_otc,
        )


def _answers(example: Example, now: datetime) -> Iterator[ReliefAnswer]:
    for order, item in enumerate(example.answers):
        at = _ago(now, item.hours_ago)
        yield ReliefAnswer(f"a{order}", item.question, item.value, at, at.date())


def _locations(example: Example) -> Iterator[LocationFact]:
    for order, site in enumerate(example.distal):
        day = START + timedelta(days=order)
        at = datetime(day.year, day.month, day.day, EVENING, tzinfo=UTC)
        yield LocationFact(f"l{order}", site, at, day)


def _days(example: Example) -> Values:
    scores = [score for count, score in example.daily for _ in range(count)]
    return {
        START + timedelta(days=order): score for order, score in enumerate(scores) if score >= 0
    }


def _ago(now: datetime, hours: int) -> datetime:
    return now - timedelta(hours=hours)
