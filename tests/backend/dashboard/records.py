"""Small makers of what a therapist sees: plans, prescriptions, pain, sessions and alerts as rows."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F

from backend.accounts.models import Patient
from exercises.plans.models import PhaseChange, PhaseId, Prescription, RecoveryPlan
from exercises.tracking.models import DayPain, Fact, FactType
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertStatus

_revs = count(1_000_000)
DAY = timedelta(days=1)


def wrote(patient: Patient) -> None:
    """The patient's revision rises, as with every write to her record."""
    Patient.objects.filter(pk=patient.pk).update(rev=F("rev") + 1)


RULES = {
    Level.EMERGENCY_NOW: "RF-CES-BLADDER",
    Level.URGENT_SAME_DAY: "RF-DVT",
    Level.PROMPT_DAYS: "PR-NEURO-NEW",
    Level.SEE_DOCTOR_SOON: "SD-PERSIST-3W",
    Level.ROUTINE: "RT-DATA-GAP",
}


def make_alert(
    patient: Patient,
    *,
    now: datetime,
    level: Level = Level.EMERGENCY_NOW,
    rule: str = "",
    status: AlertStatus = AlertStatus.OPEN,
    matched: list[dict[str, Any]] | None = None,
    review_open: bool = True,
) -> Alert:
    """An alert that was raised at `now`; its rule is one of its level unless named."""
    closed = status not in (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED)
    name = rule or RULES[level]
    wrote(patient)
    return Alert.objects.create(
        patient=patient,
        rule=name,
        level=level,
        status=status,
        key=f"{name}:{uuid4()}",
        because={
            "facts": [],
            "late": False,
            "matched": matched or [],
            "sources": [
                {"id": "N10", "title": "A guideline", "url": "https://example.org/guideline"},
                {"id": "A-WSD-04", "title": "A statement of the articles"},
            ],
        },
        rules_version="1+test",
        occurred_at=now,
        opened_at=now,
        closed_at=now if closed else None,
        review_open=review_open,
        rev=next(_revs),
    )


def make_plan(
    patient: Patient, *, start: date, now: datetime, phase: PhaseId = PhaseId.INITIAL
) -> RecoveryPlan:
    """A plan whose day 0 is `start`."""
    wrote(patient)
    plan = RecoveryPlan.objects.create(
        patient=patient,
        start_date=start,
        care_started_on=start,
        phase=phase,
        phase_since=start,
        rev=next(_revs),
        created_at=now,
    )
    PhaseChange.objects.create(plan=plan, phase=phase, on_date=start, at=now, cause="start")
    return plan


def make_prescription(
    plan: RecoveryPlan, *, exercise: str = "EX-01", slots: tuple[str, ...] = ("morning",)
) -> Prescription:
    """An exercise for every day from the plan's start."""
    wrote(plan.patient)
    return Prescription.objects.create(
        plan=plan,
        exercise=exercise,
        phase=plan.phase,
        dose={"sets": {"min": 2, "max": 2}, "reps": {"min": 10, "max": 10}, "per_side": True},
        slots=list(slots),
        starts_on=plan.start_date,
        rev=next(_revs),
    )


def make_fact(
    patient: Patient,
    *,
    kind: FactType,
    day: date,
    now: datetime,
    data: Mapping[str, Any],
) -> Fact:
    """A report of `day`, made and received at `now`."""
    wrote(patient)
    return Fact.objects.create(
        patient=patient,
        id=uuid4(),
        type=kind,
        rev=next(_revs),
        occurred_at=now,
        tz=patient.user.time_zone,
        local_date=day,
        received_at=now,
        data=dict(data),
        digest="0" * 32,
    )


def make_session(
    patient: Patient, *, day: date, now: datetime, prescription: UUID | None = None, **item: Any
) -> Fact:
    """A session of one exercise: of a prescription, or of one that nobody prescribed."""
    what = {"prescription": str(prescription)} if prescription else {"exercise": "EX-02"}
    done = {"sets": 2, "reps": 10, "hold_s": 0, "minutes": 0}
    return make_fact(
        patient,
        kind=FactType.SESSION,
        day=day,
        now=now,
        data={"items": [{**what, "done": done, "stopped_because": "none", **item}]},
    )


def make_pain(patient: Patient, *, day: date, **scores: int) -> None:
    """One day's pain by site: `make_pain(patient, day=day, knee=5)`."""
    wrote(patient)
    DayPain.objects.bulk_create(
        DayPain(
            patient=patient,
            local_date=day,
            site=site,
            avg24_sum=value,
            avg24_count=1,
            worst=value,
        )
        for site, value in scores.items()
    )


def make_pain_days(patient: Patient, *, last: date, knee: list[int]) -> None:
    """Knee pain of consecutive days that end with `last`."""
    for back, value in enumerate(reversed(knee)):
        make_pain(patient, day=last - back * DAY, knee=value)


def heard(patient: Patient, *, at: datetime) -> None:
    """The patient reported and her phone synced at `at`."""
    patient.last_report_at = patient.last_synced_at = at
    patient.save(update_fields=["last_report_at", "last_synced_at"])
