"""Writes of the visit brief: the patient's questions, and the links that she passes on."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from backend.accounts import audit
from backend.accounts.models import Patient
from backend.accounts.revisions import revision
from exercises.reports.models import BriefLink, BriefQuestions
from exercises.reports.selectors import hash_of, open_links, questions_of

MOST_LINKS = 10


class QuestionsChanged(Exception):
    """The questions are no longer those that the edit was made on."""


class TooManyLinks(Exception):
    """As many links as a patient may have open at once."""


def write_questions(
    *, patient: Patient, questions: Sequence[str], base_version: int, now: datetime
) -> BriefQuestions:
    """The patient's questions as she wants them now; the same again changes nothing.

    Raises `QuestionsChanged` where `base_version` is not the present one.
    """
    with revision(patient.pk) as rev:
        held = questions_of(patient.pk)
        if held.version != base_version:
            raise QuestionsChanged
        if held.version and held.questions == [*questions]:
            return held
        held.questions, held.version = [*questions], held.version + 1
        held.rev, held.updated_at = rev.take(), now
        held.save(force_insert=held.version == 1)
    return held


def make_link(*, patient: Patient, days: int, now: datetime) -> tuple[BriefLink, str]:
    """A link that opens the patient's brief for `days` days, and its token, which is not kept.

    Raises `TooManyLinks`.
    """
    token = secrets.token_urlsafe(32)
    with revision(patient.pk):
        if open_links(patient.pk, now).count() >= MOST_LINKS:
            raise TooManyLinks
        link = BriefLink.objects.create(
            patient=patient,
            token_hash=hash_of(token),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        _note(patient.pk, "brief_link.made", link, now, "")
    return link, token


def revoke_link(*, patient: Patient, link_id: UUID, now: datetime) -> bool:
    """Ends a link of the patient's at once; whether there was one. Again changes nothing."""
    with revision(patient.pk):
        link = BriefLink.objects.filter(patient=patient, pk=link_id).first()
        if link is not None and link.revoked_at is None:
            link.revoked_at = now
            link.save(update_fields=["revoked_at"])
            _note(patient.pk, "brief_link.revoked", link, now, "")
    return link is not None


def note_opening(*, link: BriefLink, now: datetime, trace_id: str) -> None:
    """Audits that somebody opened the brief by a link, before the answer leaves."""
    _note(None, audit.OPENED_BY_LINK, link, now, trace_id)


def _note(actor: UUID | None, action: str, link: BriefLink, now: datetime, trace: str) -> None:
    audit.record(
        actor_id=actor,
        action=action,
        patient_id=link.patient_id,
        object_kind="brief_link",
        object_id=str(link.pk),
        trace_id=trace,
        now=now,
    )
