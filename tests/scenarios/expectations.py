"""Compares what a simulation printed with what a scenario expects (pure)."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

LEVELS = ("none", "routine", "see_doctor_soon", "prompt_days", "urgent_same_day", "emergency_now")
# From here on a scenario names every rule that has fired.
COMPLETE_FROM = LEVELS.index("see_doctor_soon")
AT_ONCE = timedelta(minutes=1)

Seen = dict[str, Any]


def disagreements(expected: Seen, seen: Seen) -> list[str]:
    """What a checkpoint expected (its `expect`) and did not find in the observation printed for it;
    each disagreement in words."""
    return [words for check in CHECKS for words in check(expected, seen)]


def _level(expected: Seen, seen: Seen) -> Iterator[str]:
    accepted = [expected["level"], *expected.get("acceptable_levels", [])]
    if seen["level"] not in accepted:
        yield f"level is {seen['level']}, expected {' or '.join(accepted)}"


def _fired(expected: Seen, seen: Seen) -> Iterator[str]:
    levels = {alert["rule"]: LEVELS.index(alert["level"]) for alert in seen["alerts"]}
    for rule in expected["must_fire"]:
        if rule not in levels:
            yield f"{rule} has not fired"
    for rule in expected["must_not_fire"]:
        if rule in levels:
            yield f"{rule} has fired"
    for rule, level in levels.items():
        if level >= COMPLETE_FROM and rule not in expected["must_fire"]:
            yield f"{rule} has fired and is not expected"


def _counts(expected: Seen, seen: Seen) -> Iterator[str]:
    counts = Counter(alert["rule"] for alert in seen["alerts"])
    for rule, count in expected.get("alert_count", {}).items():
        if counts[rule] != count:
            yield f"{rule} has {counts[rule]} alerts, expected {count}"


def _same(expected: Seen, seen: Seen) -> Iterator[str]:
    for name in ("phase", "plan_state", "therapist_review_open"):
        if name in expected and seen[name] != expected[name]:
            yield f"{name} is {seen[name]}, expected {expected[name]}"


def _immediately(expected: Seen, seen: Seen) -> Iterator[str]:
    if "notify_immediately" not in expected:
        return
    opened = {alert["rule"]: datetime.fromisoformat(alert["opened_at"]) for alert in seen["alerts"]}
    at_once = any(
        datetime.fromisoformat(said["sent_at"]) - opened[said["rule"]] <= AT_ONCE
        for said in _to_patient(seen)
        if said["sent_at"]
    )
    if at_once != expected["notify_immediately"]:
        yield f"notified at once: {at_once}"


def _reminders(expected: Seen, seen: Seen) -> Iterator[str]:
    if expected.get("reminders") != "stopped":
        return
    last = {said["rule"]: said for said in _to_patient(seen)}
    for rule, said in last.items():
        if said["decision"] not in ("suppress", "expire"):
            yield f"{rule} goes on being said: {said['decision']} ({said['reason']})"


def _to_patient(seen: Seen) -> list[Seen]:
    """The messages to the patient, in the order in which they were due."""
    own = [said for said in seen["notifications"] if said["audience"] == "patient"]
    return sorted(own, key=lambda said: datetime.fromisoformat(said["due_at"]))


CHECKS = (_level, _fired, _counts, _same, _immediately, _reminders)
