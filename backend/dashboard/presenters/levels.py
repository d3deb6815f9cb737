"""The words and shapes of the levels. No level reads as an all-clear."""

from dataclasses import dataclass

from exercises.triage.levels import Level


@dataclass(frozen=True)
class Badge:
    """A level to show: `code` picks colour and shape, `label` and `by_when` say it in words."""

    code: str
    label: str
    by_when: str


_BADGES = {
    Level.EMERGENCY_NOW: Badge("emergency_now", "Emergency", "Act now"),
    Level.URGENT_SAME_DAY: Badge("urgent_same_day", "Same day", "Today"),
    Level.PROMPT_DAYS: Badge("prompt_days", "Within 3 days", "Review within 72 hours"),
    Level.SEE_DOCTOR_SOON: Badge("see_doctor_soon", "Doctor soon", "Appointment within 2 weeks"),
    Level.ROUTINE: Badge("routine", "Routine", "At the next contact"),
    Level.NONE: Badge("none", "No open alert", ""),
}


def badge(level: Level) -> Badge:
    """The badge of a level."""
    return _BADGES[level]
