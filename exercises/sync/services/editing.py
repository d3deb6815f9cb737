"""Edits of documents that a phone made offline: one wins, the loser is kept and told."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from backend.accounts.models import Patient
from backend.accounts.revisions import Revision
from exercises.sync.documents import Conflict, Edit, Gone, Held
from exercises.sync.models import DocumentVersion
from exercises.sync.ops import DocumentOp
from exercises.sync.wire import OpStatus
from exercises.triage.models import Alert


@dataclass(frozen=True)
class Verdict:
    """What became of an edit: the revision of what stands, and where it lost, what that is."""

    status: OpStatus
    rev: int | None = None
    alerts: tuple[Alert, ...] = ()
    held: Held | None = None


def edit_digest(op: DocumentOp) -> str:
    """The hash by which the same edit is known when it is sent again."""
    said = json.dumps([op.kind.name, str(op.id), op.base_rev, op.data], sort_keys=True)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def edits_known(patient: Patient, ops: Iterable[DocumentOp]) -> dict[str, DocumentVersion]:
    """The edits that came before, by digest; one query, none without edits."""
    digests = [edit_digest(op) for op in ops]
    if not digests:
        return {}
    rows = DocumentVersion.objects.filter(patient=patient, digest__in=digests)
    return {row.digest: row for row in rows}


def known_verdict(patient: Patient, op: DocumentOp, row: DocumentVersion) -> Verdict:
    """What to answer to an edit that came before: it was applied, or it lost."""
    if row.rev is not None:
        return Verdict("duplicate", row.rev)
    held = op.kind.current(patient, op.id)
    return Verdict("conflict", held.rev if held else None, held=held)


def edit(*, patient: Patient, op: DocumentOp, rev: Revision, now: datetime) -> Verdict:
    """Applies one edit inside the transaction of `rev`, and keeps it whether it wins or loses.

    Raises a `Problem` where its content does not fit the record; then nothing was written.
    """
    known = DocumentVersion.objects.filter(patient=patient, digest=edit_digest(op)).first()
    if known is not None:
        return known_verdict(patient, op, known)
    try:
        with transaction.atomic():
            edited = op.kind.apply(Edit(patient, op.id, op.body, op.base_rev, rev, now))
    except Gone:
        return Verdict("discarded")
    except Conflict:
        return _lost(patient, op, rev, now)
    _keep(patient, op, edited.rev, edited.alerts, now)
    return Verdict("applied" if edited.changed else "duplicate", edited.rev, edited.alerts)


def judge_unfit(*, patient: Patient, op: Any, rev: Revision, now: datetime) -> tuple[Alert, ...]:
    """What a document whose form is wrong says of symptoms counts all the same."""
    if op.kind is None:
        return ()
    alerts: tuple[Alert, ...] = op.kind.judge_lost(patient, op.data, rev, now)
    return alerts


def _lost(patient: Patient, op: DocumentOp, rev: Revision, now: datetime) -> Verdict:
    alerts = op.kind.judge_lost(patient, op.data, rev, now)
    held = op.kind.current(patient, op.id)
    _keep(patient, op, None, alerts, now)
    return Verdict("conflict", held.rev if held else None, alerts, held)


def _keep(
    patient: Patient, op: DocumentOp, rev: int | None, alerts: tuple[Alert, ...], now: datetime
) -> None:
    DocumentVersion.objects.create(
        patient=patient,
        type=op.kind.name,
        object_id=op.id,
        digest=edit_digest(op),
        op_id=op.op_id,
        base_rev=op.base_rev,
        rev=rev,
        data=json.dumps(op.data),
        advice_alerts=[str(alert.pk) for alert in alerts] or None,
        received_at=now,
    )
