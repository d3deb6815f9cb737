"""A whole push: one transaction for all that is new in it, none for what is not.

One bad op never keeps the others out. What came before is found by reading alone, so a push that is
sent again writes nothing and is answered as before.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
from django.db import InterfaceError, OperationalError

from backend.accounts.models import Patient
from backend.accounts.revisions import PatientMissing, Revision, revision
from backend.core.problems import Problem
from exercises.sync.ops import DocumentOp, FactOp, ReadOp, UnfitOp, unfit_of
from exercises.sync.retracting import is_named_by_target
from exercises.sync.services.accepting import other_content, take_in
from exercises.sync.services.answering import Answers
from exercises.sync.services.at_once import take_at_once
from exercises.sync.services.editing import (
    edit,
    edit_digest,
    edits_known,
    judge_unfit,
    known_verdict,
)
from exercises.sync.services.wording import with_wording_checked
from exercises.tracking import quarantining
from exercises.tracking.finding import KnownFact, known_about
from exercises.tracking.models import Quarantined
from exercises.tracking.services import Status, known_as
from exercises.triage.models import Alert

logger = logging.getLogger(__name__)

INTERNAL = {
    "code": "internal",
    "detail": "Something broke on our side over this one; it is kept, and can be sent again.",
}


class PushFailed(Exception):
    """Something that may be a red flag could not be judged; the phone must send it again."""


def push(*, patient: Patient, ops: Sequence[ReadOp], now: datetime) -> Answers:
    """Takes in the ops of one push; what became of each.

    Raises `PushFailed`, after the other ops were taken in, where something that may be a red flag
    could not be judged.
    """
    answers = Answers(patient.pk)
    reported = [op.report.id for op in ops if isinstance(op, FactOp)]
    about = known_about(patient.pk, reported) if reported else []
    ops = _known_facts(patient, ops, about, answers, now)
    _known_by_digest(patient, ops, answers)
    fresh = [op for op in ops if op.index not in answers.by_index]
    if fresh:
        _take(patient, fresh, answers, now, are_new=not about)
    return answers.complete()


def _known_facts(
    patient: Patient,
    ops: Sequence[ReadOp],
    about: Sequence[KnownFact],
    answers: Answers,
    now: datetime,
) -> list[ReadOp]:
    """Answers for the facts that are stored already, which are among those `about` the same ids; the
    ops, with those that they contradict, and the questionnaires that do not fit the record, turned
    into unfit ones."""
    held = {fact.id: fact for fact in about}
    if not held:
        return with_wording_checked(patient, ops)
    found: list[ReadOp] = []
    for op in ops:
        fact = held.get(op.report.id) if isinstance(op, FactOp) else None
        if isinstance(op, FactOp) and fact is not None:
            same = known_as(fact, op.report) is Status.DUPLICATE
            if same or is_named_by_target(op.report):
                answers.of_known_fact(op, fact)
            else:
                other = other_content(op.report, now, op_id=op.op_id)
                found.append(UnfitOp(op.index, op.op_id, other))
        else:
            found.append(op)
    return with_wording_checked(patient, found)


def _known_by_digest(patient: Patient, ops: Sequence[ReadOp], answers: Answers) -> None:
    """Answers for what was kept, or edited, before."""
    unfit = [op for op in ops if isinstance(op, UnfitOp)]
    kept = quarantining.kept_already(patient.pk, [op.unfit for op in unfit])
    for op in unfit:
        row = kept.get((op.unfit.id, op.unfit.digest))
        if row is not None:
            answers.of_kept(op, row)
    edits = [op for op in ops if isinstance(op, DocumentOp)]
    known = edits_known(patient, edits)
    for edited in edits:
        version = known.get(edit_digest(edited))
        if version is not None:
            verdict = known_verdict(patient, edited, version)
            answers.of_edit(edited, verdict, version.advice_alerts or ())


def _take(
    patient: Patient, ops: Sequence[ReadOp], answers: Answers, now: datetime, *, are_new: bool
) -> None:
    try:
        if _took_at_once(patient, ops, answers, now, are_new=are_new):
            return
        with revision(patient.pk, room=len(ops)) as rev:
            written = Answers(patient.pk)
            write_ops(patient, ops, written, rev, now)
    except (PatientMissing, OperationalError, InterfaceError):
        raise
    except Exception as error:
        # Whatever it was, most of the ops have nothing to do with it: each is tried for itself.
        logger.error("a push failed as a whole: %s", type(error).__name__)  # noqa: TRY400
        written = _one_by_one(patient, ops, now)
    answers.by_index |= written.by_index
    answers.alerts |= written.alerts


def _took_at_once(
    patient: Patient, ops: Sequence[ReadOp], answers: Answers, now: datetime, *, are_new: bool
) -> bool:
    """Whether all of the ops were reports that move nothing, and are stored."""
    reported = [op for op in ops if isinstance(op, FactOp)]
    if len(reported) < len(ops):
        return False
    reports = [op.report for op in reported]
    outcomes = take_at_once(patient=patient, reports=reports, now=now, are_new=are_new)
    for op, outcome in zip(reported, outcomes or (), strict=False):
        answers.of_fact(op, outcome)
    return outcomes is not None


def _one_by_one(patient: Patient, ops: Sequence[ReadOp], now: datetime) -> Answers:
    written = Answers(patient.pk)
    failed = False
    for op in ops:
        try:
            with revision(patient.pk) as rev:
                write_ops(patient, [op], written, rev, now)
        except (PatientMissing, OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.error("one op of a push failed: %s", type(error).__name__)  # noqa: TRY400
            unfit = unfit_of(op, INTERNAL)
            failed = failed or unfit.judged
            if not unfit.judged:
                with revision(patient.pk) as rev:
                    (row,) = quarantining.quarantine(
                        patient_id=patient.pk, unfit=[unfit], rev=rev, now=now
                    )
                    written.of_kept(op, row, ())
    if failed:
        raise PushFailed
    return written


def write_ops(
    patient: Patient, ops: Sequence[ReadOp], answers: Answers, rev: Revision, now: datetime
) -> None:
    reported = [op for op in ops if isinstance(op, FactOp)]
    unfit = [op for op in ops if isinstance(op, UnfitOp)]
    if reported or unfit:
        taken = take_in(
            patient=patient,
            reports=[op.report for op in reported],
            unfit=[op.unfit for op in unfit],
            keep_all=True,
            rev=rev,
            now=now,
        )
        for report, outcome in zip(reported, taken.outcomes, strict=True):
            answers.of_fact(report, outcome)
        for bad, refusal in zip(unfit, taken.refusals, strict=True):
            more = judge_unfit(patient=patient, op=bad, rev=rev, now=now)
            _answer_kept(answers, bad, refusal.row, (*refusal.alerts, *more))
    for op in ops:
        if isinstance(op, DocumentOp):
            _edit(patient, op, answers, rev, now)


def _edit(patient: Patient, op: DocumentOp, answers: Answers, rev: Revision, now: datetime) -> None:
    try:
        answers.of_edit(op, edit(patient=patient, op=op, rev=rev, now=now))
    except Problem as problem:
        said = {
            "code": problem.code,
            "detail": problem.detail,
            "errors": msgspec.to_builtins(problem.errors),
        }
        unfit = replace(unfit_of(op, said), judged=False)  # its kind judges it
        bad = UnfitOp(op.index, op.op_id, unfit, op.kind, op.data)
        (row,) = quarantining.quarantine(patient_id=patient.pk, unfit=[bad.unfit], rev=rev, now=now)
        alerts = judge_unfit(patient=patient, op=bad, rev=rev, now=now)
        _answer_kept(answers, bad, row, alerts)


def _answer_kept(
    answers: Answers,
    op: UnfitOp,
    row: Quarantined,
    alerts: Sequence[Alert],
) -> None:
    names = [str(alert.pk) for alert in alerts]
    if names and row.advice_alerts != names:
        row.advice_alerts = names
        quarantining.remember_advice([row])
    answers.of_kept(op, row, alerts)
