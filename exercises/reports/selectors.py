"""Reads of what the reports keep."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from exercises.reports.models import BriefLink, BriefQuestions


def questions_of(patient_id: UUID) -> BriefQuestions:
    """The patient's questions; where she never wrote any, an empty document of version 0."""
    held = BriefQuestions.objects.filter(patient_id=patient_id).first()
    return held or BriefQuestions(patient_id=patient_id, questions=[], version=0, rev=0)


def open_links(patient_id: UUID, now: datetime) -> QuerySet[BriefLink]:
    """The links that open the patient's brief at `now`, the newest first."""
    rows = BriefLink.objects.filter(patient_id=patient_id, revoked_at=None, expires_at__gt=now)
    return rows.order_by("-created_at", "-id")


def opened_by(token: str, now: datetime) -> BriefLink | None:
    """The link of a token, with the patient and her user, while it opens; None for one that is
    unknown, expired or revoked."""
    rows = BriefLink.objects.select_related("patient__user")
    return rows.filter(
        token_hash=hash_of(token),
        revoked_at=None,
        expires_at__gt=now,
        patient__user__is_active=True,
    ).first()


def hash_of(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so that a plain hash cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
