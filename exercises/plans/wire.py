"""The shapes of the intake and of the plan on the wire."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from backend.core.wire import UNSET, UnsetType, Wire
from exercises.catalog.shapes import (
    DoseCondition,
    HomeCareModality,
    Load,
    PhaseId,
    QuestionKind,
    StopAction,
)


class IntakeOption(Wire, frozen=True, kw_only=True):
    """One answer that can be chosen."""

    value: str
    label: str


class IntakeQuestionView(Wire, frozen=True, kw_only=True):
    """One question; `min` and `max` bound numbers, `max` the length of a text."""

    id: str
    section: str
    section_title: str
    kind: QuestionKind
    text: str
    help: str
    required: bool
    options: list[IntakeOption]
    min: int | UnsetType = UNSET
    max: int | UnsetType = UNSET


class IntakeView(Wire, frozen=True, kw_only=True):
    """The questions and what was answered; `missing` names the required questions still open."""

    version: str
    status: Literal["not_started", "in_progress", "complete"]
    questions: list[IntakeQuestionView]
    answers: dict[str, Any]
    missing: list[str]
    plan_id: UUID | UnsetType = UNSET


class IntakeAnswers(Wire, frozen=True, kw_only=True):
    """Answers by question id, some or all; what is left out stays as it was."""

    answers: dict[str, Any]


class DoseRange(Wire, frozen=True, kw_only=True):
    """Whole numbers, both inclusive."""

    min: int
    max: int


class PrescribedDose(Wire, frozen=True, kw_only=True):
    """How much of an exercise; what is absent is not part of the dose. No `sets` is one set."""

    sets: DoseRange | UnsetType = UNSET
    reps: DoseRange | UnsetType = UNSET
    hold_s: DoseRange | UnsetType = UNSET
    hold_breaths: int | UnsetType = UNSET
    minutes: DoseRange | UnsetType = UNSET
    per_side: bool = False
    alternating: bool = False
    times_per_day: DoseRange | UnsetType = UNSET
    days_per_week: DoseRange | UnsetType = UNSET
    every_minutes: DoseRange | UnsetType = UNSET
    knee_angle_deg: DoseRange | UnsetType = UNSET
    load: Load | UnsetType = UNSET
    from_day: int | UnsetType = UNSET
    condition: DoseCondition | UnsetType = UNSET
    optional: bool = False
    warm_up: bool = False
    on_flare: bool = False
    build_up: bool = False
    note: str = ""


class ExerciseStopRule(Wire, frozen=True, kw_only=True):
    """A reason to stop, for the patient to read, and what follows from it."""

    code: str
    action: StopAction
    text: str


class DateSpan(Wire, frozen=True, kw_only=True):
    """Local dates from `start` until `end` (exclusive)."""

    start: date
    end: date


class VariationWords(Wire, frozen=True, kw_only=True):
    """A clinic's own way of doing an exercise of the catalogue: its name, steps and note (may be
    empty), as its therapists wrote them. All that keeps a patient safe is the exercise's."""

    id: UUID
    version: int
    name: str
    steps: list[str]
    note: str


class VariationView(VariationWords, frozen=True, kw_only=True):
    """The same, with the name of the exercise that it is based on."""

    based_on: str


class PrescriptionView(Wire, frozen=True, kw_only=True):
    """An exercise as prescribed: due on `weekdays` (0 is Monday) at each of `slots`, on the local
    dates from `starts_on` until `ends_on` (exclusive; absent is open), except on its `breaks`,
    where it gives way to what a flare prescribes. Where a clinic does it its own way, `name` is that
    of the `variation`."""

    id: UUID
    exercise: str
    name: str
    variation: VariationView | UnsetType = UNSET
    dose: PrescribedDose
    slots: list[str]
    weekdays: list[int]
    starts_on: date
    ends_on: date | UnsetType = UNSET
    breaks: list[DateSpan] = []
    stop_rules: list[ExerciseStopRule]


class PlanView(Wire, frozen=True, kw_only=True):
    """The plan that a patient follows. While it is paused no exercise is shown.

    `day` is the plan day of her local date, 0 first; `extended` says that the phase lasts longer
    than planned, on purpose, and `extended_text` says so in words. `flare` are the days of a flare
    that runs: on them the exercises of the initial phase are due, whatever the phase.
    """

    id: UUID
    version: int
    state: Literal["active", "paused"]
    pause_reasons: list[Literal["alert", "out_of_scope", "therapist"]]
    phase: PhaseId
    phase_since: date
    day: int
    start_date: date
    held: bool
    held_reason: str | UnsetType = UNSET
    extended: bool
    extended_text: str | UnsetType = UNSET
    flare: DateSpan | UnsetType = UNSET
    prescriptions: list[PrescriptionView]


class PlanPhaseView(Wire, frozen=True, kw_only=True):
    """One phase of the plan: planned plan days [first_day, end_day), and since when it runs."""

    id: PhaseId
    title: str
    summary: str
    status: Literal["past", "current", "upcoming"]
    first_day: int
    end_day: int | UnsetType = UNSET
    since: date | UnsetType = UNSET
    volume: str
    check_in: str
    exercises: list[str]
    home_care: list[HomeCareModality]
    cards: list[str]


class PhaseChangeView(Wire, frozen=True, kw_only=True):
    """A change of phase as it happened. `cause`: start, gate, advance, step_back, flare,
    recurrence."""

    phase: PhaseId
    on_date: date
    cause: str
    reason: str | UnsetType = UNSET


class PlanPhasesView(Wire, frozen=True, kw_only=True):
    """The phases in order, and how the plan went through them, oldest first."""

    phases: list[PlanPhaseView]
    changes: list[PhaseChangeView]


class GateCheck(Wire, frozen=True, kw_only=True):
    """One line of the way into the next phase: `value` is what is, against `threshold`; absent is
    not known."""

    code: str
    met: bool
    text: str
    value: float | UnsetType = UNSET
    threshold: float | UnsetType = UNSET


class GateChecklist(Wire, frozen=True, kw_only=True):
    """The way into `target`, open when every line is met."""

    target: PhaseId
    open: bool
    lines: list[GateCheck]


class PlanOrderView(Wire, frozen=True, kw_only=True):
    """What a therapist ordered: it was given on `base_version` of the plan and made `version`."""

    version: int
    base_version: int
    action: str
    to: PhaseId | UnsetType = UNSET
    until: date | UnsetType = UNSET
    reason: str
    by: str
    at: datetime


class FlareView(Wire, frozen=True, kw_only=True):
    """A flare: its local dates, how it ended (absent while it runs), and whether it led the plan
    back by a phase."""

    days: DateSpan
    outcome: str | UnsetType = UNSET
    stepped_back: bool


class PatientPlanView(Wire, frozen=True, kw_only=True):
    """The plan as a therapist sees it: with its prescriptions even while it is paused, the gate
    (absent in the last phase), and everything that changed it, newest first."""

    plan: PlanView
    gate: GateChecklist | UnsetType = UNSET
    orders: list[PlanOrderView]
    changes: list[PhaseChangeView]
    flares: list[FlareView]


class PreviewOccurrence(Wire, frozen=True, kw_only=True):
    """An occurrence that would be."""

    exercise: str
    name: str
    local_date: date
    slot: str
    state: Literal["due", "paused"]


class PlanPreview(Wire, frozen=True, kw_only=True):
    """What the plan would be after `action`, over the local dates of `days`; nothing was changed.

    `added` and `removed` are the exercises by which it differs from the plan as it is.
    """

    action: str
    phase: PhaseId
    state: Literal["active", "paused"]
    days: DateSpan
    prescriptions: list[PrescriptionView]
    added: list[str]
    removed: list[str]
    occurrences: list[PreviewOccurrence]
