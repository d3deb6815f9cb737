"""The timeline in words: what happened, who did it, and when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from backend.core.localtime import local_date
from backend.dashboard.presenters.levels import Badge, badge
from backend.dashboard.presenters.picture import OUTCOMES, TYPES, VISITS
from backend.dashboard.presenters.plans import PAUSES, PHASES, exercise_name
from backend.dashboard.presenters.reports import fact_lines
from backend.dashboard.presenters.symptoms import symptom_text
from backend.dashboard.presenters.times import Moment, day_text, long_day, moment
from exercises.conversation.models import CareMessage, CareNote
from exercises.plans.models import Flare, PhaseChange, PlanOrder, PlanPause, PrescriptionOrder
from exercises.tracking.models import Fact, FactType, Quarantined
from exercises.triage.history.timeline import Entry
from exercises.triage.history.timeline_wire import author_of, name_of
from exercises.triage.levels import Level
from exercises.triage.models import AlertEvent, KnownStable, ThresholdSet, VisitVersion
from exercises.triage.reasons import title_of

STEPS = {
    "raised": "Alert raised",
    "cleared": "Alert ended by itself",
    "acknowledged": "Alert acknowledged",
    "resolved": "Alert resolved",
    "reviewed": "Alert reviewed",
    "reopened": "Alert taken up again",
    "retracted": "Alert withdrawn by the patient",
    "acted": "Acted on an alert",
    "assigned": "Alert passed on",
    "seen": "The patient opened the advice",
    "will_go": "The patient says: will go",
    "declined": "The patient says: will not go",
    "planned": "The patient has planned a visit",
    "attended": "The patient has been to a doctor",
    "sought_care": "The patient sought care",
    "visit_off": "A planned visit was called off",
    "visit_lapsed": "Nothing was heard of a planned visit",
    "visit_outcome": "Outcome of a visit",
}
ACTIONS = {
    "called": "called",
    "messaged": "sent a message",
    "referred": "referred on",
    "no_action": "no action needed",
}
ORDERS = {
    "hold": "Phase held",
    "release_hold": "Hold released",
    "advance": "Plan moved on",
    "step_back": "Plan stepped back",
    "pause": "Plan paused",
    "resume": "Plan resumed",
    "apply": "Template applied",
}
PRESCRIBED = {"add": "Exercise added", "change": "Exercise changed", "retire": "Exercise ended"}
CAUSES = {
    "gate": "every condition was met",
    "start": "the plan began",
    "recurrence": "pain came back",
    "flare": "after a flare",
    "advance": "ordered by a therapist",
    "step_back": "ordered by a therapist",
}
FLARES = {
    "settled": "pain settled",
    "lasted": "it lasted longer than a flare may",
    "silent": "nothing was reported any more",
    "withdrawn": "the report was corrected",
    "overtaken": "the plan went elsewhere",
}


@dataclass(frozen=True)
class TimelineLine:
    """One entry: a title, what it says line by line, the patient's or therapist's own words, who did
    it, and when. `mark` is a level or nothing; `state` says that it no longer counts."""

    kind: str
    title: str
    lines: tuple[str, ...]
    note: str
    by: str
    at: Moment
    state: str
    mark: Badge | None


@dataclass(frozen=True)
class TimelineDay:
    """The entries of one local date of the patient."""

    day: str
    entries: tuple[TimelineLine, ...]


@dataclass(frozen=True)
class _Said:
    title: str
    lines: tuple[str, ...] = ()
    note: str = ""
    mark: Badge | None = None


def timeline_days(
    entries: Sequence[Entry],
    names: dict[UUID, str],
    *,
    now: datetime,
    zone: str,
    patient_zone: str,
    language: str,
) -> tuple[TimelineDay, ...]:
    """Entries, newest first, by the patient's local date; `zone` is the reader's, `names` are the
    exercises of prescriptions."""
    days = groupby(entries, key=lambda entry: local_date(entry.at, patient_zone))
    return tuple(
        TimelineDay(
            f"{day:%A} {long_day(day)}",
            tuple(_line(entry, names, now, zone, language) for entry in group),
        )
        for day, group in days
    )


def _line(
    entry: Entry, names: dict[UUID, str], now: datetime, zone: str, language: str
) -> TimelineLine:
    row = entry.row
    said = _fact(entry, names) if isinstance(row, Fact) else _WRITERS[type(row)](entry, language)
    return TimelineLine(
        kind=entry.source.kind,
        title=said.title,
        lines=said.lines,
        note=said.note,
        by=name_of(author_of(entry)),
        at=moment(entry.at, now, zone),
        state=_state(row),
        mark=said.mark,
    )


def _state(row: Any) -> str:
    if not isinstance(row, Fact):
        return ""
    if row.retracted_by:
        return "Withdrawn since"
    return "Corrected since" if row.amended_by else ""


def _fact(entry: Entry, names: dict[UUID, str]) -> _Said:
    row: Fact = entry.row
    note = str(row.data.get("note", ""))
    if row.type == FactType.RETRACTION:
        return _Said(_withdrawn(entry.target), note=note)
    lines = [*fact_lines(row, names)]
    on = f", for {day_text(row.local_date)}" if row.date_disagrees else ""
    return _Said(f"{TYPES.get(row.type, row.type)}{on}", tuple(lines), note)


def _withdrawn(target: Fact | None) -> str:
    if target is None:
        return "Withdrew a report"
    what = TYPES.get(target.type, target.type).lower()
    return f"Withdrew the report of {day_text(target.local_date)} ({what})"


def _step(entry: Entry, language: str) -> _Said:
    row: AlertEvent = entry.row
    title = STEPS.get(row.step, row.step.replace("_", " ").capitalize())
    if row.action:
        title = f"{title}: {ACTIONS.get(row.action, row.action)}"
    about = title_of(row.alert.rule, language=language)
    reason = OUTCOMES.get(row.reason, row.reason) if row.step == "visit_outcome" else row.reason
    return _Said(title, (about,), reason, badge(Level(row.alert.level)))


def _known(entry: Entry, _: str) -> _Said:
    row: KnownStable = entry.row
    attrs = {"laterality": row.side} if row.side else {}
    return _Said("Marked as known and stable", (symptom_text(row.symptom, attrs),), row.reason)


def _visit(entry: Entry, _: str) -> _Said:
    said = entry.row.content
    day = said.get("attended_on") or said.get("planned_on") or str(said.get("planned_for", ""))[:10]
    lines = [f"On {long_day(date.fromisoformat(day))}"] if day else []
    if said.get("with_whom"):
        lines.append(f"With {said['with_whom']}")
    if said.get("outcome"):
        lines.append(f"Outcome: {OUTCOMES.get(said['outcome'], said['outcome'])}")
    state = VISITS.get(said.get("state", ""), "Changed").lower()
    words = said.get("outcome_text") or said.get("reason") or ""
    return _Said(f"Doctor's visit {state}", tuple(lines), str(words))


def _order(entry: Entry, _: str) -> _Said:
    row: PlanOrder = entry.row
    lines = [f"To {PHASES.get(row.to, row.to)}"] if row.to else []
    if row.until:
        lines.append(f"Until {long_day(row.until)}")
    return _Said(ORDERS.get(row.action, row.action), tuple(lines), row.reason)


def _prescription(entry: Entry, _: str) -> _Said:
    row: PrescriptionOrder = entry.row
    title = PRESCRIBED.get(row.action, row.action.replace("_", " ").capitalize())
    return _Said(title, (exercise_name(row.exercise),), row.reason)


def _change(entry: Entry, _: str) -> _Said:
    row: PhaseChange = entry.row
    phase = PHASES.get(row.phase, row.phase)
    why = CAUSES.get(row.cause, row.cause.replace("_", " "))
    return _Said(f"Phase: {phase}", (f"From {day_text(row.on_date)}: {why}",), row.reason)


def _pause(entry: Entry, _: str) -> _Said:
    row: PlanPause = entry.row
    ended = entry.source.name == "pause_ended"
    why = PAUSES.get(row.reason, row.reason)
    return _Said("Plan runs again" if ended else "Plan rests", (f"Because of {why}",))


def _flare(entry: Entry, _: str) -> _Said:
    row: Flare = entry.row
    lines = [f"It began on {day_text(row.started_on)}"]
    if row.stepped_back:
        lines.append("It led the plan back by a phase")
    return _Said(f"Flare over: {FLARES.get(row.outcome, row.outcome)}", tuple(lines))


def _rejected(entry: Entry, _: str) -> _Said:
    row: Quarantined = entry.row
    problem = row.problem
    why = str(problem.get("detail") or problem.get("code") or "")
    state = "Repaired since" if row.repaired_by else "Kept as it came"
    kind = TYPES.get(row.type, row.type.replace("_", " ")).lower()
    lines = tuple(line for line in (why, state) if line)
    return _Said(f"A report could not be accepted ({kind})", lines)


def _thresholds(entry: Entry, _: str) -> _Said:
    row: ThresholdSet = entry.row
    lines = tuple(f"{name.replace('_', ' ')}: {value}" for name, value in row.values.items())
    return _Said("Thresholds of this patient set", lines or ("Back to the defaults",), row.reason)


def _message(entry: Entry, _: str) -> _Said:
    row: CareMessage = entry.row
    title = "Message of the patient" if row.from_patient else "Message to the patient"
    return _Said(title, note=row.text)


def _care_note(entry: Entry, _: str) -> _Said:
    row: CareNote = entry.row
    title = "Note of the care team"
    return _Said(f"{title}, a correction" if row.corrects_id else title, note=row.text)


_WRITERS: dict[type, Callable[[Entry, str], _Said]] = {
    AlertEvent: _step,
    KnownStable: _known,
    VisitVersion: _visit,
    PlanOrder: _order,
    PrescriptionOrder: _prescription,
    PhaseChange: _change,
    PlanPause: _pause,
    Flare: _flare,
    Quarantined: _rejected,
    ThresholdSet: _thresholds,
    CareMessage: _message,
    CareNote: _care_note,
}
