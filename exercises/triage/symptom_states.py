"""What a patient last said of each symptom, and since when it has been so (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from exercises.triage.rules.record import SymptomFact


@dataclass(frozen=True)
class SymptomState:
    """The latest answer about one symptom: there or not, with what was said of it. It has been so
    since the report of `since`, and was last answered on `last_on`."""

    code: str
    present: bool
    attrs: Mapping[str, object]
    since: date
    last_on: date


def symptom_states(said: Iterable[SymptomFact]) -> tuple[SymptomState, ...]:
    """The state of each symptom that was ever answered: those that are there first, the newest
    first, and then the others by code."""
    found: dict[str, SymptomState] = {}
    for fact in sorted(said, key=lambda one: (one.occurred_at, one.order)):
        before = found.get(fact.code)
        goes_on = before is not None and before.present == fact.present
        found[fact.code] = SymptomState(
            code=fact.code,
            present=fact.present,
            attrs=fact.attrs,
            since=before.since if before and goes_on else fact.local_date,
            last_on=fact.local_date,
        )
    return tuple(sorted(found.values(), key=_order))


def _order(state: SymptomState) -> tuple[bool, int, str]:
    return (not state.present, -state.since.toordinal() if state.present else 0, state.code)
