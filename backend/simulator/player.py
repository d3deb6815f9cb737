"""Moves one patient's history on: what falls due happens when it is due, in the right order."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Min, QuerySet

from backend.accounts.models import Patient, User
from backend.core.compiled import compiled
from backend.simulator.deeds import Scene
from backend.simulator.steps import Step
from exercises.triage import services as triage
from exercises.triage.models import AlertEvent, NextEvaluation
from notifications import services as notifications
from notifications.channels import CHANNELS, Channel, Envelope
from notifications.models import Delivery, DeliveryState
from notifications.selectors import claimable


class Nowhere:
    """A channel that takes everything and brings it to nobody."""

    def send(self, envelope: Envelope) -> None:
        """Always succeeds."""


UNSENT: Mapping[str, Channel] = dict.fromkeys(CHANNELS, Nowhere())


class Player:
    """The clock of one patient's history: what falls due for her, and nobody else's.

    `notes` are what the product could not take, as (name, words).
    """

    def __init__(self, *, patient: Patient, clinician: User, now: datetime) -> None:
        """Takes over after the intake, which was answered at `now`."""
        self.notes: list[tuple[str, str]] = []
        self._patient = patient
        self._clinician = clinician
        self._look_at = self._next_look()
        self._message_at: datetime | None = None
        self._say(now)

    def play(self, step: Step) -> None:
        """What was due before happens, then the step, and what is to be said of it at once."""
        self.run_to(step.at)
        self.do(step)
        self._say(step.at)

    def do(self, step: Step) -> None:
        """The step alone: nobody is told of it yet."""
        note = step.deed.do(Scene(self._patient, self._clinician, step.at))
        if note:
            self.notes.append((step.name, note))

    def run_to(self, moment: datetime) -> None:
        """Everything that falls due up to and including `moment`; at one instant the daily look
        comes before the messages."""
        while (at := min(self._look_at, self._message_at or self._look_at)) <= moment:
            if at == self._look_at:
                triage.evaluate_one(patient_id=self._patient.pk, now=at)
                self._look_at = self._next_look()
            self._say(at)

    def _say(self, now: datetime) -> None:
        # Asking first is cheaper than looking into a queue that is nearly always empty.
        is_due = self._message_at is not None and self._message_at <= now
        is_news = bool(_unsaid(self._patient.pk))
        if is_news:
            notifications.relay(now=now, patient=self._patient.pk)
        if not is_news and not is_due:
            return
        due = claimable(now).filter(message__patient=self._patient).order_by("due_at", "pk")
        ids = [*due.values_list("pk", flat=True)]
        if ids:
            notifications.deliver_many(delivery_ids=ids, now=now, channels=UNSENT)
        waiting = Delivery.objects.filter(
            state=DeliveryState.WAITING, message__patient=self._patient
        )
        self._message_at = waiting.aggregate(at=Min("due_at"))["at"]

    def _next_look(self) -> datetime:
        (row,) = _next_looks(self._patient.pk)
        return row.due_at


@compiled
def _unsaid(patient_id: UUID) -> QuerySet[AlertEvent]:
    return AlertEvent.objects.filter(relayed_at=None, alert__patient_id=patient_id)[:1]


@compiled
def _next_looks(patient_id: UUID) -> QuerySet[NextEvaluation]:
    return NextEvaluation.objects.filter(patient_id=patient_id)
