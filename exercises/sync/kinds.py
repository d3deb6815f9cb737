"""The documents of the record itself that a phone edits offline: visits, intake and profile."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.accounts import services as accounts
from backend.accounts.api import ProfilePatch
from backend.accounts.models import Patient, User
from backend.accounts.revisions import Revision
from backend.core.problems import FieldError, Problem
from backend.core.wire import invalid
from exercises.catalog import selectors as catalog
from exercises.plans.selectors import intake_of
from exercises.plans.wire import IntakeAnswers
from exercises.sync.documents import Conflict, Document, Edit, Edited, Held, check_base
from exercises.sync.record_views import intake_record, profile_record, visit_record
from exercises.sync.services.intake import report_red_flags, take_answers
from exercises.triage.models import Alert
from exercises.triage.selectors import visit_of
from exercises.triage.services.visits import (
    BaseMissing,
    UnknownPrompts,
    VisitChanged,
    store_visit,
)
from exercises.triage.visits import VisitBody, visit_errors


def _edit_visit(edit: Edit) -> Edited:
    held = visit_of(edit.patient.pk, edit.id)
    try:
        recorded = store_visit(
            patient=edit.patient,
            visit_id=edit.id,
            body=edit.body,
            base_version=_base_version(held.rev, held.version, edit) if held else edit.base_rev,
            rev=edit.rev,
            now=edit.now,
        )
    except (VisitChanged, BaseMissing):
        raise Conflict from None
    except UnknownPrompts:
        error = FieldError("/data/prompts", "unknown_prompt", "Not a prompt of yours.")
        raise invalid([error]) from None
    is_new = held is None or held.version != recorded.visit.version
    return Edited(recorded.visit.rev, is_new)


def _base_version(held_rev: int, version: int, edit: Edit) -> int | None:
    if edit.base_rev is None:
        return None
    # No visit has version 0: an edit of another revision than the one held is stale.
    return version if edit.base_rev == held_rev else 0


def _held_visit(patient: Patient, visit_id: UUID) -> Held | None:
    visit = visit_of(patient.pk, visit_id)
    return Held(visit.rev, visit_record(visit)) if visit else None


def _edit_intake(edit: Edit) -> Edited:
    _is_hers(edit)
    held = intake_of(edit.patient.pk)
    answers: dict[str, Any] = edit.body.answers
    says_the_same = held is not None and answers.items() <= held.answers.items()
    if not says_the_same:
        check_base(held.rev if held else 0, edit.base_rev or 0)
    taken = take_answers(patient=edit.patient, answers=answers, rev=edit.rev, now=edit.now)
    return Edited(taken.intake.rev, not says_the_same, taken.alerts)


def _held_intake(patient: Patient, intake_id: UUID) -> Held | None:
    intake = intake_of(patient.pk) if intake_id == patient.pk else None
    return Held(intake.rev, intake_record(intake)) if intake else None


def _flags_of_lost_intake(
    patient: Patient, data: Any, rev: Revision, now: datetime
) -> tuple[Alert, ...]:
    """A red flag that was ticked in an intake counts, whatever became of the rest."""
    answers = data.get("answers") if isinstance(data, dict) else None
    ticked = answers.get("red_flags") if isinstance(answers, dict) else None
    known = {symptom.code for symptom in catalog.symptoms()}
    texts = [item for item in ticked if isinstance(item, str)] if isinstance(ticked, list) else []
    codes = [code for code in texts if code in known]
    return report_red_flags(patient=patient, codes=codes, rev=rev, now=now) if codes else ()


def _edit_profile(edit: Edit) -> Edited:
    _is_hers(edit)
    patient = Patient.objects.select_related("user").get(pk=edit.patient.pk)
    changes: dict[str, str] = msgspec.to_builtins(edit.body)
    if all(getattr(patient.user, name) == value for name, value in changes.items()):
        return Edited(patient.profile_rev, changed=False)
    check_base(patient.profile_rev, edit.base_rev)
    try:
        user = accounts.update_profile(
            user=patient.user, changes=changes, rev=edit.rev, now=edit.now
        )
    except accounts.ProfileInvalid as error:
        raise invalid([problem.under("/data") for problem in error.errors]) from None
    return Edited(_profile_rev(user), changed=True)


def _profile_rev(user: User) -> int:
    return Patient.objects.values_list("profile_rev", flat=True).get(pk=user.pk)


def _held_profile(patient: Patient, profile_id: UUID) -> Held | None:
    if profile_id != patient.pk:
        return None
    fresh = Patient.objects.select_related("user").get(pk=patient.pk)
    return Held(fresh.profile_rev, profile_record(fresh.user, fresh.profile_rev))


def _is_hers(edit: Edit) -> None:
    if edit.id != edit.patient.pk:
        raise Problem(400, "invalid", "The id of this document is the patient's own.")


KINDS: Sequence[Document] = (
    Document(
        name="visit",
        shape=VisitBody,
        apply=_edit_visit,
        current=_held_visit,
        errors=visit_errors,
    ),
    Document(
        name="intake",
        shape=IntakeAnswers,
        apply=_edit_intake,
        current=_held_intake,
        judge_lost=_flags_of_lost_intake,
    ),
    Document(name="profile", shape=ProfilePatch, apply=_edit_profile, current=_held_profile),
)
