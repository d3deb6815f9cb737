"""Random histories from a fixed seed: what nobody would think of (pure)."""

import random
from collections.abc import Iterator
from datetime import timedelta, timezone
from typing import Any

from msgspec import UNSET

from exercises.triage.bundle.record_wire import (
    SafetyPainReport,
    SafetyRecord,
    SafetySymptom,
    SafetySymptomReport,
)
from exercises.triage.bundle.vectors.cases import NOON, Case, word
from exercises.triage.rules.vocabulary import HISTORY, KINDS, RELIEF, SITES, Vocabulary

SEED = 20260504
HISTORIES = 12
HOURS = (0, 0, 1, 5, 24, 47, 48, 49, 72, 168, 192, 335, 336, 360)
ZONES = tuple(timezone(timedelta(minutes=minutes)) for minutes in (0, 120, -300, 330))
# These decide most and stand together most often.
FREQUENT = ("S-NUMB-LEG", "S-TINGLE-LEG", "S-WEAK-LEG", "S-FEVER", "S-KNEE-RED", "S-TRAUMA")


def histories(vocabulary: Vocabulary) -> Iterator[Case]:
    """The same histories whenever they are asked for."""
    source = _Source(vocabulary)
    for number in range(HISTORIES):
        yield f"history {number + 1} of {HISTORIES}", source.history()


class _Source:
    def __init__(self, vocabulary: Vocabulary) -> None:
        # The same numbers every time are the purpose; nothing here is a secret.
        self._random = random.Random(SEED)  # noqa: S311
        self._vocabulary = vocabulary
        self._codes = (*sorted(vocabulary.codes), *FREQUENT, *FREQUENT, *FREQUENT)

    def history(self) -> SafetyRecord:
        pick = self._random
        stable = [word(self._code(), timedelta(hours=self._hours()))] if self._seldom() else []
        return SafetyRecord(
            age=pick.choice((UNSET, 44, 69, 70, 81)),
            history=pick.sample(sorted(HISTORY), pick.choice((0, 0, 1, 2))),
            symptom_reports=[self._report(name) for name in "abc"[: pick.choice((1, 2, 3))]],
            pain_reports=[self._pain(name) for name in "pq"[: pick.choice((0, 1, 2))]],
            known_stable=stable,
            symptoms_since=NOON - timedelta(days=10) if self._seldom() else UNSET,
        )

    def _report(self, name: str) -> SafetySymptomReport:
        at = (NOON - timedelta(hours=self._hours())).astimezone(self._random.choice(ZONES))
        late = timedelta(days=self._random.choice((90, 91)))
        return SafetySymptomReport(
            id=name,
            occurred_at=at,
            local_date=at.date(),
            received_at=(at + late).astimezone(NOON.tzinfo) if self._seldom() else UNSET,
            symptoms=[self._symptom() for _ in range(self._random.choice((1, 1, 2, 3)))],
            answered_no=[self._code()] if self._seldom() else [],
        )

    def _symptom(self) -> SafetySymptom:
        code = self._code()
        names = [name for name, one in self._vocabulary.attributes.items() if one.kind != "text"]
        chosen = sorted(self._random.sample(names, self._random.choice((0, 2, 4, 8))))
        return SafetySymptom(
            code=code,
            present=self._random.random() < 0.9,
            attrs={name: self._value(code, name) for name in chosen},
        )

    def _value(self, code: str, name: str) -> Any:
        pick = self._random
        match self._vocabulary.attributes[name].kind:
            case "boolean":
                return pick.choice((True, False))
            case "choice":
                return pick.choice(self._vocabulary.words(code, name))
            case "date":
                return (NOON - timedelta(days=pick.choice((0, 13, 14, 15)))).date().isoformat()
            case "integer":
                return pick.choice((0, 7, 29, 30, 31))
            case _:
                return pick.choice((36.6, 37.9, 38.0, 38.1, 39.5))

    def _pain(self, name: str) -> SafetyPainReport:
        pick = self._random
        at = NOON - timedelta(hours=self._hours())
        return SafetyPainReport(
            id=name,
            occurred_at=at,
            local_date=at.date(),
            site=pick.choice(sorted(SITES)),
            kind=pick.choice(sorted(KINDS)),
            score=pick.randint(0, 10),
            relief_rest=pick.choice((*RELIEF, "unknown", "no")),
            relief_otc=pick.choice((*RELIEF, "unknown")),
        )

    def _code(self) -> str:
        return self._random.choice(self._codes)

    def _hours(self) -> int:
        return self._random.choice(HOURS)

    def _seldom(self) -> bool:
        return self._random.random() < 0.15
