"""Reads of the clinics' templates.

To apply one to a patient's plan: `template_for(user, template_id, now)` is the template as far as
`user` may use it (None else), and `wanted_in(template, phase)` what it prescribes in a phase, each
item a `prescribable.Wanted` to judge (`refusals`) and to write (`written`) for that patient. Note
`template.pk` and `template.version` beside what was done: `TemplateEdition` keeps every version.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from backend.accounts.access import is_open
from backend.accounts.models import Membership, Role, User
from exercises.catalog.shapes import PhaseId
from exercises.plans.clinic_template import from_plain
from exercises.plans.models import ClinicTemplate
from exercises.plans.prescribable import Wanted


def templates_for(user: User, now: datetime) -> QuerySet[ClinicTemplate]:
    """The templates, retired ones too, of the clinics where `user` is a therapist; by name."""
    employed = Membership.objects.filter(
        is_open(now), user=user, role=Role.THERAPIST, clinic=OuterRef("clinic")
    )
    return ClinicTemplate.objects.filter(Exists(employed)).order_by("name", "pk")


def usable_templates_for(user: User, now: datetime) -> QuerySet[ClinicTemplate]:
    """Those of them that are not retired."""
    return templates_for(user, now).filter(retired_at=None)


def template_for(user: User, template_id: UUID, now: datetime) -> ClinicTemplate | None:
    """One of them, retired or not; None for one of another clinic as for one that never was."""
    return templates_for(user, now).filter(pk=template_id).first()


def wanted_in(template: ClinicTemplate, phase: PhaseId) -> tuple[Wanted, ...]:
    """What the template prescribes in `phase`; nothing where it says nothing of it."""
    return from_plain(template.phases)[phase]
