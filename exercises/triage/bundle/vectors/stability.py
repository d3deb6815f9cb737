"""What a clinician's word, that a symptom is known and stable, covers and what not (pure)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from exercises.triage.bundle.vectors.cases import NOON, Case, earlier, one, record, word

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CALM = {"severity": "mild", "course": "stable"}
ALARMING: dict[str, dict[str, Any]] = {
    "new": {"new_or_changed": True},
    "worsening": {"course": "worsening"},
    "worsening fast": {"course": "worsening_rapidly"},
    "spreading": {"course": "spreading"},
    "stable": {"course": "stable"},
    "severe": {"severity": "severe"},
    "moderate": {"severity": "moderate"},
    "sudden": {"onset": "sudden"},
}


def stability() -> Iterator[Case]:
    before = earlier("S-TINGLE-LEG", 2 * DAY, laterality="left", **CALM)
    given = [word("S-TINGLE-LEG", DAY)]
    now: dict[str, dict[str, Any]] = {
        "the same": {"laterality": "left", **CALM},
        "the other side": {"laterality": "right", **CALM},
        "no side": dict(CALM),
        "worse": {"laterality": "left", "severity": "moderate", "course": "stable"},
        "severe": {"laterality": "left", "severity": "severe", "course": "stable"},
        "all at once": {"laterality": "left", "onset": "sudden", **CALM},
        "easing": {"laterality": "left", "severity": "mild", "course": "improving"},
        "worsening": {"laterality": "left", "severity": "mild", "course": "worsening"},
        "nobody said how it goes": {"laterality": "left", "severity": "mild"},
        "nobody said how bad": {"laterality": "left", "course": "stable"},
        "further up": {"laterality": "left", "extent": "below_knee", **CALM},
    }
    for says, attrs in now.items():
        yield (
            f"known to the clinician, and now: {says}",
            record(before, one("S-TINGLE-LEG", **attrs), known_stable=given),
        )
    for side in ("left", "right"):
        yield (
            f"the clinician's word is on the {side}",
            record(
                one("S-TINGLE-LEG", laterality="left", **CALM),
                known_stable=[word("S-TINGLE-LEG", DAY, side=side)],
            ),
        )
    yield from _known_elsewhere()


def _known_elsewhere() -> Iterator[Case]:
    yield (
        "told before the clinician's word",
        record(
            earlier("S-TINGLE-LEG", DAY, laterality="left", **CALM),
            known_stable=[word("S-TINGLE-LEG", HOUR)],
        ),
    )
    yield "a red flag is never known", record(one("S-SADDLE"), known_stable=[word("S-SADDLE", DAY)])
    yield "a weak knee, known", record(one("S-BUCKLE"), known_stable=[word("S-BUCKLE", DAY)])
    yield (
        "a weak knee, known, but changed",
        record(one("S-BUCKLE", new_or_changed=True), known_stable=[word("S-BUCKLE", DAY)]),
    )
    yield (
        "another symptom is known",
        record(one("S-BUCKLE"), known_stable=[word("S-CLAUDICATION", DAY)]),
    )
    for says, attrs in ALARMING.items():
        yield (
            f"walking is hard, known, and now {says}",
            record(one("S-WALK-DIFFICULT", **attrs), known_stable=[word("S-WALK-DIFFICULT", DAY)]),
        )
    yield from _known_extents()
    ended = word("S-BUCKLE", 2 * DAY)
    yield (
        "the clinician's word has ended",
        record(
            one("S-BUCKLE"),
            known_stable=[replace(ended, expires_at=NOON)],
        ),
    )


def _known_extents() -> Iterator[Case]:
    """Numb and weak legs: moderate before, and how far up now."""
    calm = {"laterality": "left", "severity": "moderate", "course": "stable"}
    for code, known, now in (
        ("S-NUMB-LEG", "patch", "below_knee"),
        ("S-NUMB-LEG", "below_knee", "patch"),
        ("S-WEAK-LEG", "below_knee", "whole_leg"),
        ("S-WEAK-LEG", "whole_leg", "half_body"),
        ("S-WEAK-LEG", "half_body", "below_knee"),
    ):
        yield (
            f"{code}, known as {known}, now {now}",
            record(
                earlier(code, 2 * DAY, extent=known, **calm),
                one(code, extent=now, **calm),
                known_stable=[word(code, DAY)],
            ),
        )
