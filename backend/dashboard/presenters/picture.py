"""What is known of one patient now, in words: the gate, patterns, visits and what could not be
accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from backend.dashboard.presenters.levels import badge
from backend.dashboard.presenters.numbers import score as number
from backend.dashboard.presenters.plans import PHASES
from backend.dashboard.presenters.sources import Cited, cited
from backend.dashboard.presenters.times import Moment, long_day, moment
from exercises.catalog import selectors as catalog
from exercises.plans.phases import Gate, GateLine
from exercises.tracking.models import Quarantined
from exercises.triage.hints.matching import SPINAL_SIGNS, Match, Matched, SpinalScore
from exercises.triage.levels import Level
from exercises.triage.models import Visit

TYPES = {
    "pain_report": "Pain",
    "symptom_report": "Symptoms",
    "session": "Exercise",
    "home_care": "Home care",
    "questionnaire": "Questionnaire",
    "relief_answer": "Answer about relief",
    "location": "How far it reaches",
    "retraction": "Withdrawal",
}
VISITS = {"planned": "Planned", "attended": "Attended", "cancelled": "Cancelled"}
OUTCOMES = {
    "all_clear": "nothing serious found",
    "treatment": "treatment",
    "referred": "referred on",
    "tests": "tests ordered",
    "other": "something else",
    "unknown": "outcome not said",
}


@dataclass(frozen=True)
class GateRow:
    """One condition with what is known of it."""

    text: str
    evidence: str
    met: bool


@dataclass(frozen=True)
class GateCard:
    """The way into the next phase."""

    target: str
    met: int
    of: int
    rows: tuple[GateRow, ...]


@dataclass(frozen=True)
class PatternCard:
    """A pattern, what to examine for it, and the answers that it stands on."""

    title: str
    text: str
    examine: str
    matched: tuple[str, ...]
    sources: tuple[Cited, ...]


@dataclass(frozen=True)
class Patterns:
    """Patterns, and the signs of a spinal origin: those that are there, of how many."""

    cards: tuple[PatternCard, ...]
    spinal: str
    signs: tuple[str, ...]


@dataclass(frozen=True)
class VisitRow:
    """A visit to a doctor."""

    state: str
    when: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class RejectedRow:
    """Something that a phone sent and that could not be accepted."""

    kind: str
    at: Moment
    why: str
    judged: bool
    discarded: bool
    raw: str


def gate_card(gate: Gate | None) -> GateCard | None:
    """The gate as a checklist; nothing in the last phase."""
    if gate is None:
        return None
    rows = tuple(GateRow(line.text, _evidence(line), line.met) for line in gate.lines)
    met = sum(row.met for row in rows)
    return GateCard(PHASES.get(gate.target, gate.target), met, len(rows), rows)


_STATES = {
    "no_flare": ("No flare of late", "A flare runs, or lately led the plan back"),
    "not_held": ("Nobody holds it", "A therapist holds it"),
}
_VALUES = {
    "day": "Day {}",
    "days_in_phase": "{} days in this phase",
    "pain": "Mean {}",
    "session_pain": "Highest {}",
    "next_morning": "Highest rise {}",
}


def _evidence(line: GateLine) -> str:
    if line.code == "no_open_prompt":
        level = Level(int(line.value or 0))
        return "No alert is open" if level is Level.NONE else f"Highest open: {badge(level).label}"
    if line.code in _STATES:
        return _STATES[line.code][0 if line.met else 1]
    if line.value is None:
        return "Too few days logged" if line.code == "pain" else "No session said"
    return _VALUES.get(line.code, "{}").format(number(Fraction(line.value)))


def patterns(found: Sequence[Matched], spinal: SpinalScore) -> Patterns:
    """The patterns that fit, and the signs that point to the spine."""
    labels = _labels("spinal_signs")
    return Patterns(
        cards=tuple(_pattern(match) for match in found),
        spinal=f"{spinal.score} of {len(SPINAL_SIGNS)}" if spinal.answered else "not asked",
        signs=tuple(labels.get(sign, sign) for sign in spinal.present),
    )


def _pattern(match: Matched) -> PatternCard:
    return PatternCard(
        title=match.hint.title,
        text=match.hint.says,
        examine=match.hint.examine,
        matched=tuple(_matched(feature) for feature in match.features),
        sources=cited((*match.hint.references, *match.hint.facts)),
    )


def _matched(feature: Match) -> str:
    said = ", ".join(_said(one) for one in feature.said)
    source = "intake" if feature.source == "intake" else "reports"
    return f"{feature.says} ({source}: {said})"


def _said(answer: str) -> str:
    question, colon, value = answer.partition(": ")
    if colon:
        label = _labels(question).get(value, value.replace("_", " "))
        return f"{question.replace('_', ' ')}: {label}"
    try:
        return catalog.symptom(answer).question
    except KeyError:
        return answer.replace("_", " ")


def _labels(question: str) -> dict[str, str]:
    found = (item for item in catalog.intake_questions() if item.id == question)
    return {option.value: option.label for item in found for option in item.options}


def visit_row(visit: Visit) -> VisitRow:
    """A visit in words."""
    day = visit.attended_on or visit.planned_on
    lines = [f"With {visit.with_whom}"] if visit.with_whom else []
    if visit.outcome:
        lines.append(f"Outcome: {OUTCOMES.get(visit.outcome, visit.outcome)}")
    lines += [text for text in (visit.outcome_text, visit.reason) if text]
    return VisitRow(
        VISITS.get(visit.state, visit.state), long_day(day) if day else "", tuple(lines)
    )


def rejected_row(row: Quarantined, now: datetime, zone: str, *, notes: bool) -> RejectedRow:
    """What could not be accepted, with what was sent where the patient shares her own words."""
    problem = row.problem
    errors = (f"{e.get('pointer', '')} {e.get('message', '')}" for e in problem.get("errors", []))
    why = str(problem.get("detail") or "; ".join(errors) or problem.get("code", ""))
    return RejectedRow(
        kind=TYPES.get(row.type, row.type.replace("_", " ")),
        at=moment(row.received_at, now, zone),
        why=why,
        judged=row.judged,
        discarded=row.discarded_at is not None,
        raw=row.raw if notes else "",
    )
