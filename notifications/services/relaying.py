"""Turns the steps of alerts into messages: the outbox of `exercises.triage` is read here."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from django.db import DatabaseError, transaction

from backend.accounts.models import CareRelationship
from exercises.triage.levels import Level
from exercises.triage.models import AlertEvent
from notifications import selectors
from notifications.models import Delivery, DeliveryState
from notifications.policy import plus_days
from notifications.services.writing import Draft, write_messages
from notifications.terms import Escalation, terms

logger = logging.getLogger(__name__)

BATCH = 200
BEGINNINGS = ("raised", "reopened")
# What the therapist also hears of, in the inbox alone, when the alert was a red flag.
NEWS = ("retracted", "sought_care", "declined")


def relay(*, now: datetime, limit: int = BATCH, patient: UUID | None = None) -> int:
    """Writes the messages of up to `limit` steps, oldest first, and says how many steps that were.

    One transaction: a step is marked together with its messages. Any number of relays may run:
    PostgreSQL passes over rows that another one holds, SQLite has a single writer, and a message
    that exists is not written again. With `patient`, only of her alerts: for a history that is
    played on a clock of its own.
    """
    if not selectors.unrelayed_events(patient).exists():
        return 0
    with transaction.atomic():
        events = _take(limit, patient)
        care = _care_by_patient(events, now)
        drafts = {event.pk: _sound_drafts(event, care) for event in events}
        sound = {pk: found for pk, found in drafts.items() if found is not None}
        write_messages(chain.from_iterable(sound.values()), now=now)
        AlertEvent.objects.filter(pk__in=sound).update(relayed_at=now)
    return len(sound)


def _take(limit: int, patient: UUID | None) -> list[AlertEvent]:
    rows = selectors.unrelayed_events(patient).select_related("alert__patient__user")
    return list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])


def _care_by_patient(events: list[AlertEvent], now: datetime) -> dict[UUID, list[CareRelationship]]:
    found: dict[UUID, list[CareRelationship]] = defaultdict(list)
    for care in selectors.care_of([event.alert.patient_id for event in events], now):
        found[care.patient_id].append(care)
    return found


def _sound_drafts(
    event: AlertEvent, care: dict[UUID, list[CareRelationship]]
) -> list[Draft] | None:
    try:
        return list(_drafts(event, care))
    except DatabaseError:
        raise
    except Exception as error:
        # One row that cannot be read must not keep everybody else's alerts from being said; it
        # stays in the outbox, where the operators' count of unrelayed steps shows it.
        logger.error("step %s cannot be relayed: %s", event.pk, type(error).__name__)  # noqa: TRY400
        return None


def _drafts(event: AlertEvent, care: dict[UUID, list[CareRelationship]]) -> Iterator[Draft]:
    caring = care.get(event.alert.patient_id, [])
    if event.step in BEGINNINGS:
        yield from _beginnings(event, caring)
    elif event.step in NEWS and event.alert.level >= Level.URGENT_SAME_DAY:
        for therapist in _therapists(caring):
            yield _draft(event, therapist, event.step, ("in_app",), event.at)


def _beginnings(event: AlertEvent, care: list[CareRelationship]) -> Iterator[Draft]:
    level = terms().of(Level(event.alert.level))
    if event.step == "raised" or not _is_still_waiting(event):
        yield _draft(event, event.alert.patient.user_id, "alert", level.patient_channels, event.at)
    for therapist in _therapists(care):
        yield _draft(event, therapist, "alert", level.therapist_channels, event.at)
    for escalation in level.escalate:
        due_at = _escalates_at(event, escalation)
        for recipient in _recipients(escalation, care):
            yield _draft(event, recipient, escalation.kind, level.therapist_channels, due_at)


def _draft(
    event: AlertEvent, recipient: UUID, kind: str, channels: tuple[str, ...], due_at: datetime
) -> Draft:
    alert = event.alert
    is_patient = recipient == alert.patient.user_id
    return Draft(
        chain=f"{recipient}:{alert.pk}:{kind}:{event.pk}",
        step=0,
        recipient=recipient,
        patient=alert.patient_id,
        audience="patient" if is_patient else "therapist",
        kind=kind,
        level=alert.level,
        rule=alert.rule,
        alert=alert.pk,
        channels=channels,
        due_at=due_at,
    )


def _is_still_waiting(event: AlertEvent) -> bool:
    # Reopened before the last repeat was judged: that one goes on, a second chain would double it.
    return Delivery.objects.filter(
        message__alert_id=event.alert_id,
        message__audience="patient",
        state=DeliveryState.WAITING,
    ).exists()


def _escalates_at(event: AlertEvent, escalation: Escalation) -> datetime:
    later = event.at + timedelta(minutes=escalation.after_minutes)
    if not escalation.after_days:
        return later
    return plus_days(later, escalation.after_days, event.alert.patient.user.time_zone)


def _recipients(escalation: Escalation, care: list[CareRelationship]) -> list[UUID]:
    if escalation.to == "therapist":
        return _therapists(care)
    leads = (item.clinic.service_lead_id for item in care)
    return list(dict.fromkeys(lead for lead in leads if lead is not None))


def _therapists(care: list[CareRelationship]) -> list[UUID]:
    return list(dict.fromkeys(item.therapist_id for item in care))
