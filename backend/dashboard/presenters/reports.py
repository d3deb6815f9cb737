"""Recent reports, day by day, newest first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from backend.dashboard.presenters.matched import KINDS, SITES
from backend.dashboard.presenters.plans import TIMES, exercise_name
from backend.dashboard.presenters.symptoms import symptom_text
from backend.dashboard.presenters.times import Moment, moment, weekday_text
from exercises.tracking.instruments.responses import summary_of
from exercises.tracking.models import Fact, FactType
from exercises.triage.patient_page import Reported

# Below an hour nobody would read a report differently.
LATE = timedelta(hours=1)
Names = Mapping[UUID, str]


@dataclass(frozen=True)
class ReportLine:
    """One report: its kind, what it says line by line, the patient's own note, and when."""

    kind: str
    lines: tuple[str, ...]
    note: str
    at: Moment
    received: str


@dataclass(frozen=True)
class ReportDay:
    """The reports of one local date of the patient."""

    day: str
    reports: tuple[ReportLine, ...]


def report_days(
    facts: Sequence[Reported], names: Names, *, now: datetime, zone: str
) -> tuple[ReportDay, ...]:
    """`facts` by local date, newest first; `names` are the exercises of prescriptions."""
    ordered = sorted(facts, key=lambda fact: (fact.local_date, fact.occurred_at), reverse=True)
    return tuple(
        ReportDay(_day(day), tuple(_line(fact, names, now, zone) for fact in group))
        for day, group in groupby(ordered, key=lambda fact: fact.local_date)
    )


def _day(day: date) -> str:
    return weekday_text(day)


def fact_lines(fact: Fact | Reported, names: Names) -> tuple[str, ...]:
    """What a report says, line by line, without the patient's own note."""
    _, write = _WRITERS.get(fact.type, _UNKNOWN)
    return tuple(write(fact.data, names))


def _line(fact: Reported, names: Names, now: datetime, zone: str) -> ReportLine:
    kind, _ = _WRITERS.get(fact.type, (fact.type, None))
    late = fact.received_at - fact.occurred_at
    received = moment(fact.received_at, now, zone)
    return ReportLine(
        kind=kind,
        lines=fact_lines(fact, names),
        note=str(fact.data.get("note", "")),
        at=moment(fact.occurred_at, now, zone),
        received=f"received {received.exact}" if late > LATE else "",
    )


def _pain(data: Mapping[str, Any], _: Names) -> Iterable[str]:
    site, kind = SITES.get(data["site"], data["site"]), KINDS.get(data["kind"], data["kind"])
    yield f"{site} {data['score']}/10 ({kind})"
    if "most_distal" in data:
        yield f"Symptoms reach down to: {data['most_distal']}"
    for name, what in (("relief_rest", "Rest helps"), ("relief_otc", "Pain relief helps")):
        if data.get(name, "unknown") != "unknown":
            yield f"{what}: {str(data[name]).replace('_', ' ')}"


def _symptoms(data: Mapping[str, Any], _: Names) -> Iterable[str]:
    for item in data["symptoms"]:
        answer = "Yes" if item["present"] else "No"
        yield f"{answer}: {symptom_text(item['code'], item.get('attrs', {}))}"
    if denied := len(data["answered_no"]):
        yield f"No to {denied} {'question' if denied == 1 else 'questions'}"


def _session(data: Mapping[str, Any], names: Names) -> Iterable[str]:
    for item in data["items"]:
        yield _exercise(item, names)
    if "next_morning_increase" in data:
        yield f"Pain by next morning: {data['next_morning_increase']:+d}"


def _exercise(item: Mapping[str, Any], names: Names) -> str:
    prescribed = "prescription" in item
    code = names.get(UUID(item["prescription"]), "") if prescribed else item["exercise"]
    parts = [exercise_name(code) if code else "An exercise of an earlier plan"]
    if not prescribed:
        parts.append("not prescribed")
    if done := _done(item["done"]):
        parts.append(done)
    if "pain_during" in item:
        before = f"{item['pain_before']} before, " if "pain_before" in item else ""
        parts.append(f"pain {before}{item['pain_during']} during")
    if item["stopped_because"] != "none":
        parts.append(f"stopped because of {item['stopped_because']}")
    return " · ".join(parts)


def _done(done: Mapping[str, int]) -> str:
    words = []
    if done["reps"]:
        words.append(f"{done['sets'] or 1} {TIMES} {done['reps']}")
    elif done["sets"]:
        words.append(f"{done['sets']} sets")
    if done["hold_s"]:
        words.append(f"hold {done['hold_s']} s")
    if done["minutes"]:
        words.append(f"{done['minutes']} min")
    return ", ".join(words)


def _home_care(data: Mapping[str, Any], _: Names) -> Iterable[str]:
    words = [str(data[name]) for name in ("modality", "site") if name in data]
    if "minutes" in data:
        words.append(f"{data['minutes']} min")
    yield ", ".join(words).capitalize()


def _questionnaire(data: Mapping[str, Any], _: Names) -> Iterable[str]:
    yield summary_of(data)


def _relief(data: Mapping[str, Any], _: Names) -> Iterable[str]:
    what = {"relief_rest": "Rest helps", "relief_otc": "Pain relief helps"}
    question = str(data["question"])
    yield f"{what.get(question, question)}: {str(data['value']).replace('_', ' ')}"


def _location(data: Mapping[str, Any], _: Names) -> Iterable[str]:
    yield f"Symptoms reach down to: {data['most_distal']}"


Writer = Callable[[Mapping[str, Any], Names], Iterable[str]]
_WRITERS: dict[str, tuple[str, Writer]] = {
    FactType.PAIN: ("Pain", _pain),
    FactType.SYMPTOM: ("Symptoms", _symptoms),
    FactType.SESSION: ("Exercise", _session),
    FactType.HOME_CARE: ("Home care", _home_care),
    FactType.QUESTIONNAIRE: ("Questionnaire", _questionnaire),
    FactType.RELIEF: ("Answer about relief", _relief),
    FactType.LOCATION: ("How far it reaches", _location),
}
_UNKNOWN: tuple[str, Writer] = ("", lambda _data, _names: ())
