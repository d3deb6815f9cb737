"""The record of who did or saw what; it holds ids, never names or values."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection

from backend.accounts.models import AuditEvent
from backend.core.prepared import prepared_cursor, rows_of

PRUNED_AT_ONCE = 500

# Somebody without an account, who holds a link that the patient made.
OPENED_BY_LINK = "brief_link.opened"


_ADD = """
INSERT INTO accounts_auditevent
    (at, actor_id, action, patient_id, object_kind, object_id, trace_id)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_ADD_MANY = """
INSERT INTO accounts_auditevent
    (at, actor_id, action, patient_id, object_kind, object_id, trace_id)
SELECT %s, %s, %s, patient_id, '', '', %s FROM unnest(%s::uuid[]) AS patient_id
"""


def record(
    *,
    actor_id: UUID | None,
    action: str,
    patient_id: UUID | None = None,
    object_kind: str = "",
    object_id: str = "",
    trace_id: str = "",
    now: datetime,
) -> None:
    """Adds one audit event, before the answer that it speaks of leaves.

    `action` reads noun.verb ("series.read"); `actor_id` is None for the system itself.
    """
    if connection.vendor == "postgresql":
        # Nearly every call of a therapist adds one.
        rows_of(_ADD, [now, actor_id, action, patient_id, object_kind, object_id, trace_id])
        return
    AuditEvent.objects.create(
        at=now,
        actor_id=actor_id,
        action=action,
        patient_id=patient_id,
        object_kind=object_kind,
        object_id=object_id,
        trace_id=trace_id,
    )


def record_many(
    *,
    actor_id: UUID,
    action: str,
    patient_ids: Iterable[UUID],
    trace_id: str = "",
    now: datetime,
) -> None:
    """Adds one audit event for each patient that one answer speaks of; one statement."""
    if connection.vendor == "postgresql":
        # A list of patients is looked at all day long; fifty objects cost more than the list.
        with prepared_cursor() as cursor:
            cursor.execute(_ADD_MANY, [now, actor_id, action, trace_id, [*patient_ids]])
        return
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=now, actor_id=actor_id, action=action, patient_id=patient_id, trace_id=trace_id
        )
        for patient_id in patient_ids
    )


def prune(*, now: datetime) -> int:
    """Removes the oldest events that have been kept long enough; how many. The database refuses it
    for any that is younger than a year."""
    until = now - timedelta(days=settings.KEEP_DAYS.audit)
    # They are numbered as they come: the first are the oldest, and no index of instants is needed.
    first = AuditEvent.objects.order_by("pk").values_list("pk", "at")[:PRUNED_AT_ONCE]
    ids = [pk for pk, at in first if at < until]
    return AuditEvent.objects.filter(pk__in=ids).delete()[0] if ids else 0
