"""Runs the tick and the deliveries of one patient on a clock of the test's own."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db.models import Min

from backend.accounts.models import Patient
from exercises.plans.models import RecoveryPlan
from exercises.plans.selectors import open_plan
from exercises.sync.services import accept
from exercises.sync.services.intake import answer_intake
from exercises.tracking.facts import PainReport, Session, SessionItem
from exercises.tracking.models import FactType
from exercises.tracking.services import Report
from notifications.channels import Channel
from notifications.models import Delivery, DeliveryState, Message
from notifications.reminders.models import Reminder
from notifications.reminders.ticking import tick
from notifications.services import drain
from tests.notifications.rows import Recorder

INTAKE = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}
CHANNELS: Mapping[str, Channel] = {name: Recorder() for name in ("in_app", "email", "push")}


class Run:
    """`patient` with a plan that begins at `now`; `to` lets everything happen until a moment."""

    def __init__(self, *, patient: Patient, now: datetime) -> None:
        self.patient = patient
        self.now = now
        answer_intake(patient=patient, answers=INTAKE, now=now)

    @property
    def plan(self) -> RecoveryPlan:
        found = open_plan(self.patient.pk)
        assert found is not None
        return found

    def reminder(self, kind: str) -> Reminder:
        return Reminder.objects.get(patient=self.patient, kind=kind)

    def only(self, *kinds: str) -> None:
        """Switches off what a test is not about."""
        Reminder.objects.exclude(kind__in=kinds).update(enabled=False)

    def wall(self, day: int, clock: str) -> datetime:
        """The instant at which clocks in Berlin show `clock` on the plan's day `day`."""
        on = date(2026, 5, 4) + timedelta(days=day)
        hour, minute = map(int, clock.split(":"))
        return datetime(on.year, on.month, on.day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin"))

    def to(self, moment: datetime) -> None:
        """Whatever is due until `moment` happens when it is due, and once more at `moment`."""
        while (due := self._next()) is not None and due <= moment:
            self.now = max(self.now, due)
            self.once()
        self.now = moment
        self.once()

    def to_after_an_outage(self, moment: datetime) -> None:
        """Nothing happens until `moment`, and then one round."""
        self.now = moment
        self.once()

    def once(self) -> None:
        """One round of scheduler and worker."""
        tick(now=self.now)
        drain(now=self.now, channels=CHANNELS)

    def said(self, channel: str = "in_app") -> list[tuple[str, str, str, str]]:
        """What was decided last of each message: (kind, slot, decision, reason), as they fell due."""
        rows = Delivery.objects.filter(channel=channel, message__level=0).exclude(decision="")
        return [
            (row.message.kind, row.message.about, row.decision, row.reason)
            for row in rows.select_related("message").order_by("message__due_at", "message__key")
        ]

    def sent(self, channel: str = "in_app") -> list[tuple[str, str]]:
        """What was said: (kind, slot)."""
        return [
            (kind, slot) for kind, slot, decision, _ in self.said(channel) if decision == "send"
        ]

    def pain(self, at: datetime, score: int = 3) -> None:
        """She logs her knee pain."""
        self._tell(
            FactType.PAIN, PainReport(site="knee", kind="avg24", score=score, **_when(at)), at
        )

    def exercise(self, at: datetime, slot: str, next_morning: int = 0) -> None:
        """She logs everything that her plan has in `slot` on that day, and how it was borne."""
        items = [
            SessionItem(prescription=row.pk, slot=slot)
            for row in self.plan.prescriptions.all()
            if slot in row.slots
        ]
        body = Session(items=items, next_morning_increase=next_morning, **_when(at))
        self._tell(FactType.SESSION, body, at)

    def _tell(self, type_: FactType, body: Any, now: datetime) -> None:
        accept(patient=self.patient, reports=[Report(uuid4(), type_, body)], now=now)

    def _next(self) -> datetime | None:
        rings = Reminder.objects.filter(enabled=True, dead_at=None, next_due_at__isnull=False)
        waiting = Delivery.objects.filter(state=DeliveryState.WAITING)
        found = [
            rings.aggregate(at=Min("next_due_at"))["at"],
            waiting.aggregate(at=Min("due_at"))["at"],
        ]
        return min((at for at in found if at is not None), default=None)


def messages(kind: str) -> list[Message]:
    """The messages of one kind, as they fell due."""
    return list(Message.objects.filter(kind=kind).order_by("due_at", "key"))


def _when(at: datetime) -> dict[str, Any]:
    local = at.astimezone(ZoneInfo("Europe/Berlin"))
    return {"occurred_at": at, "tz": "Europe/Berlin", "local_date": local.date()}
