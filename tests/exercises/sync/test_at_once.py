"""Whether reports are stored at once or under the lock, the record is the same afterwards."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from msgspec import UNSET, UnsetType

from backend.accounts.models import Patient
from backend.accounts.revisions import revision
from exercises.plans.models import Flare, PlanPause, RecoveryPlan
from exercises.sync.services import accept, at_once
from exercises.sync.services.intake import answer_intake
from exercises.tracking import facts
from exercises.tracking.days_checking import those_with_wrong_days
from exercises.tracking.facts import FactBody
from exercises.tracking.models import DayPain, Fact, FactType
from exercises.tracking.services import Report, Status
from exercises.triage.models import Alert, DoctorPrompt
from tests.exercises.sync.conftest import INTAKE
from tests.factories import make_patient

ZONE = "Europe/Berlin"
pytestmark = pytest.mark.django_db
Now = Callable[[], datetime]


@contextmanager
def under_the_lock() -> Iterator[None]:
    with patch.object(at_once, "foresee", lambda **_: None):
        yield


@contextmanager
def counted(ways: list[bool]) -> Iterator[None]:
    """Notes of each try to store at once whether it did."""
    real = at_once.store_at_once

    def store(**arguments: Any) -> bool:
        ways.append(real(**arguments))
        return ways[-1]

    with patch.object(at_once, "store_at_once", store):
        yield


def twins(now: datetime) -> tuple[Patient, Patient]:
    """Two patients alike in everything, with plans that began three weeks ago."""
    pair = make_patient(now=now), make_patient(now=now)
    for patient in pair:
        answer_intake(patient=patient, answers=INTAKE, now=now - timedelta(days=21))
    return pair


def take(patient: Patient, reports: list[Report], now: datetime) -> list[tuple[object, ...]]:
    """What the reports are answered with, less what only one of the two can have."""
    fresh = Patient.objects.select_related("user").get(pk=patient.pk)
    outcomes = accept(patient=fresh, reports=reports, now=now)
    return [(found.status, found.fact.id, alerts_in(found.alerts)) for found in outcomes]


def alerts_in(alerts: Any) -> list[tuple[object, ...]]:
    return [(alert.rule, alert.level, alert.status, alert.key) for alert in alerts]


def record_of(patient: Patient) -> dict[str, object]:
    """All that a report may have changed, without ids and numbers of rows."""
    names = {str(alert.pk): alert.key for alert in Alert.objects.filter(patient=patient)}
    heard = Patient.objects.values_list("last_report_at", "last_synced_at").get(pk=patient.pk)
    diary = Fact.objects.filter(patient=patient).order_by("rev")
    left_out = {"row", "patient_id", "rev", "advice_alerts"}
    columns = [f.attname for f in Fact._meta.concrete_fields if f.attname not in left_out]
    return {
        "heard": heard,
        "facts": [
            (
                [getattr(fact, name) for name in columns],
                [names[i] for i in fact.advice_alerts or ()],
            )
            for fact in diary
        ],
        "days": [*days_of(patient)],
        "alerts": alerts_in(
            Alert.objects.filter(patient=patient).order_by("rule", "key", "opened_at")
        ),
        "prompts": [*prompts_of(patient)],
        "plans": [*plans_of(patient)],
        "flares": Flare.objects.filter(plan__patient=patient).count(),
        "pauses": PlanPause.objects.filter(plan__patient=patient).count(),
    }


def prompts_of(patient: Patient) -> Any:
    names = ("alert__rule", "alert__key", "raised_at", "state", "quiet_until")
    return DoctorPrompt.objects.filter(patient=patient).order_by(*names).values_list(*names)


def plans_of(patient: Patient) -> Any:
    names = ("episode", "version", "phase")
    return RecoveryPlan.objects.filter(patient=patient).order_by(*names).values_list(*names)


def days_of(patient: Patient) -> Any:
    names = [
        f.attname for f in DayPain._meta.concrete_fields if f.attname not in ("id", "patient_id")
    ]
    rows = DayPain.objects.filter(patient=patient).order_by("local_date", "site")
    return rows.values_list(*names)


class Diary:
    """Reports as people make them, and now and then as they do not."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.ids: list[UUID] = []

    def reports(self, now: datetime) -> list[Report]:
        found = [self._report(now) for _ in range(self.chance.choice([1, 1, 2, 5]))]
        if self.chance.random() < 0.1:
            found.append(self.chance.choice(found))
        return found

    def _report(self, now: datetime) -> Report:
        hours = self.chance.choice([0, 0, 1, 5, 30, 24 * 8, 24 * 40, -30])
        at = now - timedelta(hours=hours)
        body = self.chance.choice([self._pain] * 6 + [self._session, self._care, self._relief])(at)
        if self.chance.random() < 0.08:
            body = self.chance.choice([self._symptom, self._place, self._withdrawal])(at)
        report_id = UUID(int=self.chance.getrandbits(128), version=4)
        self.ids.append(report_id)
        return Report(report_id, KINDS[type(body)], body, self.chance.choice([None, 250]))

    def _common(self, at: datetime) -> dict[str, Any]:
        return {"occurred_at": at, "tz": ZONE, "local_date": at.date()}

    def _pain(self, at: datetime) -> FactBody:
        corrected: UUID | UnsetType = UNSET
        if self.ids and self.chance.random() < 0.05:
            corrected = self.chance.choice(self.ids)
        return facts.PainReport(
            **self._common(at),
            site=self.chance.choice(["knee", "leg", "back"]),
            kind=self.chance.choice(["avg24", "avg24", "now", "worst24"]),
            score=self.chance.choice([1, 2, 3, 3, 4, 5, 6, 9]),
            relief_rest=self.chance.choice([UNSET, "yes", "no"]),
            amends=corrected,
        )

    def _session(self, at: datetime) -> FactBody:
        item = facts.SessionItem(
            exercise="EX-HAMSTRING-STRETCH", pain_during=self.chance.randrange(8)
        )
        return facts.Session(**self._common(at), items=[item])

    def _care(self, at: datetime) -> FactBody:
        return facts.HomeCare(
            **self._common(at), modality="heat", site="knee", minutes=20, wrapped=True
        )

    def _relief(self, at: datetime) -> FactBody:
        return facts.ReliefAnswer(**self._common(at), question="relief_rest", value="no")

    def _symptom(self, at: datetime) -> FactBody:
        code = self.chance.choice(["S-KNEE-WARM", "S-NUMB-LEG", "S-SADDLE"])
        item = facts.SymptomItem(code=code, present=self.chance.random() < 0.7)
        return facts.SymptomReport(**self._common(at), symptoms=[item])

    def _place(self, at: datetime) -> FactBody:
        return facts.Location(**self._common(at), most_distal="calf")

    def _withdrawal(self, at: datetime) -> FactBody:
        target = self.chance.choice(self.ids) if self.ids else UUID(int=1)
        return facts.Retraction(**self._common(at), target=target, confirmed_none=True)


KINDS = {
    facts.PainReport: FactType.PAIN,
    facts.Session: FactType.SESSION,
    facts.HomeCare: FactType.HOME_CARE,
    facts.ReliefAnswer: FactType.RELIEF,
    facts.SymptomReport: FactType.SYMPTOM,
    facts.Location: FactType.LOCATION,
    facts.Retraction: FactType.RETRACTION,
}


@pytest.mark.parametrize("seed", range(6))
def test_both_ways_leave_the_same_record(now: datetime, seed: int) -> None:
    quick, locked = twins(now)
    diary, ways = Diary(seed), list[bool]()
    for _ in range(14):
        now += timedelta(hours=diary.chance.choice([1, 9, 24, 50]))
        reports = diary.reports(now)
        with counted(ways):
            answered = take(quick, reports, now)
        with under_the_lock():
            assert take(locked, reports, now) == answered
        assert record_of(quick) == record_of(locked)
    assert any(ways)
    assert those_with_wrong_days([quick.pk, locked.pk]) == set()


def report_of(now: datetime, score: int = 3, **more: Any) -> Report:
    body = facts.PainReport(
        occurred_at=now,
        tz=ZONE,
        local_date=now.date(),
        site="knee",
        kind="avg24",
        score=score,
        **more,
    )
    return Report(UUID(int=7), FactType.PAIN, body)


def test_a_record_that_moved_on_meanwhile_is_judged_under_the_lock(
    settled: Patient, now: datetime
) -> None:
    patient, ways, foresee = Patient.objects.get(pk=settled.pk), list[bool](), at_once.foresee

    def interrupted(**arguments: Any) -> Any:
        found = foresee(**arguments)
        with revision(settled.pk):
            pass
        return found

    with counted(ways), patch.object(at_once, "foresee", interrupted):
        (outcome,) = accept(patient=patient, reports=[report_of(now)], now=now)
    assert (ways, outcome.status) == ([False], Status.APPLIED)
    assert Fact.objects.filter(patient=settled, id=UUID(int=7)).count() == 1


def test_what_is_known_is_found_to_be_known(settled: Patient, now: datetime) -> None:
    ways = list[bool]()
    for report, expected in [
        (report_of(now), Status.APPLIED),
        (report_of(now), Status.DUPLICATE),
        (report_of(now, score=4), Status.DIFFERENT),
    ]:
        patient = Patient.objects.get(pk=settled.pk)
        with counted(ways):
            (outcome,) = accept(patient=patient, reports=[report], now=now)
        assert outcome.status is expected
    assert ways == [True, False, False]
    assert [day[2:] for day in days_of(settled)] == [(3, 1, 0, 0, 3)]


def test_a_report_that_was_withdrawn_before_it_came_is_not_stored_at_once(
    settled: Patient, now: datetime
) -> None:
    withdrawal = facts.Retraction(
        occurred_at=now, tz=ZONE, local_date=now.date(), target=UUID(int=7)
    )
    early = Report(UUID(int=8), FactType.RETRACTION, withdrawal)
    ways = list[bool]()
    with counted(ways):
        accept(patient=settled, reports=[early], now=now)
        patient = Patient.objects.get(pk=settled.pk)
        accept(patient=patient, reports=[report_of(now)], now=now)
    assert ways == [False]
    assert Fact.objects.get(patient=settled, id=UUID(int=7)).retracted_by == UUID(int=8)


@pytest.mark.parametrize(
    "report",
    [
        lambda now: report_of(now, score=10, relief_rest="no", relief_otc="no"),
        lambda now: report_of(now, most_distal="calf"),
        lambda now: report_of(now, amends=UUID(int=9)),
    ],
)
def test_what_may_matter_is_judged_under_the_lock(
    settled: Patient, now: datetime, report: Callable[[datetime], Report]
) -> None:
    ways = list[bool]()
    with counted(ways):
        accept(patient=Patient.objects.get(pk=settled.pk), reports=[report(now)], now=now)
    assert ways == []
    assert Fact.objects.filter(patient=settled, id=UUID(int=7)).exists()
