"""A patient's history, told day by day through the services that the doors call."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from backend.accounts.models import Patient
from exercises.plans.models import RecoveryPlan
from exercises.plans.selectors import open_plan
from exercises.sync.services import accept
from exercises.sync.services.intake import answer_intake
from exercises.tracking.facts import PainReport, Session, SessionItem
from exercises.tracking.models import FactType
from exercises.tracking.services import Report
from exercises.triage.services import evaluate_due

START = date(2026, 5, 4)
DAY = timedelta(days=1)
INTAKE: dict[str, Any] = {
    "age": 44,
    "pregnant": "no",
    "first_episode": False,
    "history": [],
    "red_flags": [],
}


def at(day: int, hour: int = 17) -> datetime:
    """An instant on plan day `day`; 17:00 UTC is 19:00 in Berlin."""
    return datetime.combine(START + day * DAY, time(hour), UTC)


class Diary:
    """One patient in Berlin whose plan began on `START`; every day is judged at 00:00 and 09:00."""

    def __init__(self, patient: Patient, **answers: Any) -> None:
        self.patient = patient
        answer_intake(patient=patient, answers=INTAKE | answers, now=at(0, 8))

    @property
    def plan(self) -> RecoveryPlan:
        """The plan as it is now."""
        plan = open_plan(self.patient.pk)
        assert plan is not None
        return plan

    def pains(self, first: int, scores: list[int | None]) -> None:
        """One score an evening from plan day `first` on; None is a day without one."""
        for offset, score in enumerate(scores):
            self.tick(first + offset)
            if score is not None:
                self.pain(first + offset, score)

    def pain(self, day: int, score: int) -> None:
        """One score on the evening of plan day `day`."""
        body = PainReport(site="knee", kind="avg24", score=score, **_when(day, 17))
        self._tell(FactType.PAIN, body, at(day))

    def session(
        self, day: int, exercise: str, during: int | None = None, morning: int | None = None
    ) -> None:
        """A session at noon, with the worst pain during it and the change by the next morning."""
        item = {"exercise": exercise} | ({} if during is None else {"pain_during": during})
        rise = {} if morning is None else {"next_morning_increase": morning}
        body = Session(items=[SessionItem(**item)], **_when(day, 10), **rise)  # type: ignore[arg-type]
        self._tell(FactType.SESSION, body, at(day, 10))

    def tick(self, day: int) -> None:
        """The daily looks of plan day `day`."""
        evaluate_due(now=at(day - 1, 22))
        evaluate_due(now=at(day, 7))

    def served(self, day: int) -> set[str]:
        """The exercises that are due on plan day `day`, whatever the weekday asks for."""
        on = START + day * DAY
        rows = self.plan.prescriptions.filter(starts_on__lte=on)
        return {
            row.exercise
            for row in rows
            if (row.ends_on is None or on < row.ends_on)
            and not any(first <= on.isoformat() < end for first, end in row.breaks)
        }

    def _tell(self, type_: FactType, body: Any, now: datetime) -> None:
        accept(patient=self.patient, reports=[Report(uuid4(), type_, body)], now=now)


def _when(day: int, hour: int) -> dict[str, Any]:
    return {"occurred_at": at(day, hour), "tz": "Europe/Berlin", "local_date": START + day * DAY}
