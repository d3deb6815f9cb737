"""Where the changes of a record are found and how each is put into words, table by table."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q, QuerySet, TextField
from django.db.models.functions import Cast

from backend.accounts.models import Patient
from backend.core.wire import encode
from exercises.conversation.models import CareMessage
from exercises.plans.models import Flare, Intake, PhaseChange, PlanPause, Prescription, RecoveryPlan
from exercises.plans.wire import DateSpan
from exercises.sync import record_views
from exercises.sync.feed import Change, Source, Window, hyphenated
from exercises.sync.pull_wire import ChangeView
from exercises.sync.questionnaire_wire import score_view
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.scoring import score
from exercises.tracking.models import Fact, FactType, Quarantined
from exercises.triage.models import Alert, DoctorPrompt, Visit

SETTLED = Q(repaired_by__isnull=False) | Q(discarded_at__isnull=False)


def upsert(entity: str, object_id: UUID, rev: int, data: Any) -> Change:
    """An object as it is now."""
    view = ChangeView(rev=rev, entity=entity, id=object_id, op="upsert", data=data)
    return Change(rev, encode(view))


def tombstone(entity: str, object_id: UUID, rev: int) -> Change:
    """An object that is gone for good."""
    return Change(rev, encode(ChangeView(rev=rev, entity=entity, id=object_id, op="tombstone")))


def of_patient(model: Any) -> Callable[[UUID], QuerySet[Any]]:
    """The rows of a model with a column `patient`."""
    return lambda patient_id: model.objects.filter(patient_id=patient_id)


def in_window(rows: QuerySet[Any], window: Window, rev: str = "rev") -> QuerySet[Any]:
    """Those of `rows` that the window asks for."""
    return rows.filter(**{f"{rev}__gt": window.after, f"{rev}__lte": window.upto})


def _facts(window: Window) -> Iterator[Change]:
    # The stored JSON goes out as it is: nothing of it is read but the answers of questionnaires.
    rows = in_window(Fact.objects.filter(patient=window.patient), window).values_list(
        "type",
        _text("id"),
        "rev",
        _text("received_at"),
        "date_disagrees",
        _text("retracted_by"),
        _text("amended_by"),
        _text("data"),
    )
    at: dict[str, str] = {}
    for type_, raw_id, rev, received_at, disagrees, retracted_by, amended_by, data in rows:
        id_ = hyphenated(raw_id)
        if received_at not in at:
            at[received_at] = _instant(received_at)
        more = _pointer("retracted_by", retracted_by) + _pointer("amended_by", amended_by)
        if type_ == FactType.QUESTIONNAIRE:
            more += _score(json.loads(data))
        yield Change(
            rev,
            f'{{"rev":{rev},"entity":"{type_}","id":"{id_}","op":"upsert","data":{data[:-1]},'
            f'"id":"{id_}","rev":{rev},"received_at":{at[received_at]},'
            f'"date_disagrees":{"true" if disagrees else "false"}{more}}}}}'.encode(),
        )


def _text(column: str) -> Cast:
    # As text, a column costs no conversion.
    return Cast(column, TextField())


def _instant(text: str) -> str:
    found = datetime.fromisoformat(text)
    return encode(found if found.tzinfo else found.replace(tzinfo=UTC)).decode()


def _pointer(name: str, object_id: str | None) -> str:
    return f',"{name}":"{hyphenated(object_id)}"' if object_id else ""


def _score(form: dict[str, Any]) -> str:
    instrument = instruments().offered.get(form["instrument"])
    if instrument is None:
        return ""
    found = score_view(instrument, score(instrument, form["answers"]))
    return f',"score":{encode(found).decode()}'


def _rejections(window: Window) -> Iterator[Change]:
    for row in in_window(Quarantined.objects.filter(patient=window.patient), window):
        if row.is_settled:
            yield tombstone("rejection", row.pk, row.rev)
        else:
            yield upsert("rejection", row.pk, row.rev, record_views.rejection_record(row))


def _plans(window: Window) -> Iterator[Change]:
    plans = [*in_window(RecoveryPlan.objects.filter(patient=window.patient), window)]
    open_rows = {"plan__in": plans, "ended_at": None}
    pauses = [*PlanPause.objects.filter(**open_rows).order_by("started_at", "id")]
    flares = {flare.plan_id: flare for flare in Flare.objects.filter(**open_rows)}
    changes = [*PhaseChange.objects.filter(plan__in=plans).order_by("at", "id")]
    for plan in plans:
        flare = flares.get(plan.pk)
        view = record_views.plan_record(
            plan,
            pauses=[row.reason for row in pauses if row.plan_id == plan.pk],
            flare=DateSpan(start=flare.started_on, end=flare.ends_on) if flare else None,
            changes=[row for row in changes if row.plan_id == plan.pk],
        )
        yield upsert("plan", plan.pk, plan.rev, view)


def _prescriptions(window: Window) -> Iterator[Change]:
    rows = in_window(Prescription.objects.filter(plan__patient=window.patient), window)
    return (
        upsert("prescription", row.pk, row.rev, record_views.prescription_record(row))
        for row in rows
    )


def _alerts(window: Window) -> Iterator[Change]:
    return (
        upsert("alert", row.pk, row.rev, record_views.alert_record(row, window.reader))
        for row in in_window(_alerts_raised(window.patient.pk), window)
    )


def _alerts_raised(patient_id: UUID) -> QuerySet[Alert]:
    # What was withdrawn before it arrived is no alert, but an item for the therapist to review.
    return Alert.objects.filter(patient_id=patient_id, opened_at__isnull=False)


def _prompts(window: Window) -> Iterator[Change]:
    rows = in_window(DoctorPrompt.objects.filter(patient=window.patient), window)
    return (upsert("prompt", row.pk, row.rev, record_views.prompt_record(row)) for row in rows)


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


def _intake(window: Window) -> Iterator[Change]:
    rows = in_window(Intake.objects.filter(patient=window.patient), window)
    return (
        upsert("intake", row.patient_id, row.rev, record_views.intake_record(row)) for row in rows
    )


def _profile(window: Window) -> Iterable[Change]:
    rows = in_window(_own(window.patient.pk), window, "profile_rev").select_related("user")
    return (
        upsert(
            "profile",
            row.pk,
            row.profile_rev,
            record_views.profile_record(row.user, row.profile_rev),
        )
        for row in rows
    )


def _own(patient_id: UUID) -> QuerySet[Patient]:
    return Patient.objects.filter(pk=patient_id)


def _prescribed_to(patient_id: UUID) -> QuerySet[Prescription]:
    return Prescription.objects.filter(plan__patient_id=patient_id)


SOURCES = (
    Source("facts", of_patient(Fact), _facts, entity=Cast("type", CharField())),
    Source("rejections", of_patient(Quarantined), _rejections, entity="rejection", gone=SETTLED),
    Source("plans", of_patient(RecoveryPlan), _plans, entity="plan"),
    Source("prescriptions", _prescribed_to, _prescriptions, entity="prescription"),
    Source("alerts", _alerts_raised, _alerts, entity="alert"),
    Source("prompts", of_patient(DoctorPrompt), _prompts, entity="prompt"),
    Source("messages", of_patient(CareMessage), _messages, entity="message"),
    Source("visits", of_patient(Visit), _visits, entity="visit"),
    Source("intake", of_patient(Intake), _intake, entity="intake", object="patient_id"),
    Source("profile", _own, _profile, entity="profile", rev="profile_rev"),
)
