"""The parts of a patient's overview that her shared diary fills."""

from dataclasses import dataclass
from datetime import datetime

from backend.dashboard.presenters.body import Body, body
from backend.dashboard.presenters.calendar import Calendar, calendar
from backend.dashboard.presenters.pain import PainCourse, pain_course
from backend.dashboard.presenters.picture import (
    GateCard,
    Patterns,
    RejectedRow,
    VisitRow,
    gate_card,
    patterns,
    rejected_row,
    visit_row,
)
from backend.dashboard.presenters.questionnaires import QuestionnaireCard, questionnaire_card
from exercises.triage.overview import Shared

SPANS = {6: "6 weeks", 12: "12 weeks", 26: "Half a year", 52: "A year"}
USUAL_SPAN = 6


@dataclass(frozen=True)
class Choice:
    """A span to look at."""

    weeks: int
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Parts:
    """Everything below what needs doing."""

    weeks: int
    span: str
    choices: tuple[Choice, ...]
    pain: PainCourse
    calendar: Calendar
    body: Body
    gate: GateCard | None
    patterns: Patterns
    questionnaires: tuple[QuestionnaireCard, ...]
    visits: tuple[VisitRow, ...]
    rejected: tuple[RejectedRow, ...]


def weeks_from(text: str) -> int:
    """The span that the address asks for; the usual one for anything else."""
    return next((weeks for weeks in SPANS if str(weeks) == text), USUAL_SPAN)


def parts_of(
    shared: Shared,
    *,
    weeks: int,
    now: datetime,
    zone: str,
    patient_zone: str,
) -> Parts:
    """The parts; `zone` is the reader's."""
    history, picture = shared.history, shared.picture
    return Parts(
        weeks=weeks,
        span=SPANS[weeks],
        choices=tuple(Choice(found, label, found == weeks) for found, label in SPANS.items()),
        pain=pain_course(history, zone=patient_zone),
        calendar=calendar(history),
        body=body(picture, zone=zone),
        gate=gate_card(picture.gate),
        patterns=patterns(picture.patterns, picture.spinal),
        questionnaires=tuple(questionnaire_card(found) for found in picture.questionnaires),
        visits=tuple(visit_row(visit) for visit in picture.visits),
        rejected=tuple(
            rejected_row(row, now, zone, notes=shared.notes) for row in picture.rejected
        ),
    )
