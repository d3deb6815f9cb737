"""When a plan may move on to its next phase: the gate as a checklist (pure).

The numbers come from the catalogue's phases content; the clinical reasoning is that pain has to
subside before load is added (specification, 3.1). Days are plan days: day 0 is the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from exercises.catalog.shapes import PhaseFile, PhaseId

ORDER: tuple[PhaseId, ...] = ("initial", "rehab", "long_term")

# The level `prompt_days` of exercises.triage.levels, which lies above this package.
BLOCKING_LEVEL = 3


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known on one plan day.

    `day` counts from the start of the plan, `days_in_phase` from the start of the phase.
    `window_mean` is the mean of the daily pains (0-10) of the last seven days, None unless enough
    of them were logged; `improved` says that it clearly fell from the baseline.
    `unsteady` says that a flare runs, or has lately led the plan back by a phase.
    The worst pain during a session and the worst rise by the next morning are those of the
    catalogue's look-back days; None says that no session of those days reported one.
    """

    day: int
    days_in_phase: int
    highest_open_level: int
    window_mean: Fraction | None
    improved: bool
    worst_pain_during_last_days: int | None
    worst_next_morning_rise: int | None
    held: bool
    unsteady: bool = False


@dataclass(frozen=True)
class GateLine:
    """One line of the checklist: `text` is what is asked, `value` what is, next to `threshold`."""

    code: str
    met: bool
    text: str
    value: float | None
    threshold: float | None


@dataclass(frozen=True)
class Gate:
    """The way into `target`; open when every line is met."""

    target: PhaseId
    lines: tuple[GateLine, ...]
    passed: bool


@dataclass(frozen=True)
class Extension:
    """A phase that lasts longer than planned: by how many days, and who should look at it."""

    days: int
    task_due: bool
    review_due: bool


def next_phase(phase: PhaseId) -> PhaseId | None:
    """The phase after `phase`; None after the last."""
    after = ORDER.index(phase) + 1
    return ORDER[after] if after < len(ORDER) else None


def phase_before(phase: PhaseId) -> PhaseId | None:
    """The phase to step back to; None from the first."""
    before = ORDER.index(phase) - 1
    return ORDER[before] if before >= 0 else None


def is_step_back(phase: PhaseId, to: PhaseId) -> bool:
    """Whether going from `phase` to `to` is a step back."""
    return ORDER.index(to) < ORDER.index(phase)


def gate(phase: PhaseId, evidence: Evidence, content: PhaseFile) -> Gate | None:
    """The gate out of `phase`; None in the last phase.

    Too little pain data keeps it shut, and so does a therapist's hold. Having done no session does
    not: without one there was nothing to provoke the pain.
    """
    target = next_phase(phase)
    if target is None:
        return None
    lines = tuple(_lines(phase, target, evidence, content))
    return Gate(target, lines, all(line.met for line in lines))


def is_passed(phase: PhaseId, evidence: Evidence, content: PhaseFile) -> bool:
    """Whether the gate out of `phase` is open; looks no further than the first line that is not met."""
    target = next_phase(phase)
    return target is not None and all(line.met for line in _lines(phase, target, evidence, content))


def _lines(
    phase: PhaseId, target: PhaseId, evidence: Evidence, content: PhaseFile
) -> Iterator[GateLine]:
    yield from _time_lines(phase, target, evidence, content)
    yield from _state_lines(phase, evidence, content)


def extension(phase: PhaseId, day: int, content: PhaseFile) -> Extension | None:
    """How far plan day `day` lies beyond the planned days of `phase`; None when it does not.

    A therapist's task is due once it lasted `extended_task_after_days`, a review of the whole plan
    in the initial phase from `review_day` on.
    """
    end_day = next(item.end_day for item in content.phases if item.id == phase)
    if end_day is None or day < end_day:
        return None
    limits = content.gate
    return Extension(
        days=day - end_day,
        task_due=day - end_day >= limits.extended_task_after_days,
        review_due=phase == "initial" and day >= limits.review_day,
    )


def _time_lines(
    phase: PhaseId, target: PhaseId, evidence: Evidence, content: PhaseFile
) -> Iterator[GateLine]:
    first_day = next(item.first_day for item in content.phases if item.id == target)
    yield GateLine(
        "day",
        evidence.day >= first_day,
        content.gate.lines.day.format(days=first_day),
        evidence.day,
        first_day,
    )
    if phase == "rehab":
        days = content.gate.min_days_in_phase
        yield GateLine(
            "days_in_phase",
            evidence.days_in_phase >= days,
            content.gate.lines.days_in_phase.format(days=days),
            evidence.days_in_phase,
            days,
        )


def _state_lines(phase: PhaseId, evidence: Evidence, content: PhaseFile) -> Iterator[GateLine]:
    texts = content.gate.lines
    yield GateLine(
        "no_open_prompt",
        evidence.highest_open_level < BLOCKING_LEVEL,
        texts.no_open_prompt,
        evidence.highest_open_level,
        BLOCKING_LEVEL,
    )
    yield _pain_line(phase, evidence, content)
    yield from _tolerance_lines(evidence, content)
    yield GateLine("no_flare", not evidence.unsteady, texts.no_flare, None, None)
    yield GateLine("not_held", not evidence.held, texts.not_held, None, None)


def _pain_line(phase: PhaseId, evidence: Evidence, content: PhaseFile) -> GateLine:
    limits = content.gate
    initial = phase == "initial"
    most = limits.initial_pain_max if initial else limits.rehab_pain_max
    mean = evidence.window_mean
    met = mean is not None and (mean <= most or (initial and evidence.improved))
    text = limits.lines.pain_or_better if initial else limits.lines.pain
    return GateLine(
        "pain",
        met,
        text.format(most=most),
        None if mean is None else round(float(mean), 2),
        most,
    )


def _tolerance_lines(evidence: Evidence, content: PhaseFile) -> Iterator[GateLine]:
    limits = content.gate
    worst, rise = evidence.worst_pain_during_last_days, evidence.worst_next_morning_rise
    days = limits.session_lookback_days
    yield GateLine(
        "session_pain",
        worst is None or worst <= limits.pain_during_max,
        limits.lines.session_pain.format(most=limits.pain_during_max, days=days),
        worst,
        limits.pain_during_max,
    )
    yield GateLine(
        "next_morning",
        rise is None or rise < limits.next_morning_rise_limit,
        limits.lines.next_morning.format(most=limits.next_morning_rise_limit),
        rise,
        limits.next_morning_rise_limit,
    )
