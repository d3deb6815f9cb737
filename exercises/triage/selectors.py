"""Reading alerts and prompts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from backend.accounts.access import caseload, is_open
from backend.accounts.consents import agrees, granted
from backend.accounts.models import CareRelationship, Membership, Patient, Role, Scope, User
from backend.core.compiled import compiled
from exercises.triage.models import (
    STANDING,
    Alert,
    AlertEvent,
    DoctorPrompt,
    KnownStable,
    NextEvaluation,
    ThresholdSet,
    Visit,
)
from exercises.triage.rules.pack import default_pack
from exercises.triage.sharing import SHOWN_WITHOUT_DIARY
from exercises.triage.thresholds.offered import tighter

WAITING = Q(status__in=STANDING) | Q(review_open=True)
# Whether or not the patient shares her diary, her therapist sees that such an alert is open.
VISIBLE_IN_ANY_CASE = WAITING & Q(level__gte=SHOWN_WITHOUT_DIARY)

HAVE_IT = ("acknowledged_by", "assigned_to")


@compiled
def standing_of(patient_id: UUID) -> QuerySet[Alert]:
    """The alerts that count now, as they were raised."""
    return Alert.objects.filter(patient_id=patient_id, status__in=STANDING).order_by("rev", "id")


def standing_alerts(patient_id: UUID) -> QuerySet[Alert]:
    """The alerts that count now, highest first."""
    return Alert.objects.filter(patient_id=patient_id, status__in=STANDING).order_by(
        "-level", "opened_at"
    )


@compiled
def standing_by_level(patient_id: UUID) -> QuerySet[Alert]:
    """The same, remembered."""
    return standing_alerts(patient_id)


def alerts_of(patient_id: UUID) -> QuerySet[Alert]:
    """All alerts of a patient, newest first."""
    return Alert.objects.filter(patient_id=patient_id).order_by("-rev")


def alerts_by_ids(patient_id: UUID, ids: Iterable[str]) -> tuple[Alert, ...]:
    """The alerts of these ids, highest first."""
    named = [UUID(text) for text in ids]
    return tuple(_alerts_named(patient_id, named)) if named else ()


@compiled
def _alerts_named(patient_id: UUID, ids: Sequence[UUID]) -> QuerySet[Alert]:
    found = Alert.objects.filter(patient_id=patient_id, id__in=ids)
    return found.order_by("-level", "rule")


def work_list(user: User, now: datetime) -> QuerySet[Alert]:
    """What waits for this therapist: alerts that stand or wait for review, highest first."""
    return _alerts_visible_to(user, now).filter(WAITING).order_by("-level", "rev", "id")


def alert_for(user: User, alert_id: UUID, now: datetime) -> Alert | None:
    """An alert of one of this therapist's patients."""
    found = _alerts_visible_to(user, now).filter(pk=alert_id)
    return with_people(found).first()


def as_it_is(alert: Alert) -> Alert:
    """The alert read again, with its people and steps."""
    return with_people(Alert.objects.filter(pk=alert.pk)).get()


def with_people(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """The alerts with the patients' users, who has seen and who has them, and their steps, oldest
    first; one query more than without."""
    people = alerts.select_related("patient__user", *HAVE_IT)
    return people.prefetch_related(Prefetch("events", queryset=_steps()))


def waiting_with_people(patient_id: UUID) -> list[Alert]:
    """A patient's alerts that stand or wait for review, with her answer, who has seen and who has
    them, and their steps, oldest first; two queries."""
    alerts = waiting_alerts(patient_id)
    steps: defaultdict[UUID, list[AlertEvent]] = defaultdict(list)
    for step in _steps_of([alert.pk for alert in alerts]):
        steps[step.alert_id].append(step)
    for alert in alerts:
        read: Any = alert
        read._prefetched_objects_cache = {"events": steps[alert.pk]}
    return alerts


@compiled
def waiting_alerts(patient_id: UUID) -> QuerySet[Alert]:
    """The alerts of a patient that stand or wait for review, with her answer, and who has seen and
    who has them."""
    waiting = Alert.objects.filter(WAITING, patient_id=patient_id)
    return waiting.select_related("prompt", *HAVE_IT)


@compiled
def _steps_of(alert_ids: Sequence[UUID]) -> QuerySet[AlertEvent]:
    return _steps().filter(alert__in=alert_ids)


def _steps() -> QuerySet[AlertEvent]:
    return AlertEvent.objects.select_related("by", "assignee").order_by("at", "id")


def colleagues_for(patient_id: UUID, now: datetime) -> QuerySet[User]:
    """The therapists of the clinics that look after the patient, by name: whom an alert of hers may
    be passed on to."""
    care = CareRelationship.objects.filter(
        is_open(now), patient=patient_id, clinic=OuterRef("clinic")
    )
    employed = Membership.objects.filter(
        Exists(care), is_open(now), role=Role.THERAPIST, user=OuterRef("pk")
    )
    return User.objects.filter(Exists(employed), is_active=True).order_by("name", "email", "pk")


def alerts_of_patient_for_team(patient: Patient, now: datetime) -> QuerySet[Alert]:
    """The alerts of a patient that her care team may see, newest first."""
    shared = granted(patient.pk, Scope.DIARY, now)
    return alerts_of(patient.pk) if shared else alerts_of(patient.pk).filter(VISIBLE_IN_ANY_CASE)


def _alerts_visible_to(user: User, now: datetime) -> QuerySet[Alert]:
    hers = caseload(user, now).filter(pk=OuterRef("patient_id"))
    shared = Q(agrees(Scope.DIARY, now, "patient")) | VISIBLE_IN_ANY_CASE
    return Alert.objects.filter(shared, Exists(hers))


def prompts_of(patient_id: UUID) -> QuerySet[DoctorPrompt]:
    """The doctor prompts of a patient with their alerts, newest first."""
    return (
        DoctorPrompt.objects.filter(patient_id=patient_id)
        .select_related("alert")
        .order_by("-raised_at", "-rev")
    )


def open_prompts(patient_id: UUID) -> QuerySet[DoctorPrompt]:
    """The prompts whose alert stands, highest first."""
    return (
        prompts_of(patient_id)
        .filter(alert__status__in=STANDING)
        .order_by("-alert__level", "raised_at")
    )


def visits_of(patient_id: UUID) -> QuerySet[Visit]:
    """The visits of a patient with their prompts, the latest change first."""
    return Visit.objects.filter(patient_id=patient_id).prefetch_related("prompts").order_by("-rev")


def visit_of(patient_id: UUID, visit_id: UUID) -> Visit | None:
    """The visit that the patient's phone calls `visit_id`."""
    return visits_of(patient_id).filter(id=visit_id).first()


def known_stable_of(patient_id: UUID) -> QuerySet[KnownStable]:
    """What clinicians said they know as stable, newest first, expired words too."""
    rows = KnownStable.objects.filter(patient_id=patient_id)
    return rows.select_related("by").order_by("-at", "-id")


def thresholds_of(patient_id: UUID) -> QuerySet[ThresholdSet]:
    """What was set for the patient, the newest first, which stands."""
    rows = ThresholdSet.objects.filter(patient_id=patient_id)
    return rows.select_related("by").order_by("-version")


def thresholds_in_force(patient_id: UUID) -> dict[str, int]:
    """The numbers by which her trends are judged, where they differ from the rules' own."""
    stands = thresholds_of(patient_id).first()
    return tighter(stands.values, default_pack().constants) if stands else {}


def evaluations_due(now: datetime) -> bool:
    """Whether any patient's daily look is due."""
    return NextEvaluation.objects.filter(due_at__lte=now).exists()


def after_in_work_list(
    rows: QuerySet[Alert], *, level: int, rev: int, alert_id: str
) -> QuerySet[Alert]:
    """The rows of a work list that come after the one with this sort key."""
    later = Q(level__lt=level) | Q(level=level, rev__gt=rev)
    return rows.filter(later | Q(level=level, rev=rev, id__gt=alert_id))
