"""What a pull reads of the tables of which a record has few rows: no more than it tells.

PostgreSQL answers with these, SQLite with the models themselves, whose columns are called the same.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class PlanRow(Struct, array_like=True, frozen=True):
    """A plan."""

    id: UUID
    rev: int
    version: int
    episode: int
    phase: str
    phase_since: date
    start_date: date
    care_started_on: date
    held_at: datetime | None
    held_until: date | None
    held_reason: str
    created_at: datetime
    closed_at: datetime | None


class PauseRow(Struct, array_like=True, frozen=True):
    """A pause of a plan."""

    plan_id: UUID
    reason: str


class FlareRow(Struct, array_like=True, frozen=True):
    """A flare of a plan."""

    plan_id: UUID
    started_on: date
    ends_on: date


class PhaseChangeRow(Struct, array_like=True, frozen=True):
    """A step of a plan from phase to phase."""

    plan_id: UUID
    phase: str
    on_date: date
    cause: str
    reason: str


class PrescriptionRow(Struct, array_like=True, frozen=True):
    """A prescription."""

    id: UUID
    rev: int
    version: int
    plan_id: UUID
    exercise: str
    phase: str
    dose: dict[str, Any]
    slots: list[str]
    weekdays: int
    starts_on: date
    ends_on: date | None
    breaks: list[list[str]]
    flare_id: UUID | None
    variation: UUID | None
    variation_words: dict[str, Any] | None


class IntakeRow(Struct, array_like=True, frozen=True):
    """An intake."""

    patient_id: UUID
    rev: int
    answers: dict[str, Any]
    content_version: str
    started_at: datetime
    completed_at: datetime | None


class PatientRow(Struct, array_like=True, frozen=True):
    """Whose profile it is."""

    id: UUID
    profile_rev: int


class PersonRow(Struct, array_like=True, frozen=True):
    """The person's part of a profile."""

    id: UUID
    name: str
    time_zone: str
    language: str
    country: str
