"""Judges reminders at the moment of their delivery: all that holds now is read for them at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from backend.accounts import consents
from backend.accounts.models import Patient
from notifications.judging import Verdict
from notifications.models import Delivery, DeliveryState, Message
from notifications.policy import Action, Decision
from notifications.reminders import selectors
from notifications.reminders.content import KINDS, reminder_terms
from notifications.reminders.deciding import Due, Standing, decide_reminder
from notifications.reminders.models import NotificationPreferences, Reminder
from notifications.reminders.records import Records
from notifications.reminders.wall_clock import DAY

TEST = "test"
SAID = (DeliveryState.SENT, DeliveryState.PASSED_ON)
# How long a message waits for the one that may speak for it.
A_MOMENT = timedelta(seconds=5)
LONGEST = timedelta(hours=14)


@dataclass(frozen=True)
class People:
    """What holds now for some patients, whatever they are reminded of."""

    records: Records
    reminders: Mapping[tuple[UUID, str], Reminder]
    wishes: Mapping[UUID, NotificationPreferences]
    consenting: Collection[UUID]

    @classmethod
    def read(cls, patients: Collection[UUID], *, first: date, end: date, now: datetime) -> "People":
        """Reads it for the local dates [first, end); a fixed number of queries."""
        rows = Reminder.objects.filter(patient__in=patients)
        return cls(
            Records(patients, first=first, end=end),
            {(row.patient_id, row.kind): row for row in rows},
            selectors.preferences_by_patient(patients),
            consents.granting(patients, "reminders", now),
        )

    def zone(self, patient: Patient) -> str:
        """The IANA zone by whose clocks the patient is reminded."""
        return selectors.zone_of(self.wishes.get(patient.pk), patient.user.time_zone)

    def standing(self, patient: Patient, kind: str, slot: str, day: date) -> Standing:
        """What holds for her reminder of `kind` that is meant for the local date `day`."""
        reminder = self.reminders.get((patient.pk, kind))
        wishes = self.wishes.get(patient.pk) or selectors.default_preferences(patient.pk)
        return Standing(
            zone=self.zone(patient),
            matter=self.records.matter(patient.pk, kind, slot, day),
            level=self.records.level(patient.pk),
            account_active=patient.user.is_active,
            consented=patient.pk in self.consenting,
            enabled=reminder is not None and reminder.enabled,
            plan_rests=self.records.rests(patient.pk),
            quiet=selectors.quiet_of(wishes),
            snoozed_until=reminder.snoozed_until if reminder else None,
        )


def judge_reminders(deliveries: Sequence[Delivery], now: datetime) -> Mapping[UUID, Verdict]:
    """Verdicts on reminders and test messages; what belongs together is said as one."""
    tests = [one for one in deliveries if one.message.kind == TEST]
    ordinary = [one for one in deliveries if one.message.kind in KINDS]
    verdicts = {one.pk: Verdict(_decide_test(one.message, now)) for one in tests}
    if ordinary:
        verdicts |= _Round(ordinary, now).verdicts()
    strange = Decision(action=Action.SUPPRESS, reason="unknown_kind")
    return {one.pk: verdicts.get(one.pk, Verdict(strange)) for one in deliveries}


class _Round:
    """One judgement of several deliveries, beside everything else that waits for their readers."""

    def __init__(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        self._deliveries = deliveries
        self._now = now
        self._beside = self._read_beside()
        known = [*deliveries, *(one for group in self._beside.values() for one in group)]
        days = [one.message.local_date or date.min for one in known]
        patients = {one.message.patient_id for one in known if one.message.patient_id}
        self._people = People.read(patients, first=min(days), end=max(days) + DAY, now=now)

    def verdicts(self) -> dict[UUID, Verdict]:
        """The verdict on each delivery. A message that speaks for others says so in its content,
        which is written before it is sent."""
        decided = {
            one.pk: self._bundled(one, self._decide(one, self._now)) for one in self._deliveries
        }
        return {pk: Verdict(decision) for pk, decision in decided.items()}

    def _decide(self, delivery: Delivery, now: datetime) -> Decision:
        message = delivery.message
        patient, day = message.patient, message.local_date
        if patient is None or day is None or message.expires_at is None:
            return Decision(action=Action.SUPPRESS, reason="unknown_kind")
        due = Due(due_at=message.due_at, expires_at=message.expires_at)
        standing = self._people.standing(patient, message.kind, message.about, day)
        return decide_reminder(due, reminder_terms().of(message.kind), standing, now)

    def _bundled(self, delivery: Delivery, decision: Decision) -> Decision:
        if decision.action is not Action.SEND or delivery.target is not None:
            return decision
        beside = self._beside[delivery.message.patient_id, delivery.channel]
        if any(
            _speaks_for(other.message, delivery.message) for other in beside if other.state in SAID
        ):
            return Decision(action=Action.SUPPRESS, reason="bundled")
        waiting = [other for other in beside if other.state == DeliveryState.WAITING]
        if any(_order(other) < _order(delivery) and self._is_going(other) for other in waiting):
            until = self._now + A_MOMENT
            return Decision(action=Action.HOLD, reason="bundled", until=until)
        self._speak_for(delivery.message, [other for other in waiting if self._would_go(other)])
        return decision

    def _is_going(self, other: Delivery) -> bool:
        # One that is in a worker's hands, or free and due; one that failed and waits is neither.
        return other.due_at <= self._now and self._would_go(other)

    def _would_go(self, other: Delivery) -> bool:
        moment = max(self._now, other.message.due_at)
        return self._decide(other, moment).action is Action.SEND

    def _speak_for(self, message: Message, others: Iterable[Delivery]) -> None:
        held: dict[str, list[str]] = message.content.get("also", {})
        also = held | {
            str(one.message_id): [one.message.kind, one.message.about]
            for one in others
            if one.message_id != message.pk
        }
        if also != held:
            message.content = {**message.content, "also": also}
            Message.objects.filter(pk=message.pk).update(content=message.content)

    def _read_beside(self) -> defaultdict[tuple[UUID | None, str], list[Delivery]]:
        mine = {one.message.patient_id for one in self._deliveries}
        rows = Delivery.objects.filter(
            message__patient__in=mine,
            message__kind__in=KINDS,
            message__due_at__gt=self._now - LONGEST,
            message__due_at__lte=self._now + reminder_terms().bundle,
            target=None,
            state__in=[DeliveryState.WAITING, *SAID],
        ).select_related("message__patient__user")
        found: defaultdict[tuple[UUID | None, str], list[Delivery]] = defaultdict(list)
        for row in rows:
            found[row.message.patient_id, row.channel].append(row)
        return found


def _speaks_for(speaker: Message, message: Message) -> bool:
    return str(message.pk) in speaker.content.get("also", {})


def _order(delivery: Delivery) -> tuple[datetime, str]:
    return delivery.message.due_at, delivery.message.key


def _decide_test(message: Message, now: datetime) -> Decision:
    # She asked for it a moment ago: neither quiet hours nor consent keep it back.
    if message.recipient is None or not message.recipient.is_active:
        return Decision(action=Action.SUPPRESS, reason="account_inactive")
    if message.expires_at is not None and now >= message.expires_at:
        return Decision(action=Action.EXPIRE, reason="too_late")
    return Decision(action=Action.SEND, reason="due")
