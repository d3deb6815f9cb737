"""The phases of a plan and the numbers of their gates."""

from msgspec import field

from exercises.catalog.shapes.base import (
    Content,
    Count,
    ExerciseCode,
    FactId,
    HomeCareModality,
    PhaseId,
    Range,
    ReferenceId,
    Text,
)


class Volume(Content, frozen=True, kw_only=True):
    """How much exercise a phase asks for."""

    text: Text
    minutes_per_day: Range
    days_per_week: Range
    bouts_per_day: Range | None = None
    daily_walk: bool = False
    weekly_increase_percent: Count | None = None
    activity_minutes_per_week: Count | None = None
    walk_minutes: Count | None = None
    walk_days_per_week: Count | None = None


class CheckIn(Content, frozen=True, kw_only=True):
    """How often a phase asks for pain scores, the overall change (GROC) and questionnaires."""

    text: Text
    pain_per_week: Range
    groc_every_days: Count | None = None
    proms_every_days: Count | None = None


class Phase(Content, frozen=True, kw_only=True):
    """Half-open plan days [first_day, end_day); the last phase has no end.

    `exercises` are served by default (a dose may be optional or begin later); `available` are the
    others with a dose here, which a therapist may add.
    """

    id: PhaseId
    title: Text
    first_day: Count
    end_day: Count | None = None
    summary: Text
    exercises: tuple[ExerciseCode, ...]
    available: tuple[ExerciseCode, ...]
    home_care: tuple[HomeCareModality, ...]
    cards: tuple[Text, ...]
    volume: Volume
    check_in: CheckIn
    facts: tuple[FactId, ...]
    references: tuple[ReferenceId, ...]


class GateTexts(Content, frozen=True, kw_only=True):
    """The lines of a gate as the patient reads them; `{days}` and `{most}` are its numbers."""

    day: Text
    days_in_phase: Text
    no_open_prompt: Text
    pain_or_better: Text
    pain: Text
    session_pain: Text
    next_morning: Text
    no_flare: Text
    not_held: Text


class Gate(Content, frozen=True, kw_only=True):
    """Numbers of the phase gates and of flares.

    Pains are 0-10; a next-morning rise of `next_morning_rise_limit` or more blocks.
    """

    initial_pain_max: Count
    rehab_pain_max: Count
    min_days_in_phase: Count
    session_lookback_days: Count
    pain_during_max: Count
    next_morning_rise_limit: Count
    review_day: Count
    extended_task_after_days: Count
    flare_days_max: Count
    flares_window_days: Count
    flares_before_step_back: Count
    extended_text: Text
    lines: GateTexts
    facts: tuple[FactId, ...]
    references: tuple[ReferenceId, ...]


class PhaseFile(Content, frozen=True, kw_only=True):
    """phases.toml."""

    gate: Gate
    phases: tuple[Phase, ...] = field(name="phase")
