"""Judges notifications of care messages at their claim: is it still unread, and is it day there?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from exercises.conversation.selectors import still_unread
from notifications.judging import Verdict
from notifications.models import Audience, Delivery, Message
from notifications.policy import Action, Decision, next_opening
from notifications.teams import NOBODY, Team, teams_of
from notifications.terms import terms

CARE_MESSAGE = "care_message"


def judge_care_messages(deliveries: Sequence[Delivery], now: datetime) -> Mapping[UUID, Verdict]:
    """Verdicts on notifications of care messages; a fixed number of queries."""
    messages = [delivery.message for delivery in deliveries]
    unread = still_unread(UUID(message.about) for message in messages)
    teams = teams_of({m.patient_id for m in messages if m.patient_id}, now)
    return {
        delivery.pk: Verdict(_decide(delivery.message, unread, teams, now))
        for delivery in deliveries
    }


def _decide(
    message: Message, unread: set[tuple[UUID, UUID]], teams: Mapping[UUID, Team], now: datetime
) -> Decision:
    reason = _reason_for_silence(message, unread, teams)
    if reason:
        return Decision(action=Action.SUPPRESS, reason=reason)
    if message.expires_at is not None and now >= message.expires_at:
        return Decision(action=Action.EXPIRE, reason="too_late")
    quiet = terms().quiet_hours
    zone = message.recipient.time_zone if message.recipient else "UTC"
    opening = next_opening(quiet.end, quiet.start, zone, now)
    if opening is not None:
        return Decision(action=Action.HOLD, reason="quiet_hours", until=opening)
    return Decision(action=Action.SEND, reason="due")


def _reason_for_silence(
    message: Message, unread: set[tuple[UUID, UUID]], teams: Mapping[UUID, Team]
) -> str:
    patient_id, recipient = message.patient_id, message.recipient
    if recipient is None or not recipient.is_active or patient_id is None:
        return "account_inactive"
    if (patient_id, UUID(message.about)) not in unread:
        return "already_read"
    team = teams.get(patient_id, NOBODY)
    if message.audience == Audience.THERAPIST and recipient.pk not in team.everyone:
        return "care_ended"
    return ""
