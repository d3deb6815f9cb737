"""A clinic's templates on the wire."""

from collections.abc import Iterator
from typing import Annotated, cast
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from backend.core.problems import FieldError
from backend.core.wire import PLAIN, Instant, Wire
from exercises.catalog.shapes import PhaseId
from exercises.plans.clinic_template import MAX_PER_PHASE, Flaw, Phases, from_plain
from exercises.plans.dose_wire import DoseBody, Exercise, Slot, Slots, Weekdays, wanted
from exercises.plans.models import ClinicTemplate
from exercises.plans.prescribable import Wanted
from exercises.plans.services.templates import Content
from exercises.plans.wire import DoseRange

Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=PLAIN)]
Description = Annotated[str, Meta(max_length=500, pattern=PLAIN)]


class TemplateExercise(Wire, frozen=True, kw_only=True):
    """An exercise in one phase; what is absent is as the catalogue serves it there. `weekdays` has
    0 for Monday."""

    exercise: Exercise
    dose: DoseBody = DoseBody()
    slots: Slots | UnsetType = UNSET
    weekdays: Weekdays | UnsetType = UNSET


Items = Annotated[list[TemplateExercise], Meta(max_length=MAX_PER_PHASE)]


class TemplatePhases(Wire, frozen=True, kw_only=True):
    """What is prescribed in each phase; one that is empty is left as the catalogue has it."""

    initial: Items = []
    rehab: Items = []
    long_term: Items = []


class TemplateBody(Wire, frozen=True, kw_only=True):
    """What a template says; at least one phase holds an exercise."""

    name: Name
    description: Description = ""
    phases: TemplatePhases


class NewTemplate(TemplateBody, frozen=True, kw_only=True):
    """`clinic` may be left out by a therapist of one clinic."""

    clinic: UUID | UnsetType = UNSET


class TemplateView(TemplateBody, frozen=True, kw_only=True):
    """A template of a clinic. One that is retired is no longer offered."""

    id: UUID
    clinic: UUID
    version: int
    created_at: Instant
    retired_at: Instant | UnsetType = UNSET


class TemplateList(Wire, frozen=True, kw_only=True):
    """A page of templates, by name."""

    items: list[TemplateView]
    next_cursor: str | None


def content_of(body: TemplateBody) -> Content:
    """What `body` says, for the service."""
    sent: dict[PhaseId, list[TemplateExercise]] = {
        "initial": body.phases.initial,
        "rehab": body.phases.rehab,
        "long_term": body.phases.long_term,
    }
    phases: Phases = {phase: tuple(map(_wanted, items)) for phase, items in sent.items()}
    return Content(name=body.name.strip(), description=body.description.strip(), phases=phases)


def field_errors(flaws: list[Flaw]) -> Iterator[FieldError]:
    """Each flaw at its place in the body."""
    if not flaws:
        yield FieldError("/phases", "required", "Name at least one exercise.")
    for flaw in flaws:
        steps = [flaw.phase, "" if flaw.item is None else str(flaw.item), flaw.field]
        pointer = "/phases/" + "/".join(step for step in steps if step)
        yield FieldError(pointer, flaw.code, flaw.message)


def template_view(template: ClinicTemplate) -> TemplateView:
    """The template as it stands."""
    phases = from_plain(template.phases)
    return TemplateView(
        id=template.pk,
        clinic=template.clinic_id,
        name=template.name,
        description=template.description,
        phases=TemplatePhases(**{phase: [*map(_shown, items)] for phase, items in phases.items()}),
        version=template.version,
        created_at=template.created_at,
        retired_at=template.retired_at or UNSET,
    )


def _wanted(item: TemplateExercise) -> Wanted:
    return wanted(
        item.exercise,
        item.dose,
        slots=None if item.slots is UNSET else item.slots,
        weekdays=None if item.weekdays is UNSET else item.weekdays,
    )


def _shown(item: Wanted) -> TemplateExercise:
    amounts = {name: DoseRange(**amount) for name, amount in item.amounts.items()}
    mask = item.weekdays
    return TemplateExercise(
        exercise=item.exercise,
        dose=DoseBody(**amounts, note=UNSET if item.note is None else item.note),
        slots=UNSET if item.slots is None else cast(list[Slot], [*item.slots]),
        weekdays=UNSET if mask is None else [day for day in range(7) if mask >> day & 1],
    )
