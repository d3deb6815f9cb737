"""The pain chart in words, for whoever does not see it (pure)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from backend.dashboard.presenters.numbers import score
from backend.dashboard.presenters.times import day_text

DAY = timedelta(days=1)
GAPS = {
    "not_logged": "not logged",
    "not_synced": "not synced since",
    "nothing_due": "before the plan",
}
LABELS = {"knee": "Knee", "leg": "Leg", "back": "Back"}

Values = Mapping[str, Mapping[date, Fraction]]
Spans = Sequence[tuple[date, date]]


def description(
    values: Values, *, days: int, flares: Spans, alerts: int, absences: Mapping[date, str]
) -> str:
    """What the chart shows: by site from when to when, flares, and the days without a value."""
    parts = [f"Daily pain by site, 0 to 10, over {days} days."]
    parts += [_site(label, values.get(site)) for site, label in LABELS.items()]
    if alerts:
        parts.append(f"{alerts} {'alert' if alerts == 1 else 'alerts'} marked.")
    if flares:
        spans = ", ".join(f"{day_text(start)} to {day_text(end - DAY)}" for start, end in flares)
        parts.append(f"Flares: {spans}.")
    if gaps := Counter(absences.values()):
        said = ", ".join(f"{count} {GAPS[code]}" for code, count in sorted(gaps.items()))
        parts.append(f"Days without a value: {said}.")
    return " ".join([*parts, "The table holds the same numbers."])


def _site(label: str, values: Mapping[date, Fraction] | None) -> str:
    if not values:
        return f"{label}: nothing logged."
    first, last = min(values), max(values)
    return (
        f"{label}: {len(values)} days logged, {score(values[first])} on {day_text(first)}, "
        f"{score(values[last])} on {day_text(last)}, highest {score(max(values.values()))}."
    )
