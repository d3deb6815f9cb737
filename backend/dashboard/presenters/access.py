"""Who looked at a patient's record, for her care team."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from backend.accounts.audit_log import Actor
from backend.accounts.models import AuditEvent
from backend.core.localtime import local_date
from backend.dashboard.presenters.times import Moment, long_day, moment

ROLES = {"therapist": "Therapist", "auditor": "Auditor", "manager": "Manager"}
# What the access was to, by the first half of its action.
THINGS = {
    "panel": "The list of patients",
    "patient": "The overview",
    "alert": "An alert",
    "alerts": "The alerts",
    "plan": "The plan",
    "prescription": "An exercise",
    "prescriptions": "The exercises",
    "hints": "The pattern hints",
    "symptom": "A symptom known as stable",
    "known_stable": "Symptoms known as stable",
    "visits": "The visits to a doctor",
    "tasks": "The tasks of the plan",
    "timeline": "The timeline",
    "series": "The figures over time",
    "adherence": "The exercises done and due",
    "notes": "The care team's notes",
    "note": "The care team's notes",
    "messages": "The messages",
    "message": "A message",
    "thresholds": "The thresholds",
    "access": "This list",
    "care": "The care relationship",
    "consent": "A consent",
    "export": "An export",
    "brief": "The brief for the doctor",
    "fhir": "The record, by another program",
    "answer": "An answer that was sent again",
}


@dataclass(frozen=True)
class AccessLine:
    """One person looked at, or changed, one thing; `times` in a row, the last of them at `at`."""

    who: str
    role: str
    what: str
    action: str
    at: Moment
    times: int


@dataclass(frozen=True)
class AccessDay:
    """The accesses of one local date of the reader."""

    day: str
    lines: tuple[AccessLine, ...]


def access_days(
    events: Sequence[AuditEvent], actors: Sequence[Actor], *, now: datetime, zone: str
) -> tuple[AccessDay, ...]:
    """`events`, newest first, with who did each; the same access in a row is one line."""
    pairs = zip(events, actors, strict=True)
    days = groupby(pairs, key=lambda pair: local_date(pair[0].at, zone))
    return tuple(
        AccessDay(f"{day:%A} {long_day(day)}", tuple(_lines(found, now, zone)))
        for day, found in days
    )


def _lines(
    pairs: Iterable[tuple[AuditEvent, Actor]], now: datetime, zone: str
) -> Iterable[AccessLine]:
    for (actor, action), group in groupby(pairs, key=lambda pair: (pair[1], pair[0].action)):
        events = [event for event, _ in group]
        thing, _, verb = action.partition(".")
        yield AccessLine(
            who=actor.name or "An account that is gone",
            role=ROLES.get(actor.role, "Not at the clinic any more"),
            what=THINGS.get(thing, thing.replace("_", " ").capitalize()),
            action=verb.replace("_", " ") or "read",
            at=moment(events[0].at, now, zone),
            times=len(events),
        )
