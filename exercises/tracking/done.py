"""What sessions say was done of prescriptions."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from exercises.plans.models import Prescription
from exercises.plans.schedule import Completeness, DoneItem

_MEASURES = ("sets", "reps", "hold_s", "minutes")


class Logged(Protocol):
    """What this needs of a session."""

    @property
    def local_date(self) -> date: ...
    @property
    def data(self) -> dict[str, Any]: ...


def done_items(
    sessions: Iterable[Logged], prescriptions: Mapping[UUID, Prescription]
) -> Iterator[DoneItem]:
    """The items of `sessions` that fulfil one of `prescriptions`, as far as they do.

    An item that names an exercise instead counts for the prescription of that exercise, if there
    is one: a patient who did it need not know how it was prescribed.
    """
    for session in sessions:
        for item in session.data["items"]:
            row = _prescription(item, session.local_date, prescriptions)
            if row is not None:
                yield DoneItem(
                    row.id, session.local_date, item.get("slot"), _completeness(item, row.dose)
                )


def _prescription(
    item: dict[str, Any], day: date, prescriptions: Mapping[UUID, Prescription]
) -> Prescription | None:
    if "prescription" in item:
        return prescriptions.get(UUID(item["prescription"]))
    rows = (row for row in prescriptions.values() if row.exercise == item["exercise"])
    return next((row for row in rows if _stands(row, day)), None)


def _stands(row: Prescription, day: date) -> bool:
    return row.starts_on <= day and (row.ends_on is None or day < row.ends_on)


def _completeness(item: dict[str, Any], dose: dict[str, Any]) -> Completeness:
    done: dict[str, int] = item["done"]
    if not any(done[name] for name in _MEASURES):
        # Logged without numbers: done unless she says that she stopped.
        return "done" if item["stopped_because"] == "none" else "skipped"
    asked = {name: dose[name]["min"] for name in _MEASURES if dose.get(name)}
    short = any(done[name] and done[name] < least for name, least in asked.items())
    return "partial" if short or item["stopped_because"] != "none" else "done"
