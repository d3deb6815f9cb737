"""What older sessions come to is kept, and gives the same doses as reading all of them."""

import os
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient, User
from backend.accounts.revisions import revision
from exercises.plans import services as plan_services
from exercises.plans.models import Prescription
from exercises.plans.progression import Adjusted
from exercises.sync.services import accept
from exercises.tracking.facts import Retraction, Session, SessionItem
from exercises.tracking.models import FactType
from exercises.tracking.services import Report
from exercises.triage.models import DoseCourse
from exercises.triage.progress import adjusted_doses
from tests.exercises.triage.diary import DAY, START, Diary, at

STEPS = 60
# The long drill looks at more lives.
LIVES = 60 if os.environ.get("STEPWISE_DRILL") == "1" else 4
EXERCISES = ("EX-10", "EX-11")


class Life:
    """Sessions that are logged, logged late, corrected and withdrawn at random."""

    def __init__(self, diary: Diary, therapist: User, seed: int) -> None:
        self.diary, self.therapist = diary, therapist
        self.day = 0
        self._random = random.Random(seed)
        self._told: list[UUID] = []

    def live(self) -> None:
        """Some days pass, and something happens or does not."""
        self.day += self._random.choice([0, 1, 1, 2, 3])
        late = [self.log_late, self.correct, self.withdraw, self.log_abroad, self.review]
        ordinary = [self.log] * 12
        self._random.choice([*ordinary, *late])()

    def log(self, ago: int = 0, *, hours: int = 0, amends: UUID | None = None) -> None:
        day = max(0, self.day - ago)
        items = [self._item(exercise) for exercise in EXERCISES if self._random.random() < 0.8]
        if not items:
            return
        rise = {"next_morning_increase": 2} if self._random.random() < 0.1 else {}
        said = {"amends": amends} if amends else {}
        body = Session(
            items=items, **_when(day, at(day, 10) + timedelta(hours=hours)), **rise, **said
        )
        self._told.append(self._tell(FactType.SESSION, body))

    def log_late(self) -> None:
        self.log(self._random.randrange(1, 40))

    def log_abroad(self) -> None:
        # The local date is the phone's, and may be another than that of the instant.
        self.log(self._random.randrange(10), hours=self._random.choice([-30, 30]))

    def correct(self) -> None:
        if self._told:
            told = self._told.pop(self._random.randrange(len(self._told)))
            self.log(self._random.randrange(20), amends=told)

    def withdraw(self) -> None:
        if self._told:
            told = self._told.pop(self._random.randrange(len(self._told)))
            self._tell(FactType.RETRACTION, Retraction(target=told, **_when(self.day)))

    def review(self) -> None:
        row = self.rows()[0]
        on = START + self._random.randrange(self.day + 1) * DAY
        Prescription.objects.filter(pk=row.pk).update(by=self.therapist, starts_on=on)

    def rows(self) -> list[Prescription]:
        return [
            *self.diary.plan.prescriptions.filter(exercise__in=EXERCISES, phase="rehab").order_by(
                "exercise", "id"
            )
        ]

    def doses(self, *, keep: bool) -> dict[UUID, Adjusted]:
        return adjusted_doses(self.diary.plan, self.rows(), START + self.day * DAY, keep=keep)

    def _item(self, exercise: str) -> SessionItem:
        during = self._random.choice([None, 1, 3, 3, 3, 7])
        pain: dict[str, Any] = {} if during is None else {"pain_during": during}
        return SessionItem(exercise=exercise, **pain)

    def _tell(self, kind: FactType, body: Any) -> UUID:
        told = uuid4()
        accept(
            patient=self.diary.patient,
            reports=[Report(told, kind, body)],
            now=at(self.day),
        )
        return told


def _when(day: int, instant: datetime | None = None) -> dict[str, Any]:
    return {
        "occurred_at": instant or at(day),
        "tz": "Europe/Berlin",
        "local_date": START + day * DAY,
    }


@pytest.fixture
def diary(patient: Patient) -> Diary:
    """In the rehabilitation phase from day 0 on."""
    diary = Diary(patient)
    with revision(patient.pk) as rev:
        plan_services.change_phase(
            plan=diary.plan, phase="rehab", cause="gate", on_date=START, by=None, reason="",
            rev=rev, now=at(0),
        )  # fmt: skip
    return diary


@pytest.mark.parametrize("seed", range(LIVES))
def test_whatever_is_logged_late_or_corrected_the_doses_are_those_of_all_sessions(
    seed: int, diary: Diary, therapist: User
) -> None:
    life, seen = Life(diary, therapist, seed), set()
    for _ in range(STEPS):
        life.live()
        kept = life.doses(keep=True)
        assert life.doses(keep=False) == kept
        held = [*DoseCourse.objects.all()]
        DoseCourse.objects.all().delete()
        assert life.doses(keep=False) == kept
        DoseCourse.objects.bulk_create(held)
        seen |= {dose.because for dose in kept.values()}
    assert len(seen) > 1
    assert DoseCourse.objects.filter(before__gt=START).exists()


def test_a_year_of_sessions_is_read_once(diary: Diary, therapist: User) -> None:
    life = Life(diary, therapist, 0)
    for life.day in range(60):
        life.log()
    first, plan, rows = life.doses(keep=True), diary.plan, life.rows()
    with CaptureQueriesContext(connection) as captured:
        assert adjusted_doses(plan, rows, START + life.day * DAY, keep=True) == first
    assert len(captured) == (1 if connection.vendor == "postgresql" else 3)
    (kept,) = DoseCourse.objects.all()
    assert kept.before == START + 52 * DAY


@pytest.mark.parametrize("field", ["made_of", "rev"])
def test_what_was_kept_of_something_else_is_not_taken(
    field: str, diary: Diary, therapist: User
) -> None:
    life = Life(diary, therapist, 1)
    for life.day in range(30):
        life.log()
    right = life.doses(keep=True)
    steps = {key: [9, 0, [], False] for key in DoseCourse.objects.get().courses}
    DoseCourse.objects.update(courses=steps, **{field: {"made_of": "other", "rev": 0}[field]})
    assert life.doses(keep=False) == right
