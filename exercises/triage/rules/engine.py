"""Judges a patient's record by a rule pack (pure): same record and pack, same findings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from exercises.triage.levels import Level
from exercises.triage.rules import shapes
from exercises.triage.rules.pack import RulePack
from exercises.triage.rules.readings import Reading
from exercises.triage.rules.record import PainFact, Record, SymptomFact
from exercises.triage.rules.situation import Match, Situation

Standing = Literal["holds", "ended", "undecided"]
# From here on an alert is raised whatever came of the symptom, and never clears by itself.
ACUTE = Level.URGENT_SAME_DAY


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that holds. `key` is the alert's identity within the patient.

    An event finding is keyed `RULE:source`, where the source is the report the rule judged; a trend
    finding by the rule; a profile finding by the rule and the reason. `source_ids` starts with that
    report. `since` is when the report says it happened, and for the rest the moment of judging.
    `active`: not reported gone, and not covered by a clinician's word. `late`: a red flag that
    first arrived so old that it may be over; its level is then urgent_same_day.
    """

    rule: str
    level: Level
    kind: shapes.Kind
    key: str
    source_ids: tuple[str, ...]
    matched: tuple[Match, ...]
    since: datetime
    active: bool = True
    late: bool = False

    @property
    def raises(self) -> bool:
        """An alert with this key must exist: a red flag always, another only while it is active."""
        return self.active or self.level >= ACUTE


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The findings, highest first, and what could not be decided for lack of data: rules (trends)
    and keys (reports whose context is not in the record)."""

    findings: tuple[Finding, ...]
    undecided: frozenset[str]
    event_rules: frozenset[str] = field(repr=False)
    judged: frozenset[str] = field(repr=False)

    @property
    def level(self) -> Level:
        """The highest level of a finding that raises an alert."""
        return highest(finding.level for finding in self.findings if finding.raises)

    def standing(self, key: str) -> Standing:
        """Whether the condition behind an alert still holds, so that the alert may clear.

        `undecided` (a trend without enough data, a report that was not in the record) leaves an
        alert as it is.
        """
        for finding in self.findings:
            if finding.key == key:
                return "holds" if finding.active else "ended"
        rule, _, source = key.partition(":")
        if key in self.undecided or rule in self.undecided:
            return "undecided"
        if rule in self.event_rules and source not in self.judged:
            return "undecided"
        return "ended"


def evaluate(record: Record, pack: RulePack) -> Evaluation:
    """Every rule on every fact of the record. Never raises on what a patient may report."""
    situation = Situation(record, pack.constants, pack.vocabulary)
    undecided: set[str] = set()
    findings = [
        *_on_symptoms(situation, pack, undecided),
        *_on_pains(situation, pack),
        *_on_trends(situation, pack, undecided),
        *_on_profile(situation, pack),
    ]
    findings.sort(key=lambda finding: (-finding.level, finding.key))
    judged = frozenset(fact.source_id for fact in record.symptoms) | frozenset(
        fact.source_id for fact in record.pains
    )
    return Evaluation(tuple(findings), frozenset(undecided), pack.event_rules, judged)


def highest(levels: Iterable[Level]) -> Level:
    """The highest of the levels; NONE of none."""
    return max(levels, default=Level.NONE)


def _on_symptoms(situation: Situation, pack: RulePack, undecided: set[str]) -> Iterator[Finding]:
    """One finding a rule and report, however many of the report's symptoms match."""
    held: dict[tuple[str, str], list[tuple[Reading, tuple[Match, ...]]]] = {}
    for reading in situation.symptoms.present:
        for trigger in pack.program.by_code.get(reading.code, ()):
            truth, matches = trigger.check(situation, reading)
            key = (trigger.rule.id, reading.fact.source_id)
            if truth:
                held.setdefault(key, []).append((reading, matches))
            elif truth is None:
                undecided.add(":".join(key))
    for (rule_id, _), matched in held.items():
        finding = _symptom_finding(situation, pack, rule_id, matched)
        if finding is not None:
            yield finding


def _symptom_finding(
    situation: Situation,
    pack: RulePack,
    rule_id: str,
    matched: list[tuple[Reading, tuple[Match, ...]]],
) -> Finding | None:
    level = pack.program.levels[rule_id]
    if level < ACUTE:
        matched = [item for item in matched if not _was_known(situation, item[0])]
        if not matched:
            return None
    # Under one id a report may have come twice, once refused: the timelier one says how late it is.
    fact = min((reading.fact for reading, _ in matched), key=_delay)
    is_active = any(_is_active(situation, reading, level) for reading, _ in matched)
    matches = _distinct(match for _, found in matched for match in found)
    return _event(situation, rule_id, level, fact, matches, is_active=is_active)


def _on_pains(situation: Situation, pack: RulePack) -> Iterator[Finding]:
    held: dict[tuple[str, str], tuple[PainFact, tuple[Match, ...]]] = {}
    for pain in situation.pains:
        for trigger in pack.program.on_pain:
            matches = trigger.check(situation, pain)
            if matches:
                key = (trigger.rule.id, pain.source_id)
                _, before = held.get(key, (pain, ()))
                held[key] = (pain, before + matches)
    for (rule_id, _), (fact, matches) in held.items():
        yield _event(situation, rule_id, pack.program.levels[rule_id], fact, _distinct(matches))


def _event(
    situation: Situation,
    rule_id: str,
    level: Level,
    fact: SymptomFact | PainFact,
    matches: tuple[Match, ...],
    *,
    is_active: bool = True,
) -> Finding:
    is_late = level >= ACUTE and _delay(fact) > situation.constants.late_after()
    return Finding(
        rule=rule_id,
        level=ACUTE if is_late else level,
        kind="event",
        key=f"{rule_id}:{fact.source_id}",
        source_ids=_sources(matches, fact.source_id),
        matched=matches,
        since=fact.occurred_at,
        active=is_active,
        late=is_late,
    )


def _delay(fact: SymptomFact | PainFact) -> timedelta:
    return fact.received_at - fact.occurred_at


def _on_trends(situation: Situation, pack: RulePack, undecided: set[str]) -> Iterator[Finding]:
    for rule, node in pack.program.on_patient:
        truth, matches = node(situation, None)
        if truth:
            yield _about_patient(situation, pack, rule, rule.id, _distinct(matches))
        elif truth is None:
            undecided.add(rule.id)


def _on_profile(situation: Situation, pack: RulePack) -> Iterator[Finding]:
    for rule, reasons in pack.program.profiles:
        for node in reasons:
            truth, matches = node(situation, None)
            if truth:
                reason = _reason(matches) if rule.per_reason else "profile"
                yield _about_patient(situation, pack, rule, f"{rule.id}:{reason}", matches)


def _about_patient(
    situation: Situation, pack: RulePack, rule: shapes.Rule, key: str, matches: tuple[Match, ...]
) -> Finding:
    return Finding(
        rule=rule.id,
        level=pack.program.levels[rule.id],
        kind=rule.kind,
        key=key,
        source_ids=_sources(matches),
        matched=matches,
        since=situation.record.now,
    )


def _reason(matches: tuple[Match, ...]) -> str:
    """What distinguishes one reason of a profile rule from another, such as history:cancer."""
    match = matches[0]
    return f"history:{match.values['item']}" if match.what == "history" else match.what


def _was_known(situation: Situation, reading: Reading) -> bool:
    """Reported after a clinician said that she knows it: nothing to raise."""
    words = [word for word in situation.record.known_stable if word.at < reading.fact.received_at]
    return situation.symptoms.is_covered(reading, words)


def _is_active(situation: Situation, reading: Reading, level: Level) -> bool:
    symptoms = situation.symptoms
    if symptoms.is_gone(reading):
        return False
    return level >= ACUTE or not symptoms.is_covered(reading, situation.record.known_stable)


def _distinct(matches: Iterable[Match]) -> tuple[Match, ...]:
    kept: list[Match] = []
    for match in matches:
        if match not in kept:
            kept.append(match)
    return tuple(kept)


def _sources(matches: tuple[Match, ...], first: str | None = None) -> tuple[str, ...]:
    named = [str(match.values["source"]) for match in matches if "source" in match.values]
    own = [] if first is None else [first]
    return tuple(dict.fromkeys([*own, *named]))
