"""Questionnaires with their scores, and what a change of each means to patients, by its source."""

from dataclasses import dataclass
from decimal import Decimal

from backend.dashboard.presenters.numbers import score as number
from backend.dashboard.presenters.sources import Cited, cited
from backend.dashboard.presenters.times import day_text, long_day
from exercises.tracking.instruments.change import Change
from exercises.tracking.instruments.responses import score_of
from exercises.tracking.instruments.shapes import Activities, ChangeMeaning, Instrument
from exercises.tracking.models import Fact
from exercises.triage.picture import Questionnaire


@dataclass(frozen=True)
class FormRow:
    """One form: its day and its score with what that is made of."""

    day: str
    score: str


@dataclass(frozen=True)
class QuestionnaireCard:
    """A questionnaire: where it stands, what a change of it means, and by which source."""

    title: str
    latest: str
    change: str
    is_meaningful: bool
    meaning: str
    due: str
    forms: tuple[FormRow, ...]
    activities: tuple[str, ...]
    sources: tuple[Cited, ...]


def questionnaire_card(found: Questionnaire) -> QuestionnaireCard:
    """A questionnaire in words."""
    standing, instrument = found.standing, found.standing.instrument
    change = standing.change
    return QuestionnaireCard(
        title=instrument.title,
        latest=_score_text(instrument, standing.last) if standing.last else "Never answered",
        change=_change_text(change, day_text(standing.since)) if change else "",
        is_meaningful=change is not None and change.size is not None,
        meaning=_meaning(instrument.change),
        due=_due(found),
        forms=tuple(
            FormRow(long_day(fact.local_date), _score_text(instrument, fact))
            for fact in reversed(found.forms)
        ),
        activities=standing.activities,
        sources=cited(instrument.change.references),
    )


def _score_text(instrument: Instrument, fact: Fact) -> str:
    found = score_of(fact)
    if found is None or found.value is None:
        return "no score (not complete)"
    low, high = instrument.response.bounds
    scale = f"of {high}" if low == 0 else f"({low} to {high})"
    is_mean = isinstance(instrument.response, Activities)
    basis = f" (mean of {found.denominator})" if is_mean else ""
    return f"{number(found.value)} {scale}{basis}, higher is {instrument.higher_is}"


def _change_text(change: Change, since: str) -> str:
    points = number(abs(change.points))
    percent = f" ({abs(round(float(change.percent)))} %)" if change.percent is not None else ""
    if change.direction == "same":
        return f"No change since {since}"
    size = f"{change.size} change" if change.size else "below a meaningful change"
    said = {
        "recovered": change.recovered,
        "little room to improve at the start": change.floor,
        "little room to worsen at the start": change.ceiling,
    }
    notes = "".join(f"; {what}" for what, holds in said.items() if holds)
    direction = change.direction.capitalize()
    if change.size == "meaningful":
        size = "meaningful change"
    return f"{direction} by {points}{percent} since {since}: {size}{notes}"


def _meaning(meaning: ChangeMeaning) -> str:
    steps = ", ".join(f"{step.size} from {_plain(step.points)}" for step in meaning.steps)
    parts = [f"Points of change: {steps}"]
    if meaning.percent_better is not None:
        parts.append(f"or {meaning.percent_better} % better")
    if meaning.recovered_max is not None:
        parts.append(f"recovered at {meaning.recovered_max} or less")
    return "; ".join(parts)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _due(found: Questionnaire) -> str:
    due = found.standing.due
    if due.state == "due" and due.due_on and due.until:
        return f"Due since {day_text(due.due_on)}, until {day_text(due.until)}"
    return f"Next on {long_day(due.next_on)}" if due.next_on else ""
