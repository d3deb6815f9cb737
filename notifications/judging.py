"""Judges deliveries at the moment of their claim: what holds now is read for all of them at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exercises.triage.levels import Level
from notifications import alerts_now, endpoints
from notifications.models import Delivery, MailOptOut, Message
from notifications.policy import Action, Decision, decide, next_step


@dataclass(frozen=True)
class Verdict:
    """What becomes of a delivery, and when the patient hears of the matter again (None: not)."""

    decision: Decision
    again_at: datetime | None = None


Judge = Callable[[Sequence[Delivery], datetime], Mapping[UUID, Verdict]]


def judge_alerts(deliveries: Sequence[Delivery], now: datetime) -> Mapping[UUID, Verdict]:
    """Verdicts on messages about alerts; a fixed number of queries."""
    states = alerts_now.states_of([delivery.message for delivery in deliveries], now)
    verdicts = {}
    for delivery in deliveries:
        said, state = alerts_now.said(delivery), states[delivery.message_id]
        decision = decide(said, state, now)
        again = next_step(said, decision, state, now) if delivery.message.kind == "alert" else None
        verdicts[delivery.pk] = Verdict(decision, again)
    return verdicts


def judge_digests(deliveries: Sequence[Delivery], now: datetime) -> Mapping[UUID, Verdict]:
    """A list that was written is sent, unless its day is over; so is what depends on nothing."""
    return {delivery.pk: Verdict(_in_time(delivery.message, now)) for delivery in deliveries}


def judge(
    deliveries: Sequence[Delivery], now: datetime, judges: Mapping[str, Judge] | None = None
) -> dict[UUID, Verdict]:
    """The verdict on each delivery, by its id. Message, recipient and patient with her user must
    be loaded. A message of no known topic is not sent, and says so."""
    judges = JUDGES if judges is None else judges
    switched_off = _ordinary_mail_refused(deliveries)
    reachable = endpoints.people_with_push(
        delivery.message.recipient_id for delivery in deliveries if delivery.channel == "push"
    )
    verdicts: dict[UUID, Verdict] = {}
    for topic, group in _by_topic(deliveries).items():
        verdicts |= (
            judges[topic](group, now)
            if topic in judges
            else dict.fromkeys(
                (delivery.pk for delivery in group), Verdict(_suppress("unknown_topic"))
            )
        )
    for delivery in deliveries:
        reason = _reason_of_channel(delivery, switched_off, reachable)
        if reason and verdicts[delivery.pk].decision.action in (Action.SEND, Action.HOLD):
            verdicts[delivery.pk] = Verdict(_suppress(reason))
    return verdicts


# Kinds that are a topic of their own.
OWN_TOPICS = ("digest", "patient_left", "care_message")


def topic_of(message: Message) -> str:
    """Which judge knows the message: "alert", "reminder", or its own kind."""
    if message.alert_id is not None:
        return "alert"
    return message.kind if message.kind in OWN_TOPICS else "reminder"


# Whoever writes messages of another topic adds the judge that knows them, by topic.
JUDGES: dict[str, Judge] = {
    "alert": judge_alerts,
    "digest": judge_digests,
    "patient_left": judge_digests,
}


def _by_topic(deliveries: Iterable[Delivery]) -> dict[str, list[Delivery]]:
    found: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        found.setdefault(topic_of(delivery.message), []).append(delivery)
    return found


def _reason_of_channel(delivery: Delivery, switched_off: set[UUID], reachable: set[UUID]) -> str:
    recipient = delivery.message.recipient_id
    if delivery.channel == "push" and recipient not in reachable:
        return "no_endpoint"
    return "email_switched_off" if delivery.pk in switched_off else ""


def _ordinary_mail_refused(deliveries: Sequence[Delivery]) -> set[UUID]:
    mails = {
        delivery.pk: delivery.message.recipient_id
        for delivery in deliveries
        if delivery.channel == "email" and delivery.message.level < Level.URGENT_SAME_DAY
    }
    if not mails:
        return set()
    people = set(
        MailOptOut.objects.filter(user__in=set(mails.values())).values_list("user", flat=True)
    )
    return {delivery for delivery, recipient in mails.items() if recipient in people}


def _in_time(message: Message, now: datetime) -> Decision:
    if message.recipient is None or not message.recipient.is_active:
        return _suppress("account_inactive")
    if message.expires_at is not None and now >= message.expires_at:
        return Decision(action=Action.EXPIRE, reason="too_late")
    return Decision(action=Action.SEND, reason="due")


def _suppress(reason: str) -> Decision:
    return Decision(action=Action.SUPPRESS, reason=reason)
