"""What the writings of a clinic, its templates and its own exercises, have in common: an author, a
name that is theirs alone, a version that an edit is given on, and that they are retired.

A writing is nobody's record: `retire` opens a transaction of its own, as those who edit do.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import IntegrityError, transaction

from backend.accounts import audit
from backend.accounts.models import User
from exercises.plans.models import ClinicExercise, ClinicTemplate

Writing = ClinicTemplate | ClinicExercise
W = TypeVar("W", ClinicTemplate, ClinicExercise)


class NameTaken(Exception):
    """The clinic has one of that name."""


class Changed(Exception):
    """Somebody changed or retired it since that version."""


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who writes it, when, and the id under which the request is logged."""

    user: User
    now: datetime
    trace_id: str = ""

    def record(self, action: str, writing: Writing) -> None:
        """Audits what she did."""
        kind = "template" if isinstance(writing, ClinicTemplate) else "clinic_exercise"
        audit.record(
            actor_id=self.user.pk,
            action=f"{kind}.{action}",
            object_kind=kind,
            object_id=str(writing.pk),
            trace_id=self.trace_id,
            now=self.now,
        )


def held(writing: W) -> W:
    """Its row as it stands, nobody else's until the transaction ends."""
    return type(writing).objects.select_for_update(of=("self",)).get(pk=writing.pk)


def count_on(writing: Writing, base_version: int) -> None:
    """Its next version, for an edit on `base_version`. Raises `Changed`."""
    if writing.retired_at is not None or writing.version != base_version:
        raise Changed
    writing.version += 1


def save(writing: Writing, *, is_new: bool) -> None:
    """Writes its row, inside the transaction that keeps the version too. Raises `NameTaken`."""
    try:
        with transaction.atomic():
            writing.save(force_insert=is_new)
    except IntegrityError:
        raise NameTaken from None


@transaction.atomic
def retire(writing: W, *, base_version: int, author: Author) -> W:
    """It is no longer offered; what came of it stays. Retired again, it stays as it is. Raises
    `Changed`."""
    found = held(writing)
    if found.retired_at is not None:
        return found
    if found.version != base_version:
        raise Changed
    found.retired_at = author.now
    found.save(update_fields=["retired_at"])
    author.record("retired", found)
    return found
