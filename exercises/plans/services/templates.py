"""A clinic's templates are made and edited; each version is kept.

Unlike its neighbours these open a transaction of their own: a template is nobody's record.
"""

from dataclasses import dataclass

from django.db import transaction

from backend.accounts.models import Clinic
from exercises.catalog.content import catalog
from exercises.plans.clinic_template import Flaw, Phases, as_plain, flaws, is_empty
from exercises.plans.models import ClinicTemplate, TemplateEdition
from exercises.plans.services.writings import Author, count_on, held, save


class TemplateInvalid(Exception):
    """`flaws` says what a template may not hold; with none, it holds no exercise at all."""

    def __init__(self, found: list[Flaw]) -> None:
        super().__init__("invalid template")
        self.flaws = found


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a template says."""

    name: str
    description: str
    phases: Phases


def make_template(*, clinic: Clinic, content: Content, author: Author) -> ClinicTemplate:
    """A new template of `clinic`. Raises `TemplateInvalid` and `NameTaken`."""
    _check(content)
    template = ClinicTemplate(
        clinic=clinic,
        name=content.name,
        description=content.description,
        phases=as_plain(content.phases),
        created_at=author.now,
    )
    _store(template, author, "made", is_new=True)
    return template


def edit_template(
    *, template: ClinicTemplate, content: Content, base_version: int, author: Author
) -> ClinicTemplate:
    """The template as `content` says it, given on `base_version` of it; what it says already
    changes nothing. Raises `TemplateInvalid`, `NameTaken` and `Changed`."""
    _check(content)
    with transaction.atomic():
        found = held(template)
        before = (found.name, found.description, found.phases)
        found.name, found.description = content.name, content.description
        found.phases = as_plain(content.phases)
        if found.retired_at is None and before == (found.name, found.description, found.phases):
            return found
        count_on(found, base_version)
        _store(found, author, "changed")
    return found


def _check(content: Content) -> None:
    known = catalog()
    found = flaws(
        content.phases,
        exercises=known.exercises,
        offered=known.phases,  # type: ignore[arg-type]  # its keys are the phases' ids
        limits=known.dose_limits,
    )
    if (listed := [*found]) or is_empty(content.phases):
        raise TemplateInvalid(listed)


@transaction.atomic
def _store(template: ClinicTemplate, author: Author, action: str, *, is_new: bool = False) -> None:
    save(template, is_new=is_new)
    TemplateEdition.objects.create(
        template=template,
        version=template.version,
        name=template.name,
        description=template.description,
        phases=template.phases,
        by=author.user,
        at=author.now,
    )
    author.record(action, template)
