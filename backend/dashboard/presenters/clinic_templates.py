"""A clinic's templates: as cards, and as a form over everything that the catalogue offers."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from backend.dashboard.presenters.plans import PHASES, dose_text
from exercises.catalog import selectors as catalog
from exercises.catalog.shapes import Phase
from exercises.plans.clinic_template import MAX_PER_PHASE, Flaw, Phases, from_plain
from exercises.plans.models import ClinicTemplate
from exercises.plans.prescribable import Wanted, written
from exercises.plans.template import SLOTS, spread, times_of_day

AMOUNTS = (
    ("sets", "Sets"),
    ("reps", "Repetitions"),
    ("hold_s", "Hold, seconds"),
    ("minutes", "Minutes"),
)
_SPAN = re.compile(r"\s*(\d{1,3})\s*(?:[-\u2013]\s*(\d{1,3})\s*)?")
_NOTE_LENGTH = 200

Typed = Mapping[str, str]


@dataclass(frozen=True)
class PhaseLine:
    """A phase of a template in words."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class TemplateCard:
    """A template to look at."""

    id: UUID
    name: str
    description: str
    version: int
    phases: tuple[PhaseLine, ...]


@dataclass(frozen=True)
class Field:
    """One amount of an exercise in the form, named `{phase}.{exercise}.{amount}`."""

    name: str
    label: str
    value: str


@dataclass(frozen=True)
class Row:
    """One exercise that may be chosen in a phase; `served` is the catalogue's dose in words. Only
    those that are chosen, as many as a phase may hold, show fields (`is_open`): a form of all of
    them would be too long to send."""

    name: str
    label: str
    served: str
    is_chosen: bool
    is_open: bool
    fields: tuple[Field, ...]
    note: Field
    times: Field
    days: Field
    errors: tuple[str, ...]


@dataclass(frozen=True)
class PhaseTab:
    """A phase that may be edited."""

    id: str
    title: str
    chosen: int
    is_current: bool


@dataclass(frozen=True)
class PhaseForm:
    """The form of one phase, with the others beside it."""

    id: str
    title: str
    rows: tuple[Row, ...]
    tabs: tuple[PhaseTab, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What was typed, read: the phases, and what could not be read at all, by the field's name."""

    phases: Phases
    unread: Mapping[str, str]


def template_card(template: ClinicTemplate) -> TemplateCard:
    """The template in words; a phase that it leaves alone is left out."""
    phases = from_plain(template.phases)
    lines = (
        PhaseLine(PHASES[phase], tuple(_item_text(one, catalog.phase(phase)) for one in items))
        for phase, items in phases.items()
        if items
    )
    return TemplateCard(
        template.pk, template.name, template.description, template.version, tuple(lines)
    )


def typed_of(template: ClinicTemplate) -> dict[str, str]:
    """The form's fields as the template fills them."""
    return {
        f"{phase}.{item.exercise}.{name}": value
        for phase, items in from_plain(template.phases).items()
        for item in items
        for name, value in _values(item)
    }


def phase_named(given: str) -> Phase:
    """The phase of that id, the first for anything else."""
    return next((one for one in catalog.phases() if one.id == given), catalog.phases()[0])


def read_form(typed: Typed, phase: Phase, before: ClinicTemplate | None) -> Reading:
    """The phases with what was typed of `phase`; the others are those of `before`. Times and days
    that say what `before` said stay as exact as they were: the form counts them only."""
    unread: dict[str, str] = {}
    phases = from_plain(before.phases if before else {})
    was = {item.exercise: item for item in phases[phase.id]}
    chosen = [code for code in _offered(phase) if typed.get(f"{phase.id}.{code}.on")]
    phases[phase.id] = tuple(
        _wanted(f"{phase.id}.{code}", code, typed, was.get(code), unread) for code in chosen
    )
    return Reading(phases, unread)


def form_of(typed: Typed, phase: Phase, reading: Reading, flaws: Iterable[Flaw] = ()) -> PhaseForm:
    """The form of `phase` as it was typed, with what is wrong beside each exercise."""
    wrong: dict[str, list[str]] = {}
    for flaw in flaws:
        items = reading.phases[flaw.phase]
        code = "" if flaw.item is None else items[flaw.item].exercise
        label = dict(AMOUNTS).get(flaw.field.rpartition("/")[2]) or PHASES[flaw.phase]
        start = f"{phase.id}.{code}" if flaw.phase == phase.id and code else ""
        wrong.setdefault(start, []).append(f"{label}: {flaw.message}")
    for name, message in reading.unread.items():
        wrong.setdefault(name.rpartition(".")[0], []).append(message)
    opened = {item.exercise for item in reading.phases[phase.id][:MAX_PER_PHASE]}
    return PhaseForm(
        id=phase.id,
        title=PHASES[phase.id],
        rows=tuple(_row(phase, code, typed, wrong, opened) for code in _offered(phase)),
        tabs=tuple(_tab(one, phase, reading) for one in catalog.phases()),
        errors=tuple(wrong.get("", ())),
    )


def _tab(one: Phase, current: Phase, reading: Reading) -> PhaseTab:
    chosen = len(reading.phases[one.id])
    return PhaseTab(one.id, PHASES[one.id], chosen, is_current=one.id == current.id)


def _row(
    phase: Phase,
    code: str,
    typed: Typed,
    wrong: Mapping[str, list[str]],
    opened: Collection[str],
) -> Row:
    start = f"{phase.id}.{code}"

    def field(name: str, label: str) -> Field:
        return Field(f"{start}.{name}", label, typed.get(f"{start}.{name}", ""))

    return Row(
        name=f"{start}.on",
        label=catalog.exercise(code).name,
        served=_served_text(phase, code),
        is_chosen=bool(typed.get(f"{start}.on")),
        is_open=code in opened,
        fields=tuple(field(name, label) for name, label in AMOUNTS),
        note=field("note", "Note for the patient"),
        times=field("times", "Times a day"),
        days=field("days", "Days a week"),
        errors=tuple(wrong.get(start, ())),
    )


def _wanted(
    start: str, code: str, typed: Typed, was: Wanted | None, unread: dict[str, str]
) -> Wanted:
    amounts = {} if was is None else {k: v for k, v in was.amounts.items() if k == "knee_angle_deg"}
    for name, label in AMOUNTS:
        if text := typed.get(f"{start}.{name}", "").strip():
            span = _span(text)
            if span is None:
                unread[f"{start}.{name}"] = f"{label}: a number such as 2, or a span such as 8-12."
            else:
                amounts[name] = span
    note = typed.get(f"{start}.note", "").strip()[:_NOTE_LENGTH]
    return Wanted(
        exercise=code,
        amounts=amounts,
        note=note or None,
        slots=_slots(_count(typed.get(f"{start}.times", ""), len(SLOTS)), was),
        weekdays=_weekdays(_count(typed.get(f"{start}.days", ""), 7), was),
    )


def _span(text: str) -> dict[str, int] | None:
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    least = int(found[1])
    return {"min": least, "max": int(found[2]) if found[2] else least}


def _count(text: str, most: int) -> int | None:
    # What no option of the select says is as if nothing had been chosen.
    is_number = text.isascii() and text.isdigit() and len(text) == 1
    return int(text) if is_number and 1 <= int(text) <= most else None


def _slots(count: int | None, was: Wanted | None) -> tuple[str, ...] | None:
    if count is None:
        return None
    if was is not None and was.slots is not None and len(was.slots) == count:
        return was.slots
    return times_of_day(count)


def _weekdays(count: int | None, was: Wanted | None) -> int | None:
    if count is None:
        return None
    if was is not None and was.weekdays is not None and was.weekdays.bit_count() == count:
        return was.weekdays
    return spread(count)


def _values(item: Wanted) -> Iterator[tuple[str, str]]:
    yield "on", "on"
    for name, amount in item.amounts.items():
        least, most = amount["min"], amount["max"]
        yield name, str(least) if least == most else f"{least}-{most}"
    if item.note is not None:
        yield "note", item.note
    if item.slots is not None:
        yield "times", str(len(item.slots))
    if item.weekdays is not None:
        yield "days", str(item.weekdays.bit_count())


def _item_text(item: Wanted, phase: Phase) -> str:
    exercise = catalog.find_exercise(item.exercise)
    if exercise is None:
        return item.exercise
    content = written(item, exercise, phase)
    dose = dose_text(content.dose) if content else ""
    note = f" ({item.note})" if item.note else ""
    return f"{exercise.name}: {dose}{note}" if dose else f"{exercise.name}{note}"


def _served_text(phase: Phase, code: str) -> str:
    dose = catalog.exercise(code).dose.in_phase(phase.id)
    plain: dict[str, Any] = msgspec.to_builtins(dose) if dose else {}
    return dose_text(plain) if plain else ""


def _offered(phase: Phase) -> tuple[str, ...]:
    return (*phase.exercises, *phase.available)
