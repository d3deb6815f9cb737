"""A clinic's templates are made, edited and retired; each version is kept.

Unlike its neighbours these open a transaction of their own: a template is nobody's record.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from backend.accounts import audit
from backend.accounts.models import Clinic, User
from exercises.catalog.content import catalog
from exercises.plans.clinic_template import Flaw, Phases, as_plain, flaws, is_empty
from exercises.plans.models import ClinicTemplate, TemplateEdition


class TemplateInvalid(Exception):
    """`flaws` says what a template may not hold; with none, it holds no exercise at all."""

    def __init__(self, found: list[Flaw]) -> None:
        super().__init__("invalid template")
        self.flaws = found


class NameTaken(Exception):
    """The clinic has a template of that name."""


class TemplateChanged(Exception):
    """Somebody changed or retired the template since that version."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a template says."""

    name: str
    description: str
    phases: Phases


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who writes it, when, and the id under which the request is logged."""

    user: User
    now: datetime
    trace_id: str = ""

    def record(self, action: str, template: ClinicTemplate) -> None:
        """Audits what she did."""
        audit.record(
            actor_id=self.user.pk,
            action=action,
            object_kind="template",
            object_id=str(template.pk),
            trace_id=self.trace_id,
            now=self.now,
        )


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
    _store(template, author, "template.made", is_new=True)
    return template


def edit_template(
    *, template: ClinicTemplate, content: Content, base_version: int, author: Author
) -> ClinicTemplate:
    """The template as `content` says it, given on `base_version` of it; what it says already
    changes nothing. Raises `TemplateInvalid`, `NameTaken` and `TemplateChanged`."""
    _check(content)
    with transaction.atomic():
        held = ClinicTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
        before = (held.name, held.description, held.phases)
        held.name, held.description = content.name, content.description
        held.phases = as_plain(content.phases)
        if held.retired_at is None and before == (held.name, held.description, held.phases):
            return held
        if held.retired_at is not None or held.version != base_version:
            raise TemplateChanged
        held.version += 1
        _store(held, author, "template.changed")
    return held


@transaction.atomic
def retire_template(
    *, template: ClinicTemplate, base_version: int, author: Author
) -> ClinicTemplate:
    """The template is no longer offered; what came of it stays. Retired again, it stays as it is.
    Raises `TemplateChanged`."""
    held = ClinicTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
    if held.retired_at is not None:
        return held
    if held.version != base_version:
        raise TemplateChanged
    held.retired_at = author.now
    held.save(update_fields=["retired_at"])
    author.record("template.retired", held)
    return held


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
    try:
        with transaction.atomic():
            template.save(force_insert=is_new)
    except IntegrityError:
        raise NameTaken from None
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
