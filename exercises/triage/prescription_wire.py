"""A therapist's prescriptions on the wire, and how what she sends is read."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.core.problems import FieldError
from backend.core.wire import PLAIN, ShortText, Wire
from exercises.catalog import selectors as catalog
from exercises.catalog.shapes import PhaseId
from exercises.plans.dose_wire import DoseBody, Exercise, Slots, Weekdays, amounts_of, wanted
from exercises.plans.prescribable import Wanted, limit_errors
from exercises.plans.wire import PlanPreview, PrescribedDose, PrescriptionView

Why = Annotated[str, Meta(min_length=1, max_length=500, pattern=PLAIN)]
Overrides = Annotated[dict[ShortText, Why], Meta(max_length=20)]


class PrescriptionChange(Wire, frozen=True, kw_only=True):
    """What changes of a prescription, from the local date `starts_on` (absent: today) on; another
    `exercise` takes its place. `weekdays` has 0 for Monday. `variation` is an own exercise of a
    clinic where the patient is in care, based on this exercise (null: as the catalogue has it;
    absent: as it was). `overrides` says why, by the code of each thing that stands against the
    exercise and may be gone past."""

    reason: Why
    exercise: Exercise | UnsetType = UNSET
    dose: DoseBody = DoseBody()
    slots: Slots | UnsetType = UNSET
    weekdays: Weekdays | UnsetType = UNSET
    starts_on: date | UnsetType = UNSET
    variation: UUID | UnsetType | None = UNSET
    overrides: Overrides = {}


class NewPrescription(PrescriptionChange, frozen=True, kw_only=True):
    """An exercise to prescribe, in the dose of the plan's phase where none is given."""

    exercise: Exercise


class WholePrescription(NewPrescription, frozen=True, kw_only=True):
    """A prescription as it shall be."""

    dose: DoseBody
    slots: Slots
    weekdays: Weekdays


class RetirePrescription(Wire, frozen=True, kw_only=True):
    """Why a prescription ends; the local date `ends_on` (absent: today) is the first without it."""

    reason: Why
    ends_on: date | UnsetType = UNSET


class PreviewBody(Wire, frozen=True, kw_only=True):
    """A change to look at: of `prescription` (absent: one is added), or its end (`retire`)."""

    prescription: UUID | UnsetType = UNSET
    retire: bool = False
    exercise: Exercise | UnsetType = UNSET
    dose: DoseBody = DoseBody()
    slots: Slots | UnsetType = UNSET
    weekdays: Weekdays | UnsetType = UNSET
    starts_on: date | UnsetType = UNSET
    variation: UUID | UnsetType | None = UNSET
    overrides: Overrides = {}


class AgainstView(Wire, frozen=True, kw_only=True):
    """Something that stands against an exercise for this patient."""

    code: str
    text: str
    may_be_overridden: bool


class PatientPrescription(Wire, frozen=True, kw_only=True):
    """A prescription as a therapist sees it. `written_by` is absent where the template wrote it;
    `dose_now` is the dose after how the sessions were borne, and `adjusted_because` says why it
    differs: a `removed` exercise is not offered until she changes or ends it."""

    prescription: PrescriptionView
    version: int
    phase: PhaseId
    written_by: str | UnsetType = UNSET
    dose_now: PrescribedDose
    adjusted_because: str | UnsetType = UNSET


class PrescriptionOrderView(Wire, frozen=True, kw_only=True):
    """What was ordered of an exercise, by whom and why."""

    action: Literal["add", "change", "swap", "retire"]
    exercise: str
    prescription: UUID | UnsetType = UNSET
    made: UUID | UnsetType = UNSET
    reason: str
    overrides: dict[str, str]
    by: str
    at: datetime


class PatientPrescriptions(Wire, frozen=True, kw_only=True):
    """The prescriptions that stand or begin later, and what was ordered of them, newest first."""

    items: list[PatientPrescription]
    orders: list[PrescriptionOrderView]


class PrescriptionPreview(Wire, frozen=True, kw_only=True):
    """What the plan would be, and what she would have gone past."""

    plan: PlanPreview
    against: list[AgainstView]


Asked = PrescriptionChange | PreviewBody


def wanted_of(asked: Asked, exercise: str) -> Wanted:
    """What is asked for, of `exercise`."""
    return wanted(
        exercise,
        asked.dose,
        slots=None if asked.slots is UNSET else asked.slots,
        weekdays=None if asked.weekdays is UNSET else asked.weekdays,
    )


def change_errors(asked: Asked, today: date) -> Iterator[FieldError]:
    """What no plan could take, whatever its state; `today` is the patient's local date."""
    if isinstance(asked, PrescriptionChange) and not asked.reason.strip():
        yield FieldError("/reason", "required", "Say why.")
    if asked.exercise is not UNSET and catalog.find_exercise(asked.exercise) is None:
        yield FieldError("/exercise", "unknown_exercise", "There is no such exercise.")
    for name, message in limit_errors(amounts_of(asked.dose), catalog.dose_limits()):
        yield FieldError(f"/dose/{name}", "out_of_range", message)
    if asked.starts_on is not UNSET and asked.starts_on < today:
        yield FieldError("/starts_on", "in_the_past", "Today or later.")
    for code, why in asked.overrides.items():
        if not why.strip():
            yield FieldError(f"/overrides/{code}", "required", "Say why.")


def as_asked(asked: Wire) -> dict[str, Any]:
    """The request in plain values, by which a repetition is known."""
    plain: dict[str, Any] = msgspec.to_builtins(asked)
    return plain
