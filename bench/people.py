"""The patients whose phones the stand plays: one with a day of history, one with a year of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from backend.accounts import services as accounts
from backend.accounts.models import Patient
from backend.accounts.revisions import revision
from backend.core.ids import uuid7
from backend.core.localtime import local_date
from exercises.plans import services as plans
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.sync.intake_api import answer_intake
from exercises.tracking import services as tracking
from exercises.tracking.facts import Done, PainReport, Session, SessionItem, Site
from exercises.tracking.models import FactType
from exercises.tracking.services import Report
from exercises.triage.services import judge

ZONE = "Europe/Berlin"
# By then a plan that goes well is in its last phase, and who does not get better has had her alerts.
EVENTFUL = timedelta(weeks=14)
SITES: tuple[Site, ...] = ("knee", "leg", "back")
INTAKE = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}


@dataclass(frozen=True)
class Phone:
    """A signed-in phone: whose it is, and the headers that every request carries."""

    patient: UUID
    headers: dict[str, str]


@dataclass(frozen=True)
class History:
    """How somebody has fared: a plan that began so many days ago, and this pain on each of them (0-10).
    A plan that is `held` stays in its first phase."""

    days: int
    score: int = 1
    held: bool = False


def phone_with(history: History, *, now: datetime) -> Phone:
    """A patient with this history, all of it logged and judged."""
    began = now - timedelta(days=history.days)
    user = accounts.add_person(
        email=f"{uuid7()}@example.org", password=None, name="Bea Bench", now=began
    )
    user.time_zone, user.country = ZONE, "DE"
    user.save(update_fields=["time_zone", "country"])
    patient = accounts.open_record(user=user, now=began)
    answer_intake(patient=patient, answers=INTAKE, now=began)
    if history.held:
        _hold(patient, began)
    _log_days(patient, history.score, began, now)
    token = accounts.make_session_token(user, now)
    return Phone(patient=patient.pk, headers={"X-Session-Token": token})


def _hold(patient: Patient, now: datetime) -> None:
    plan = RecoveryPlan.objects.get(patient=patient)
    with revision(patient.pk) as rev:
        plans.hold(plan=plan, by=patient.user, reason="To be compared.", rev=rev, now=now)


def _log_days(patient: Patient, score: int, began: datetime, now: datetime) -> None:
    prescribed = Prescription.objects.filter(plan__patient=patient)
    rows = [row for row in prescribed if "morning" in row.slots]
    days = [began + timedelta(days=day) for day in range((now - began).days + 1)]
    with revision(patient.pk) as rev:
        # A week at a time: hundreds of these patients are made.
        for week in (days[start : start + 7] for start in range(0, len(days), 7)):
            reports = [report for instant in week for report in _reports(rows, score, instant)]
            tracking.store(patient_id=patient.pk, reports=reports, rev=rev, now=week[-1])
            if week[-1] - began < EVENTFUL or week[-1] == days[-1]:
                judge(patient=patient, rev=rev, now=week[-1])


def _reports(rows: list[Prescription], score: int, instant: datetime) -> list[Report]:
    when = {"occurred_at": instant, "tz": ZONE, "local_date": local_date(instant, ZONE)}
    pains = [
        Report(
            id=uuid7(),
            type=FactType.PAIN,
            body=PainReport(**when, site=site, kind="avg24", score=score),  # type: ignore[arg-type]
        )
        for site in SITES
    ]
    if not rows:
        return pains
    items = [SessionItem(prescription=row.pk, done=Done(sets=1, reps=5)) for row in rows]
    session = Session(**when, items=items)  # type: ignore[arg-type]
    return [*pains, Report(id=uuid7(), type=FactType.SESSION, body=session)]


def pain_report(instant: datetime, day: date, score: int) -> dict[str, object]:
    """A pain report as a phone sends it."""
    return {
        "occurred_at": instant.isoformat(),
        "tz": ZONE,
        "local_date": day.isoformat(),
        "site": "knee",
        "kind": "now",
        "score": score,
        "note": "After the stairs.",
    }
