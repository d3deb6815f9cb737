"""Exercises, their doses, and when not to do them."""

from typing import Annotated, Literal

from msgspec import Meta, field

from exercises.catalog.shapes.base import (
    Code,
    Content,
    Count,
    ExerciseCode,
    FactId,
    PhaseId,
    Range,
    ReferenceId,
    SymptomCode,
    Text,
)

Origin = Literal["seed", "added"]
StopAction = Literal["stop", "ease", "halve", "swap", "ask_therapist", "report"]
ContraindicationEffect = Literal["exclude", "modify", "clinician_first", "supervised_only"]
DoseCondition = Literal["no_tingling", "centralises"]
Load = Literal["none", "by_therapist"]


class Dose(Content, frozen=True, kw_only=True):
    """How much of one exercise in one phase. What is None is not part of the dose.

    `sets` None means one set. `reps` counts the holds where there is a hold. `times_per_day` None
    means once on a day it is due. Due days: `days_per_week` of them; every day where only
    `times_per_day` or `every_minutes` is given; else those of the phase's volume (a `warm_up` goes
    with them). `from_day` is a plan day (day 0 is the first).
    """

    sets: Range | None = None
    reps: Range | None = None
    hold_s: Range | None = None
    hold_breaths: Count | None = None
    minutes: Range | None = None
    per_side: bool = False
    alternating: bool = False
    times_per_day: Range | None = None
    days_per_week: Range | None = None
    every_minutes: Range | None = None
    knee_angle_deg: Range | None = None
    load: Load | None = None
    from_day: Count | None = None
    condition: DoseCondition | None = None
    optional: bool = False
    warm_up: bool = False
    on_flare: bool = False
    build_up: bool = False
    note: str = ""


class Doses(Content, frozen=True, kw_only=True):
    """One exercise's doses by phase; None where the phase does not offer it."""

    initial: Dose | None = None
    rehab: Dose | None = None
    long_term: Dose | None = None

    def in_phase(self, phase: PhaseId) -> Dose | None:
        """The dose of `phase`, or None."""
        doses: dict[PhaseId, Dose | None] = {
            "initial": self.initial,
            "rehab": self.rehab,
            "long_term": self.long_term,
        }
        return doses[phase]


class StopRule(Content, frozen=True, kw_only=True):
    """A sentence the patient reads, and what the machine does when it applies."""

    code: Code
    action: StopAction
    text: Text


class Contraindication(Content, frozen=True, kw_only=True):
    """`code` names a `Condition`; while it is met, `effect` applies. `clinician_may_allow`: the
    source leaves it to a clinician to prescribe it all the same, although it is excluded."""

    code: Code
    effect: ContraindicationEffect
    text: Text
    clinician_may_allow: bool = False


class Condition(Content, frozen=True, kw_only=True):
    """Met by any of its symptoms or history items, or by any one group of answers.

    A group is met when each of its questions was answered with one of the values named. With
    nothing listed, a clinician or the state of the plan decides.
    """

    code: Code
    label: Text
    symptoms: tuple[SymptomCode, ...] = ()
    history: tuple[Code, ...] = ()
    answers: tuple[dict[Code, tuple[str, ...]], ...] = ()
    facts: tuple[FactId, ...] = ()


class Exercise(Content, frozen=True, kw_only=True):
    """One item that may be prescribed, with its variants and its doses.

    `strengthening` adds load: it waits while something is to be checked within days.
    """

    code: ExerciseCode
    name: Text
    summary: Text
    target: Text
    strengthening: bool = False
    steps: Annotated[tuple[Text, ...], Meta(min_length=3, max_length=6)]
    origin: Origin
    facts: tuple[FactId, ...]
    references: tuple[ReferenceId, ...]
    equipment: tuple[Text, ...]
    licence: Text
    easier: Text
    no_equipment: Text
    no_kneeling: Text
    no_lying: Text
    swap_to: tuple[ExerciseCode, ...]
    contraindications: tuple[Contraindication, ...]
    stop_rules: tuple[StopRule, ...]
    dose: Doses


class Replacement(Content, frozen=True, kw_only=True):
    """An exercise that is no longer offered, and what took its place."""

    code: ExerciseCode
    replaced_by: ExerciseCode | None = None


class Monitoring(Content, frozen=True, kw_only=True):
    """Pain limits (0-10) while exercising, and how a dose goes up or down.

    It goes up by steps: `reps_steps_max` times `reps_step` repetitions, then one set up to
    `sets_max`, then `hold_steps_max` times `hold_step_s`, counted from the prescribed dose.
    """

    go_max: Count
    acceptable_max: Count
    lingering_minutes: Count
    next_morning_rise: Count
    rise_factor: float
    rises_before_removal: Count
    rises_window_days: Count
    sessions_before_progress: Count
    progress_pain_max: Count
    reps_step: Count
    reps_steps_max: Count
    sets_max: Count
    hold_step_s: Count
    hold_steps_max: Count
    progress_order: tuple[Literal["reps", "sets", "hold_or_load"], ...]
    references: tuple[ReferenceId, ...]


class DoseLimits(Content, frozen=True, kw_only=True):
    """Between what a therapist may set each amount of a dose, at any time of the plan."""

    sets: Range
    reps: Range
    hold_s: Range
    minutes: Range
    knee_angle_deg: Range


class ExerciseFile(Content, frozen=True, kw_only=True):
    """exercises.toml. The stop rules and contraindications at the top hold for every exercise."""

    monitoring: Monitoring
    dose_limits: DoseLimits
    stop_rules: tuple[StopRule, ...] = field(name="stop_rule")
    contraindications: tuple[Contraindication, ...] = field(name="contraindication")
    conditions: tuple[Condition, ...] = field(name="condition")
    exercises: tuple[Exercise, ...] = field(name="exercise")
    retired: tuple[Replacement, ...] = ()
