"""What holds right now for messages about alerts, read for many of them at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.accounts.consents import granting
from backend.accounts.models import Scope
from backend.core.compiled import compiled
from exercises.triage.levels import Level
from exercises.triage.models import (
    STANDING,
    Alert,
    AlertStatus,
    DoctorPrompt,
    PromptState,
)
from notifications.models import Audience, Delivery, Message
from notifications.policy import Audience as Hearer
from notifications.policy import Said, State, Voice, is_stopped, outranks
from notifications.teams import NOBODY, Team, teams_of
from notifications.terms import terms

OVER = State(stands=False, review_open=False)


def said(delivery: Delivery) -> Said:
    """A message on its way by one channel, as the policy sees it."""
    message = delivery.message
    return Said(
        audience=cast(Hearer, message.audience),
        kind=message.kind,
        level=Level(message.level),
        step=message.step,
        due_at=message.due_at,
        expires_at=message.expires_at,
        second=delivery.is_second,
    )


def states_of(messages: Sequence[Message], now: datetime) -> dict[UUID, State]:
    """The state of each message, by its id. Recipient and patient with her user must be loaded;
    the number of queries does not depend on how many messages there are."""
    alerts = _alerts(messages)
    patients = {message.patient_id for message in messages if message.patient_id}
    standing = _standing(patients)
    to_others = (message for message in messages if message.audience != "patient")
    others = {message.patient_id for message in to_others if message.patient_id}
    teams = teams_of(others, now)
    received = _received(set(alerts))
    shared = granting(others, Scope.DIARY, now) if others else set()
    return {
        message.pk: replace(
            _state(message, alerts, standing, teams, received, now),
            diary_shared=message.patient_id in shared,
        )
        for message in messages
    }


def _state(
    message: Message,
    alerts: Mapping[UUID, Alert],
    standing: Mapping[UUID, Sequence[Alert]],
    teams: Mapping[UUID, Team],
    received: set[UUID],
    now: datetime,
) -> State:
    alert = alerts.get(message.alert_id) if message.alert_id else None
    patient = message.patient
    if alert is None or patient is None:
        return OVER
    prompt: DoctorPrompt | None = getattr(alert, "prompt", None)
    zone = patient.user.time_zone
    voices = [_voice(other, zone, now) for other in standing.get(patient.pk, ())]
    for_patient = message.audience == Audience.PATIENT
    return State(
        account_active=message.recipient is None or message.recipient.is_active,
        in_care=for_patient
        or _may_hear(message, teams.get(patient.pk, NOBODY))
        # Whoever has the alert now hears of it, though she answers for other patients.
        or (message.recipient_id is not None and message.recipient_id == alert.assigned_to_id),
        zone=zone,
        stands=alert.status in STANDING,
        review_open=alert.review_open,
        outranked=for_patient and outranks(_voice(alert, zone, now), voices),
        sought_care=_sought_care(prompt),
        stopped_at=_stopped_at(prompt, Level(alert.level)),
        heard=_heard(prompt),
        received=alert.pk in received or _heard(prompt),
        taken_up=alert.status == AlertStatus.ACKNOWLEDGED,
    )


def _may_hear(message: Message, team: Team) -> bool:
    if message.recipient_id is not None:
        return message.recipient_id in team.everyone
    return message.clinic_id is None or message.clinic_id in team.clinics


def _alerts(messages: Sequence[Message]) -> dict[UUID, Alert]:
    ids = {message.alert_id for message in messages if message.alert_id}
    return {alert.pk: alert for alert in _with_prompts(ids)}


@compiled
def _with_prompts(ids: Collection[UUID]) -> QuerySet[Alert]:
    return Alert.objects.select_related("prompt").filter(pk__in=ids)


def _standing(patients: set[UUID]) -> dict[UUID, list[Alert]]:
    found: dict[UUID, list[Alert]] = {}
    for alert in _standing_of(patients):
        found.setdefault(alert.patient_id, []).append(alert)
    return found


@compiled
def _standing_of(patients: Collection[UUID]) -> QuerySet[Alert]:
    return Alert.objects.select_related("prompt").filter(patient__in=patients, status__in=STANDING)


def _received(alerts: set[UUID]) -> set[UUID]:
    return {message.alert_id for message in _confirmed(alerts) if message.alert_id}


@compiled
def _confirmed(alerts: Collection[UUID]) -> QuerySet[Message]:
    confirmed = Q(received_at__isnull=False) | Q(read_at__isnull=False)
    return Message.objects.filter(confirmed, alert_id__in=alerts, audience=Audience.PATIENT)


def _heard(prompt: DoctorPrompt | None) -> bool:
    return prompt is not None and bool(prompt.seen_at or prompt.answered_at)


def _voice(alert: Alert, zone: str, now: datetime) -> Voice:
    prompt: DoctorPrompt | None = getattr(alert, "prompt", None)
    level = Level(alert.level)
    stopped = is_stopped(level, _stopped_at(prompt, level), zone, now)
    return Voice(
        alert=alert.pk,
        level=level,
        rule=alert.rule,
        opened_at=alert.opened_at or alert.occurred_at,
        speaks=not (stopped or _sought_care(prompt)),
    )


def _sought_care(prompt: DoctorPrompt | None) -> bool:
    return prompt is not None and (prompt.sought_care or prompt.state == PromptState.ATTENDED)


def _stopped_at(prompt: DoctorPrompt | None, level: Level) -> datetime | None:
    stopped_by = terms().of(level).stopped_by
    if prompt is None or stopped_by == "sought_care":
        return None
    if stopped_by == "seen" and prompt.seen_at is not None:
        return prompt.seen_at
    return prompt.answered_at
