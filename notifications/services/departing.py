"""A patient deletes her data while an alert that needs somebody is open: her team is told that much,
and not who she is, since that is gone."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from backend.accounts.models import Patient
from backend.core.ids import uuid7
from exercises.triage.levels import Level
from exercises.triage.selectors import standing_alerts
from notifications.services.writing import Draft, write_messages
from notifications.teams import NOBODY, teams_of
from notifications.terms import terms

KIND = "patient_left"


def tell_team(*, patient: Patient, now: datetime, **_: Any) -> None:
    """Writes the messages, inside the transaction that deletes the data."""
    write_messages(_drafts(patient, now), now=now)


def _drafts(patient: Patient, now: datetime) -> Iterator[Draft]:
    level = Level(max(standing_alerts(patient.pk).values_list("level", flat=True), default=0))
    if level < Level.URGENT_SAME_DAY:
        return
    team = teams_of([patient.pk], now).get(patient.pk, NOBODY)
    for person in team.at_step("therapist"):
        yield Draft(
            chain=f"{KIND}:{uuid7()}",
            recipient=person,
            patient=None,
            audience="therapist",
            kind=KIND,
            level=level,
            channels=terms().of(level).therapist_channels,
            due_at=now,
        )
