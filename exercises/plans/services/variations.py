"""A clinic's own exercises are made and edited; each version is kept.

An edit has two steps, each in transactions of its own. The new words are stored; then each patient to
whom the exercise is prescribed gets them under her own revision, so that her phone and her screen
learn of it. Whoever prescribes holds her revision first and the exercise second: one transaction over
both here would lock them the other way round. The same edit again finishes what an interrupted one
left.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from backend.accounts.models import Clinic
from backend.accounts.revisions import PatientMissing, Revision, revision
from exercises.catalog.content import catalog
from exercises.plans.models import ClinicExercise, ClinicExerciseEdition, Prescription
from exercises.plans.services.touching import touch
from exercises.plans.services.writings import Author, count_on, held, save
from exercises.plans.variation import Variation
from exercises.plans.variations import words_of

# No zone is further behind: what ended before this is over for every patient.
_DAY = timedelta(days=1)


class UnknownBase(Exception):
    """The catalogue offers no such exercise."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a clinic's exercise says."""

    name: str
    steps: tuple[str, ...]
    note: str = ""


def make_exercise(*, clinic: Clinic, exercise: str, words: Words, author: Author) -> ClinicExercise:
    """A new exercise of `clinic`, based on the catalogue's `exercise` for good. Raises `UnknownBase`
    and `NameTaken`."""
    if exercise not in catalog().exercises:
        raise UnknownBase
    own = ClinicExercise(clinic=clinic, exercise=exercise, created_at=author.now)
    _say(own, words)
    _store(own, author, "made", is_new=True)
    return own


def edit_exercise(
    *, own: ClinicExercise, words: Words, base_version: int, author: Author
) -> ClinicExercise:
    """The exercise as `words` say it, given on `base_version` of it, and so for each patient who is
    to do it; what it says already changes nothing. Raises `NameTaken` and `Changed`."""
    with transaction.atomic():
        found = held(own)
        before = words_of(found)
        _say(found, words)
        is_same = found.retired_at is None and words_of(found) == before
        if not is_same:
            count_on(found, base_version)
            _store(found, author, "changed")
    _hand_out(words_of(found), author.now)
    return found


def _say(own: ClinicExercise, words: Words) -> None:
    own.name, own.steps, own.note = words.name, list(words.steps), words.note


@transaction.atomic
def _store(own: ClinicExercise, author: Author, action: str, *, is_new: bool = False) -> None:
    save(own, is_new=is_new)
    ClinicExerciseEdition.objects.create(
        own=own,
        version=own.version,
        name=own.name,
        steps=own.steps,
        note=own.note,
        by=author.user,
        at=author.now,
    )
    author.record(action, own)


def _hand_out(variation: Variation, now: datetime) -> None:
    behind = Prescription.objects.filter(_behind(variation, now))
    for patient in sorted(set(behind.values_list("plan__patient", flat=True))):
        try:
            with revision(patient) as rev:
                _renew(patient, variation, now, rev)
        except PatientMissing:
            # Erased meanwhile, with what was prescribed.
            continue


def _renew(patient: UUID, variation: Variation, now: datetime, rev: Revision) -> None:
    rows = Prescription.objects.filter(_behind(variation, now), plan__patient=patient)
    found = list(rows.select_related("plan").order_by("pk"))
    for row in found:
        row.variation_words = variation.as_plain()
        row.version += 1
        row.rev = rev.take()
    Prescription.objects.bulk_update(found, ["variation_words", "version", "rev"])
    for plan in {row.plan_id: row.plan for row in found}.values():
        touch(plan, rev)


def _behind(variation: Variation, now: datetime) -> Q:
    """What stands, or begins later, in open plans with the words of an earlier version."""
    stands = Q(ends_on=None) | Q(ends_on__gt=(now - _DAY).date())
    return stands & Q(
        variation=variation.id,
        variation_words__version__lt=variation.version,
        plan__closed_at=None,
    )
