"""What an invented patient does day by day, as steps on her own clock (pure but for `Exercise`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from backend.accounts import services as accounts
from backend.core.localtime import local_instant
from backend.simulator.deeds import Scene, Tell
from backend.simulator.steps import Step
from exercises.plans import selectors as plans
from exercises.plans.models import Prescription
from exercises.sync.services import accept
from exercises.tracking.facts import (
    Done,
    PainReport,
    Session,
    SessionItem,
    Site,
    SymptomItem,
    SymptomReport,
)
from exercises.tracking.models import FactType
from exercises.tracking.services import Report

DAY = timedelta(days=1)
WARNING_SIGNS = ("S-SADDLE", "S-BLADDER-RETENTION", "S-WEAK-LEG", "S-FEVER")


@dataclass(frozen=True)
class Scores:
    """A day's average pain, 0-10, at the three sites that the check-in asks for."""

    knee: int
    leg: int
    back: int


@dataclass(frozen=True)
class Diary:
    """Makes the steps of one patient. `namespace` makes her fact ids, `zone_on` says where she is
    on a date."""

    namespace: UUID
    zone_on: Callable[[date], str]

    def check_in(self, day: date, at: time, scores: Scores) -> Step:
        """The daily pain scores."""
        return self.check_in_at(local_instant(day, at, self.zone_on(day)), day, scores)

    def check_in_at(self, instant: datetime, day: date, scores: Scores) -> Step:
        """The daily pain scores of `day` at an exact instant."""
        sites: Sequence[tuple[Site, int]] = (
            ("knee", scores.knee),
            ("leg", scores.leg),
            ("back", scores.back),
        )
        reports = tuple(
            Report(
                id=self._id(f"pain {instant.isoformat()} {site}"),
                type=FactType.PAIN,
                body=PainReport(**self._when(instant, day), site=site, kind="avg24", score=score),
            )
            for site, score in sites
        )
        return Step(instant, "check-in", Tell(reports))

    def weekly_screen(self, day: date, at: time) -> Step:
        """The warning signs are asked, and denied."""
        instant = local_instant(day, at, self.zone_on(day))
        return self._symptoms(instant, day, [], WARNING_SIGNS)

    def alarm_at(self, instant: datetime, day: date, codes: Sequence[str]) -> Step:
        """Symptoms that are new, at an exact instant."""
        items = [
            SymptomItem(code=code, present=True, attrs={"new_or_changed": True}) for code in codes
        ]
        return self._symptoms(instant, day, items, [])

    def exercises(self, day: date, slot: str, at: time, *, pain_during: int) -> Step:
        """What is prescribed for one time of the day, done as prescribed."""
        instant = local_instant(day, at, self.zone_on(day))
        when = self._when(instant, day)
        deed = Exercise(self._id(f"session {day} {slot}"), when, slot, pain_during)
        return Step(instant, "exercises", deed)

    def travel(self, day: date, at: time) -> Step:
        """The phone follows her to where she is on `day`."""
        zone = self.zone_on(day)
        return Step(local_instant(day, at, zone), "travel", Travel(zone))

    def _symptoms(
        self, instant: datetime, day: date, items: list[SymptomItem], denied: Sequence[str]
    ) -> Step:
        body = SymptomReport(**self._when(instant, day), symptoms=items, answered_no=[*denied])
        name = f"symptoms {instant.isoformat()}"
        report = Report(id=self._id(name), type=FactType.SYMPTOM, body=body)
        return Step(instant, "symptoms", Tell((report,)))

    def _when(self, instant: datetime, day: date) -> dict[str, Any]:
        return {"occurred_at": instant, "tz": self.zone_on(day), "local_date": day}

    def _id(self, name: str) -> UUID:
        return uuid5(self.namespace, name)


@dataclass(frozen=True)
class Exercise:
    """The patient does what her plan asks for at `slot`; nothing while it rests."""

    fact: UUID
    when: dict[str, Any]
    slot: str
    pain_during: int

    def do(self, scene: Scene) -> str | None:
        """Logs a session of all that is due."""
        plan = plans.open_plan(scene.patient.pk)
        if plan is None or plans.plan_state(plan)[0] == "paused":
            return None
        day = self.when["local_date"]
        due = [
            row
            for row in plans.prescriptions_on(plan, day, day + DAY)
            if row.weekdays >> day.weekday() & 1 and self.slot in row.slots
        ]
        if due:
            body = Session(**self.when, items=[self._item(row) for row in due])
            report = Report(id=self.fact, type=FactType.SESSION, body=body)
            accept(patient=scene.patient, reports=[report], now=scene.now)
        return None

    def _item(self, row: Prescription) -> SessionItem:
        amounts = {name: row.dose.get(name) for name in ("sets", "reps", "hold_s", "minutes")}
        done = {name: amount["min"] for name, amount in amounts.items() if amount}
        return SessionItem(
            prescription=row.pk,
            slot=self.slot,
            done=Done(**done),
            pain_before=max(self.pain_during - 1, 0),
            pain_during=self.pain_during,
        )


@dataclass(frozen=True)
class Travel:
    """The patient's phone tells the server where she is now."""

    zone: str

    def do(self, scene: Scene) -> str | None:
        """Changes the time zone of her profile."""
        user = accounts.update_profile(
            user=scene.patient.user, changes={"time_zone": self.zone}, now=scene.now
        )
        scene.patient.user = user
        return None
