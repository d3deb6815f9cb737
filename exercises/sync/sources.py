"""Where the changes of a record are found and how each is put into words, table by table."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast
from msgspec import Struct

from backend.accounts.models import Patient, User
from backend.core.compiled import Compiled, compiled
from backend.core.together import Part
from backend.core.wire import encode
from exercises.conversation.models import CareMessage
from exercises.plans.models import Flare, Intake, PhaseChange, PlanPause, Prescription, RecoveryPlan
from exercises.plans.wire import DateSpan
from exercises.sync import record_views
from exercises.sync.fact_changes import facts
from exercises.sync.feed import Bulk, Change, Reading, Source, Window
from exercises.sync.pull_wire import ChangeView
from exercises.sync.rows import (
    FlareRow,
    IntakeRow,
    PatientRow,
    PauseRow,
    PersonRow,
    PhaseChangeRow,
    PlanRow,
    PrescriptionRow,
)
from exercises.tracking.models import Fact, Quarantined
from exercises.triage.models import Alert, DoctorPrompt, Visit

Selector = Compiled[Any, Any]
Shape = type[Model] | type[Struct]
SETTLED = Q(repaired_by__isnull=False) | Q(discarded_at__isnull=False)


def upsert(entity: str, object_id: UUID, rev: int, data: Any) -> Change:
    """An object as it is now."""
    view = ChangeView(rev=rev, entity=entity, id=object_id, op="upsert", data=data)
    return Change(rev, encode(view).decode())


def tombstone(entity: str, object_id: UUID, rev: int) -> Change:
    """An object that is gone for good."""
    view = ChangeView(rev=rev, entity=entity, id=object_id, op="tombstone")
    return Change(rev, encode(view).decode())


def of_patient(model: Any) -> Callable[[UUID], QuerySet[Any]]:
    """The rows of a model with a column `patient`."""
    return lambda patient_id: model.objects.filter(patient_id=patient_id)


def in_window(rows: QuerySet[Any], window: Window, rev: str = "rev") -> QuerySet[Any]:
    """Those of `rows` that the window asks for."""
    return rows.filter(**{f"{rev}__gt": window.after, f"{rev}__lte": window.upto})


def _rejections(_window: Window, found: Sequence[list[Any]]) -> Iterator[Change]:
    for row in found[0]:
        if row.is_settled:
            yield tombstone("rejection", row.pk, row.rev)
        else:
            yield upsert("rejection", row.pk, row.rev, record_views.rejection_record(row))


def _plans(_window: Window, found: Sequence[list[Any]]) -> Iterator[Change]:
    plans, pauses, running, changes = found
    flares = {flare.plan_id: flare for flare in running}
    for plan in plans:
        flare = flares.get(plan.id)
        view = record_views.plan_record(
            plan,
            pauses=[row.reason for row in pauses if row.plan_id == plan.id],
            flare=DateSpan(start=flare.started_on, end=flare.ends_on) if flare else None,
            changes=[row for row in changes if row.plan_id == plan.id],
        )
        yield upsert("plan", plan.id, plan.rev, view)


def _prescriptions(_window: Window, found: Sequence[list[Any]]) -> Iterator[Change]:
    return (
        upsert("prescription", row.id, row.rev, record_views.prescription_record(row))
        for row in found[0]
    )


def _alerts(window: Window, found: Sequence[list[Any]]) -> Iterator[Change]:
    return (
        upsert("alert", row.pk, row.rev, record_views.alert_record(row, window.reader))
        for row in found[0]
    )


def _alerts_raised(patient_id: UUID) -> QuerySet[Alert]:
    # What was withdrawn before it arrived is no alert, but an item for the therapist to review.
    return Alert.objects.filter(patient_id=patient_id, opened_at__isnull=False)


def _prompts(_window: Window, found: Sequence[list[Any]]) -> Iterator[Change]:
    return (upsert("prompt", row.pk, row.rev, record_views.prompt_record(row)) for row in found[0])


def _messages(window: Window) -> Iterator[Change]:
    rows = in_window(CareMessage.objects.filter(patient=window.patient), window)
    return (
        upsert("message", row.id, row.rev, record_views.message_record(row))
        for row in rows.select_related("author")
    )


def _visits(window: Window) -> Iterator[Change]:
    rows = in_window(Visit.objects.filter(patient=window.patient), window)
    return (
        upsert("visit", row.id, row.rev, record_views.visit_record(row))
        for row in rows.prefetch_related("prompts")
    )


def _intake(_window: Window, found: Sequence[list[Any]]) -> Iterator[Change]:
    return (
        upsert("intake", row.patient_id, row.rev, record_views.intake_record(row))
        for row in found[0]
    )


def _profile(_window: Window, found: Sequence[list[Any]]) -> Iterator[Change]:
    for patient, user in zip(*found, strict=True):
        rev = patient.profile_rev
        yield upsert("profile", patient.id, rev, record_views.profile_record(user, rev))


def _own(patient_id: UUID) -> QuerySet[Patient]:
    return Patient.objects.filter(pk=patient_id)


def _prescribed_to(patient_id: UUID) -> QuerySet[Prescription]:
    return Prescription.objects.filter(plan__patient_id=patient_id)


def reading(
    shape: Shape,
    rows: Callable[[UUID], QuerySet[Any]],
    words: Callable[[Window, Sequence[list[Any]]], Iterable[Change]],
) -> Reading:
    """The rows of one table, by their column `rev`, put into words."""
    return Reading(_parts((shape, _between(rows, "rev"))), words)


def _parts(*asked: tuple[Shape, Selector]) -> Callable[[Window], list[Part]]:
    return lambda window: [
        Part(selector, (window.patient.pk, window.after, window.upto), shape)
        for shape, selector in asked
    ]


def _between(rows: Callable[[UUID], QuerySet[Any]], rev: str, *order: str) -> Selector:
    """Those of a patient's `rows` whose revision is in (`after`, `upto`]."""

    def build(patient_id: UUID, after: int, upto: int) -> QuerySet[Any]:
        asked = {f"{rev}__gt": after, f"{rev}__lte": upto}
        return rows(patient_id).filter(**asked).order_by(*order)

    return compiled(build)


def _of_plan(model: Any, **conditions: Any) -> Callable[[UUID], QuerySet[Any]]:
    return lambda patient_id: model.objects.filter(plan__patient_id=patient_id, **conditions)


def _person(patient_id: UUID) -> QuerySet[User]:
    return User.objects.filter(patient__id=patient_id)


_PLANS = Reading(
    _parts(
        (PlanRow, _between(of_patient(RecoveryPlan), "rev")),
        (
            PauseRow,
            _between(_of_plan(PlanPause, ended_at=None), "plan__rev", "started_at", "id"),
        ),
        (FlareRow, _between(_of_plan(Flare, ended_at=None), "plan__rev")),
        (PhaseChangeRow, _between(_of_plan(PhaseChange), "plan__rev", "at", "id")),
    ),
    _plans,
)
_PROFILE = Reading(
    _parts(
        (PatientRow, _between(_own, "profile_rev")),
        (PersonRow, _between(_person, "patient__profile_rev")),
    ),
    _profile,
)
SOURCES = (
    Source("facts", of_patient(Fact), Bulk(facts), entity=Cast("type", CharField())),
    Source(
        "rejections",
        of_patient(Quarantined),
        reading(Quarantined, of_patient(Quarantined), _rejections),
        entity="rejection",
        gone=SETTLED,
    ),
    Source("plans", of_patient(RecoveryPlan), _PLANS, entity="plan"),
    Source(
        "prescriptions",
        _prescribed_to,
        reading(PrescriptionRow, _prescribed_to, _prescriptions),
        entity="prescription",
    ),
    Source("alerts", _alerts_raised, reading(Alert, _alerts_raised, _alerts), entity="alert"),
    Source(
        "prompts",
        of_patient(DoctorPrompt),
        reading(DoctorPrompt, of_patient(DoctorPrompt), _prompts),
        entity="prompt",
    ),
    Source("messages", of_patient(CareMessage), _messages, entity="message"),
    Source("visits", of_patient(Visit), _visits, entity="visit"),
    Source(
        "intake",
        of_patient(Intake),
        reading(IntakeRow, of_patient(Intake), _intake),
        entity="intake",
        object="patient_id",
    ),
    Source("profile", _own, _PROFILE, entity="profile", rev="profile_rev"),
)
