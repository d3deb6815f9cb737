"""Prescriptions come with a phase and end with it, or give way to a flare's for some days; an ended
one never changes again."""

from collections.abc import Collection
from datetime import date

import msgspec

from backend.accounts.models import User
from backend.accounts.revisions import Revision
from exercises.catalog.content import catalog
from exercises.catalog.shapes import PhaseId
from exercises.plans.models import Flare, Prescription, RecoveryPlan
from exercises.plans.prescribable import Written
from exercises.plans.prescribed import variation_columns
from exercises.plans.selectors import (
    breaks_from,
    phase_of,
    standing_prescriptions,
    template_items,
)
from exercises.plans.template import Item, is_contraindicated, is_left_out


def prescribe_phase(
    *,
    plan: RecoveryPlan,
    phase: PhaseId,
    on_date: date,
    profile_flags: Collection[str],
    standing: Collection[str] = (),
    rev: Revision,
) -> list[Prescription]:
    """Prescribe what the catalogue serves in `phase`, from `on_date` on, less what is
    contraindicated under `profile_flags` (codes of the catalogue's conditions), what a therapist
    took away, and the exercises `standing` already."""
    items = template_items(plan, phase, on_date, profile_flags)
    return _prescribe(plan, phase, [i for i in items if i.exercise not in standing], rev)


def adapt_prescriptions(
    *,
    plan: RecoveryPlan,
    on_date: date,
    flags_before: Collection[str],
    flags_now: Collection[str],
    rev: Revision,
) -> bool:
    """Follow a profile that changed, from `on_date` on; whether anything had to change.

    What the new flags forbid ends. What only the old flags forbade comes back, and nothing else
    does, so that an exercise which a therapist took away stays away.
    """
    ended = _forbidden(plan, on_date, frozenset(flags_now) - frozenset(flags_before))
    _end(ended, on_date, rev)
    phase = phase_of(plan)
    known = {item.exercise for item in template_items(plan, phase, on_date, flags_before)}
    known |= {row.exercise for row in standing_prescriptions(plan, on_date) if row.flare_id is None}
    items = template_items(plan, phase, on_date, flags_now)
    back = [item for item in items if item.exercise not in known]
    _prescribe(plan, phase, back, rev)
    return bool(ended or back)


def end_prescriptions(
    *,
    plan: RecoveryPlan,
    on_date: date,
    but: Collection[Prescription] = (),
    rev: Revision,
) -> None:
    """End all prescriptions that still stand on `on_date`, `but` these; that day is the first
    without them."""
    rows = standing_prescriptions(plan, on_date)
    _end([row for row in rows if row not in but], on_date, rev)


def write_prescription(
    *,
    plan: RecoveryPlan,
    exercise: str,
    content: Written,
    before: Prescription | None,
    by: User,
    on_date: date,
    rev: Revision,
) -> Prescription:
    """Prescribe what a therapist wrote, from the local date `on_date` on, in place of `before`.

    While a flare runs, a new row rests with those that gave way to it.
    """
    row = Prescription(
        plan=plan,
        exercise=exercise,
        phase=phase_of(plan),
        dose=content.dose,
        slots=list(content.slots),
        weekdays=content.weekdays,
        starts_on=on_date,
        breaks=breaks_from(plan, before, on_date),
        by=by,
        **variation_columns(content.variation),
        rev=rev.take(),
    )
    if before is not None:
        _end([before], on_date, rev)
    row.save(force_insert=True)
    return row


def retire_prescription(*, row: Prescription, on_date: date, rev: Revision) -> None:
    """End `row`; the local date `on_date` is the first without it."""
    _end([row], on_date, rev)


def give_way(
    *,
    plan: RecoveryPlan,
    flare: Flare,
    on_date: date,
    profile_flags: Collection[str],
    rev: Revision,
) -> None:
    """Prescribe the initial phase's exercises for the days of `flare` from `on_date` on; what
    stands takes a break on them."""
    standing = list(standing_prescriptions(plan, on_date))
    for row in standing:
        row.breaks = [*row.breaks, [on_date.isoformat(), flare.ends_on.isoformat()]]
    _store(standing, rev, "breaks")
    items = template_items(plan, "initial", on_date, profile_flags)
    _prescribe(plan, "initial", items, rev, flare)


def take_back(*, plan: RecoveryPlan, flare: Flare, on_date: date, rev: Revision) -> None:
    """End the prescriptions of `flare` and the breaks for it with the local date `on_date`, when
    that is sooner than planned."""
    rows = list(flare.prescriptions.filter(ends_on__gt=on_date))
    _end(rows, on_date, rev)
    planned, end = flare.ends_on.isoformat(), on_date.isoformat()
    broken = [
        row
        for row in standing_prescriptions(plan, on_date)
        if row.breaks and row.breaks[-1][1] == planned
    ]
    for row in broken:
        row.breaks = [*row.breaks[:-1], [row.breaks[-1][0], max(end, row.breaks[-1][0])]]
    _store(broken, rev, "breaks")


def _prescribe(
    plan: RecoveryPlan,
    phase: PhaseId,
    items: list[Item],
    rev: Revision,
    flare: Flare | None = None,
) -> list[Prescription]:
    return Prescription.objects.bulk_create(
        [
            _prescription(plan, phase, item, rev.take(), flare)
            for item in items
            if flare is None or item.starts_on < flare.ends_on
        ]
    )


def _forbidden(plan: RecoveryPlan, on_date: date, flags: Collection[str]) -> list[Prescription]:
    general, exercises = catalog().contraindications, catalog().exercises
    return [
        row
        for row in standing_prescriptions(plan, on_date)
        if is_left_out(general, flags)
        or (row.exercise in exercises and is_contraindicated(exercises[row.exercise], flags))
    ]


def _end(rows: list[Prescription], on_date: date, rev: Revision) -> None:
    for row in rows:
        # One that was to begin later ends as it begins: it stays in the history, empty.
        row.ends_on = max(on_date, row.starts_on)
    _store(rows, rev, "ends_on")


def _store(rows: list[Prescription], rev: Revision, field: str) -> None:
    for row in rows:
        row.version += 1
        row.rev = rev.take()
    Prescription.objects.bulk_update(rows, [field, "version", "rev"])


def _prescription(
    plan: RecoveryPlan, phase: PhaseId, item: Item, rev: int, flare: Flare | None
) -> Prescription:
    return Prescription(
        plan=plan,
        exercise=item.exercise,
        phase=phase,
        dose=msgspec.to_builtins(item.dose),
        slots=list(item.slots),
        weekdays=item.weekdays,
        starts_on=item.starts_on,
        ends_on=flare.ends_on if flare else None,
        flare=flare,
        rev=rev,
    )
