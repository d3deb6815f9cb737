"""A caseload as a therapist may find it on a morning, for tests that look at whole pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.accounts.models import Clinic, Patient, User
from backend.core.localtime import local_date
from exercises.plans.models import PauseReason, PhaseChange, PhaseId, PlanPause
from exercises.tracking.models import FactType
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertStatus, DoctorPrompt
from tests.backend.dashboard.records import (
    DAY,
    heard,
    make_alert,
    make_fact,
    make_pain,
    make_pain_days,
    make_plan,
    make_prescription,
    make_session,
)
from tests.factories import make_care, make_patient

KNEE = [
    7,
    7,
    6,
    7,
    6,
    None,
    None,
    6,
    5,
    6,
    5,
    5,
    4,
    5,
    5,
    4,
    None,
    4,
    4,
    3,
    4,
    4,
    3,
    3,
    None,
    None,
    None,
    3,
    4,
    5,
    6,
    6,
    7,
]
LEG = [
    4,
    4,
    3,
    4,
    3,
    None,
    None,
    3,
    3,
    2,
    3,
    2,
    2,
    2,
    1,
    2,
    None,
    2,
    1,
    1,
    1,
    1,
    1,
    1,
    None,
    None,
    None,
    1,
    2,
    4,
    5,
    5,
    6,
]


@dataclass(frozen=True)
class Caseload:
    """The patients of `open_caseload`, most urgent first."""

    emergency: Patient
    alert: Alert
    others: tuple[Patient, ...]


def open_caseload(*, therapist: User, clinic: Clinic, now: datetime) -> Caseload:
    """Six patients in the care of `therapist`."""

    def person(name: str, days: int) -> Patient:
        patient = make_patient(now=now - timedelta(days=days), name=name)
        make_care(patient=patient, therapist=therapist, clinic=clinic, now=now - timedelta(days=1))
        return patient

    others = (
        _sent_home(person("Jonas Wirth", 20), now),
        _numb(person("Amara Okafor", 30), now),
        _persistent(person("Ines Marlow", 40), now),
        _recovering(person("Theodora Papadimitriou-Vandenberghe", 50), now),
        _silent(person("Bruno Keller", 25), now),
        person("Lena Fuchs", 1),
    )
    emergency = person("Mira Solberg", 33)
    return Caseload(emergency, _emergency(emergency, now), others)


def _emergency(patient: Patient, now: datetime) -> Alert:
    today = local_date(now, patient.user.time_zone)
    start = today - (len(KNEE) - 1) * DAY
    plan = make_plan(patient, start=start, now=now - timedelta(days=33))
    PhaseChange.objects.create(
        plan=plan,
        phase=PhaseId.REHAB,
        on_date=start + 15 * DAY,
        at=now - timedelta(days=18),
        cause="gate",
    )
    plan.phase, plan.phase_since = PhaseId.REHAB, start + 15 * DAY
    plan.save()
    for offset, (knee, leg) in enumerate(zip(KNEE, LEG, strict=True)):
        if knee is not None and leg is not None:
            make_pain(patient, day=start + offset * DAY, knee=knee, leg=leg, back=(knee + leg) // 3)
    rows = [
        make_prescription(plan, exercise="EX-01", slots=("morning", "evening")),
        make_prescription(plan, exercise="EX-02"),
        make_prescription(plan, exercise="EX-20"),
    ]
    for back in range(1, 6):
        at = now - timedelta(days=back, hours=1)
        make_session(
            patient,
            day=today - back * DAY,
            now=at,
            prescription=rows[0].pk,
            slot="morning",
            pain_before=3,
            pain_during=4 + back % 2,
        )
    make_session(
        patient,
        day=today - DAY,
        now=now - timedelta(hours=20),
        exercise="EX-07",
        stopped_because="pain",
        pain_during=7,
    )
    _report_pain(patient, now)
    make_fact(
        patient,
        kind=FactType.SYMPTOM,
        day=today,
        now=now - timedelta(minutes=12),
        data={
            "symptoms": [
                {"code": "S-BLADDER-RETENTION", "present": True, "attrs": {"new_or_changed": True}}
            ],
            "answered_no": ["S-BOWEL-INCONT", "S-BOWEL-SENS"],
            "note": "It started in the night.\nI am worried.",
        },
    )
    old = make_alert(
        patient,
        now=now - timedelta(days=25),
        level=Level.SEE_DOCTOR_SOON,
        status=AlertStatus.RESOLVED,
        review_open=False,
    )
    old.closed_at = now - timedelta(days=22)
    old.save()
    make_alert(patient, now=now - timedelta(days=1), level=Level.PROMPT_DAYS)
    make_alert(
        patient,
        now=now - timedelta(days=3),
        level=Level.ROUTINE,
        rule="RT-FLARE",
        status=AlertStatus.ACKNOWLEDGED,
        matched=[
            {"what": "flare", "today": "6", "window_mean_yesterday": "3.6", "rise_at_least": 2}
        ],
    )
    alert = make_alert(
        patient,
        now=now - timedelta(minutes=12),
        matched=[
            {
                "what": "symptom",
                "code": "S-BLADDER-RETENTION",
                "attrs": {"new_or_changed": True},
                "local_date": today.isoformat(),
                "source": "x",
                "occurred_at": now.isoformat(),
            }
        ],
    )
    DoctorPrompt.objects.create(alert=alert, patient=patient, state="seen", raised_at=now, rev=1)
    PlanPause.objects.create(
        plan=plan, reason=PauseReason.ALERT, started_at=now - timedelta(minutes=12)
    )
    heard(patient, at=now - timedelta(minutes=12))
    return alert


def _report_pain(patient: Patient, now: datetime) -> None:
    today = local_date(now, patient.user.time_zone)
    for back, knee in enumerate((7, 6, 6)):
        at = now - timedelta(days=back, minutes=14)
        make_fact(
            patient,
            kind=FactType.PAIN,
            day=today - back * DAY,
            now=at,
            data={"site": "knee", "kind": "avg24", "score": knee, "relief_rest": "no"},
        )


def _sent_home(patient: Patient, now: datetime) -> Patient:
    plan = make_plan(patient, start=local_date(now, "UTC") - 9 * DAY, now=now)
    make_prescription(plan)
    make_alert(
        patient,
        now=now - timedelta(hours=3),
        level=Level.URGENT_SAME_DAY,
        status=AlertStatus.ACKNOWLEDGED,
    )
    PlanPause.objects.create(plan=plan, reason=PauseReason.ALERT, started_at=now)
    heard(patient, at=now - timedelta(hours=3))
    make_pain_days(patient, last=local_date(now, "UTC"), knee=[5, 5, 6, 6, 6])
    return patient


def _numb(patient: Patient, now: datetime) -> Patient:
    plan = make_plan(patient, start=local_date(now, "UTC") - 21 * DAY, now=now, phase=PhaseId.REHAB)
    row = make_prescription(plan, slots=("morning", "evening"))
    for back in range(1, 5):
        make_session(patient, day=local_date(now, "UTC") - back * DAY, now=now, prescription=row.pk)
    make_alert(patient, now=now - timedelta(days=1), level=Level.PROMPT_DAYS)
    make_alert(
        patient,
        now=now - timedelta(days=2),
        level=Level.URGENT_SAME_DAY,
        status=AlertStatus.RETRACTED,
    )
    heard(patient, at=now - timedelta(hours=9))
    make_pain_days(
        patient, last=local_date(now, "UTC"), knee=[4, 4, 5, 4, 4, 3, 4, 5, 5, 5, 6, 5, 6, 5]
    )
    return patient


def _persistent(patient: Patient, now: datetime) -> Patient:
    plan = make_plan(patient, start=local_date(now, "UTC") - 35 * DAY, now=now, phase=PhaseId.REHAB)
    row = make_prescription(plan)
    for back in range(1, 7):
        make_session(patient, day=local_date(now, "UTC") - back * DAY, now=now, prescription=row.pk)
    make_alert(patient, now=now - timedelta(days=6), level=Level.SEE_DOCTOR_SOON)
    heard(patient, at=now - timedelta(hours=14))
    make_pain_days(patient, last=local_date(now, "UTC"), knee=[5] * 14)
    return patient


def _recovering(patient: Patient, now: datetime) -> Patient:
    start = local_date(now, "UTC") - 48 * DAY
    plan = make_plan(patient, start=start, now=now, phase=PhaseId.LONG_TERM)
    row = make_prescription(plan)
    for back in range(1, 7):
        make_session(patient, day=local_date(now, "UTC") - back * DAY, now=now, prescription=row.pk)
    heard(patient, at=now - timedelta(hours=2))
    make_pain_days(
        patient, last=local_date(now, "UTC"), knee=[4, 4, 4, 3, 4, 3, 3, 3, 2, 2, 2, 2, 1, 2]
    )
    return patient


def _silent(patient: Patient, now: datetime) -> Patient:
    plan = make_plan(patient, start=local_date(now, "UTC") - 20 * DAY, now=now)
    make_prescription(plan)
    make_alert(patient, now=now - timedelta(days=4), level=Level.ROUTINE)
    heard(patient, at=now - timedelta(days=11))
    make_pain_days(patient, last=local_date(now, "UTC") - 11 * DAY, knee=[5, 6, 5])
    return patient
