"""The people of a made-up clinic with plans, consents and alerts, as rows in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from backend.accounts import services as accounts
from backend.accounts.models import CareRelationship, Clinic, Consent, Patient, Role, Scope, User
from backend.core.ids import uuid7
from exercises.plans.models import (
    PauseReason,
    PhaseChange,
    PhaseId,
    PlanPause,
    Prescription,
    RecoveryPlan,
)
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertStatus

FIRST = ("Ada", "Bruno", "Carla", "Dirk", "Elif", "Frieda", "Goran", "Hanna", "Ivo", "Jana")
LAST = ("Adler", "Brandt", "Celik", "Dorn", "Ebert", "Falk", "Gruber", "Horn", "Imhof", "Jung")
DOSE = {"sets": {"min": 2, "max": 2}, "reps": {"min": 10, "max": 10}}
RULES = {
    Level.EMERGENCY_NOW: "RF-CES-BLADDER",
    Level.URGENT_SAME_DAY: "RF-DVT",
    Level.PROMPT_DAYS: "PR-NEURO-NEW",
    Level.SEE_DOCTOR_SOON: "SD-PERSIST-3W",
    Level.ROUTINE: "RT-DATA-GAP",
}
# Of a hundred patients so many have an alert of that level.
SHARES = ((Level.EMERGENCY_NOW, 1), (Level.URGENT_SAME_DAY, 3), (Level.PROMPT_DAYS, 8),
          (Level.SEE_DOCTOR_SOON, 10), (Level.ROUTINE, 15))  # fmt: skip


@dataclass(frozen=True)
class People:
    """A clinic's patients, its lead who looks after all of them, and a therapist of the first."""

    lead: UUID
    therapist: UUID
    patients: list[UUID]


def open_bench_clinic(
    number: int, size: int, own: int, began: datetime, now: datetime, random: Random
) -> People:
    """A clinic of `size` patients, `own` of them with a therapist of their own."""
    clinic = accounts.open_clinic(name=f"Clinic {number}", time_zone="UTC", now=began)
    lead, therapist = (
        _therapist(clinic, f"{name}{number}@example.org", began) for name in ("lead", "own")
    )
    users = [_user(f"p{number}-{place}@example.org", began, random) for place in range(size)]
    User.objects.bulk_create(users)
    patients = [
        Patient(
            id=user.pk,
            user=user,
            rev=10_000,
            created_at=began,
            last_report_at=now - _silence(random),
            last_synced_at=now - timedelta(minutes=random.randrange(600)),
        )
        for user in users
    ]
    Patient.objects.bulk_create(patients)
    _care(clinic, lead, patients, began)
    _care(clinic, therapist, patients[:own], began)
    Consent.objects.bulk_create(
        Consent(patient=one, scope=scope, text_version=1, granted=True, rev=rev, at=began)
        for one in patients
        for rev, scope in enumerate((Scope.DIARY, Scope.NOTES), start=1)
    )
    _plans(patients, began, now, random)
    _alerts(patients, now, random)
    return People(lead.pk, therapist.pk, [one.pk for one in patients])


def _therapist(clinic: Clinic, email: str, now: datetime) -> User:
    user = accounts.add_person(
        email=email, password=None, name=email.split("@", maxsplit=1)[0], now=now
    )
    accounts.employ(user=user, clinic=clinic, role=Role.THERAPIST, now=now)
    return user


def _user(email: str, now: datetime, random: Random) -> User:
    name = f"{random.choice(FIRST)} {random.choice(LAST)}"
    user = User(id=uuid7(), email=email, name=name, time_zone="UTC", joined_at=now)
    user.set_unusable_password()
    return user


def _silence(random: Random) -> timedelta:
    return timedelta(days=random.randrange(12)) if random.random() < 0.15 else timedelta(hours=3)


def _care(clinic: Clinic, therapist: User, patients: Sequence[Patient], now: datetime) -> None:
    CareRelationship.objects.bulk_create(
        CareRelationship(patient=one, therapist=therapist, clinic=clinic, started_at=now)
        for one in patients
    )


def _plans(patients: Sequence[Patient], began: datetime, now: datetime, random: Random) -> None:
    plans = [
        RecoveryPlan(
            patient=one,
            start_date=began.date(),
            care_started_on=began.date(),
            phase=random.choice([PhaseId.REHAB, PhaseId.LONG_TERM]),
            phase_since=began.date(),
            rev=3,
            created_at=began,
        )
        for one in patients
    ]
    RecoveryPlan.objects.bulk_create(plans)
    PhaseChange.objects.bulk_create(
        PhaseChange(plan=plan, phase=plan.phase, on_date=began.date(), at=began, cause="start")
        for plan in plans
    )
    Prescription.objects.bulk_create(
        Prescription(
            plan=plan,
            exercise=exercise,
            phase=plan.phase,
            dose=DOSE,
            slots=slots,
            starts_on=began.date(),
            rev=rev,
        )
        for plan in plans
        for rev, (exercise, slots) in enumerate(
            (("EX-01", ["morning", "evening"]), ("EX-02", ["morning"]), ("EX-20", ["evening"])),
            start=4,
        )
    )
    PlanPause.objects.bulk_create(
        PlanPause(plan=plan, reason=PauseReason.THERAPIST, started_at=now - timedelta(days=3))
        for plan in plans
        if random.random() < 0.05
    )


def _alerts(patients: Sequence[Patient], now: datetime, random: Random) -> None:
    Alert.objects.bulk_create(
        Alert(
            patient=one,
            rule=RULES[level],
            level=level,
            status=random.choice([AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED]),
            key=f"{RULES[level]}:{uuid7()}",
            because={"facts": [], "late": False, "matched": [], "sources": []},
            rules_version="1",
            occurred_at=(at := now - timedelta(hours=random.randrange(1, 300))),
            opened_at=at,
            rev=7,
        )
        for one in patients
        for level, share in SHARES
        if random.random() < share / 100
    )
