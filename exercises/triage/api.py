"""Alerts as therapists work with them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts import audit
from backend.accounts.consents import shared_by
from backend.accounts.doors import TherapistDoor
from backend.accounts.models import User
from backend.core.api import respond
from backend.core.cursors import PAGE_QUERY, page, page_limit, read_cursor, write_cursor
from backend.core.problems import Problem, not_found
from backend.core.schema import describe
from backend.core.wire import PLAIN, Wire
from exercises.triage import services
from exercises.triage.advice import Because, because_of
from exercises.triage.levels import Level, LevelCode
from exercises.triage.models import Alert, AlertEvent
from exercises.triage.selectors import (
    after_in_work_list,
    alert_for,
    alerts_of_patient_for_team,
    as_it_is,
    with_people,
    work_list,
)
from exercises.triage.services.alerts import WrongStatus
from exercises.triage.sharing import veiled
from exercises.triage.texts import text_of

Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=PLAIN)]


class AlertStep(Wire, frozen=True, kw_only=True):
    """One step in the life of an alert: raised, acknowledged, acted, assigned, resolved and so on.
    `by` is absent where nobody took it by hand; `action` says what was done, `to` who got it."""

    step: str
    at: datetime
    by: str | UnsetType = UNSET
    action: Literal["called", "messaged", "referred", "no_action"] | UnsetType = UNSET
    to: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class AlertView(Wire, frozen=True, kw_only=True):
    """An alert: what fired, since when, how far it has come, and why it was raised."""

    id: UUID
    patient: UUID
    patient_name: str
    rule: str
    level: LevelCode
    status: Literal["open", "acknowledged", "retracted", "resolved", "cleared"]
    text: str
    occurred_at: datetime
    opened_at: datetime | UnsetType = UNSET
    closed_at: datetime | UnsetType = UNSET
    acknowledged_at: datetime | UnsetType = UNSET
    acknowledged_by: str | UnsetType = UNSET
    assigned_to: str | UnsetType = UNSET
    review_open: bool
    because: Because
    steps: list[AlertStep]


class Alerts(Wire, frozen=True, kw_only=True):
    """A page of alerts."""

    items: list[AlertView]
    next_cursor: str | None


class ActReason(Wire, frozen=True, kw_only=True):
    """Why a clinician closes or reopens an alert."""

    reason: Reason


class SeenNote(Wire, frozen=True, kw_only=True):
    """What a clinician makes of an alert that she has seen; the body may be left out."""

    reason: Reason | UnsetType = UNSET


class WorkList(TherapistDoor):
    """What waits for this therapist, over all her patients."""

    @describe(
        "Alerts that wait for me, highest first",
        response=Alerts,
        errors=(401, 403),
        query={"limit": (int, "1 to 200"), "cursor": (str, "The page that follows")},
        tags=("alerts",),
    )
    def get(self, request: Request) -> HttpResponse:
        limit = page_limit(request._request)
        rows = with_people(work_list(self.user, self.now))
        key = read_cursor(request._request, "alerts")
        if key is not None:
            rows = after_in_work_list(rows, level=key[0], rev=key[1], alert_id=key[2])
        page = [*rows[: limit + 1]]
        shown = page[:limit]
        audit.record_many(
            actor_id=self.user.pk,
            action="alerts.read",
            patient_ids={alert.patient_id for alert in shown},
            trace_id=self.trace_id,
            now=self.now,
        )
        more = len(page) > limit
        last = shown[-1] if shown else None
        return respond(
            Alerts(
                items=alert_views(shown, self.now),
                next_cursor=write_cursor("alerts", last.level, last.rev, str(last.pk))
                if more and last
                else None,
            )
        )


class PatientAlerts(TherapistDoor):
    """All alerts of one patient, newest first."""

    @describe(
        "A patient's alerts",
        response=Alerts,
        errors=(401, 403, 404),
        query=PAGE_QUERY,
        tags=("alerts",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_known(patient_id, "alerts.read")
        rows = alerts_of_patient_for_team(patient, self.now)
        shown, more = page(request._request, with_people(rows))
        return respond(Alerts(items=alert_views(shown, self.now), next_cursor=more))


class AlertDoor(TherapistDoor):
    """One alert, by its own address or under its patient's."""

    def alert_or_404(self, alert_id: UUID, patient_id: UUID | None) -> Alert:
        """The alert, if it is of one of this therapist's patients (and of that one)."""
        alert = alert_for(self.user, alert_id, self.now)
        if alert is None or (patient_id is not None and alert.patient_id != patient_id):
            raise not_found()
        return alert

    def before_replay(self, **path: UUID) -> None:
        alert = self.alert_or_404(path["alert_id"], path.get("patient_id"))
        self.patient_seen(alert.patient_id, "answer.replayed")

    def change(self, verb: Callable[[], Alert]) -> HttpResponse:
        """Runs a service on the alert; a status from which it cannot be done is 409."""
        try:
            return respond(alert_views([as_it_is(verb())], self.now)[0])
        except WrongStatus as error:
            raise Problem(409, "wrong_status", str(error)) from None


class OneAlert(AlertDoor):
    @describe("One alert", response=AlertView, errors=(401, 403, 404), tags=("alerts",))
    def get(self, request: Request, alert_id: UUID, patient_id: UUID | None = None) -> HttpResponse:
        alert = self.alert_or_404(alert_id, patient_id)
        self.audit(alert.patient_id, "alert.read")
        return respond(alert_views([alert], self.now)[0])


class Acknowledge(AlertDoor):
    @describe(
        "I have seen this alert",
        request=SeenNote,
        response=AlertView,
        errors=(401, 403, 404, 409),
        tags=("alerts",),
    )
    def post(
        self, request: Request, alert_id: UUID, patient_id: UUID | None = None
    ) -> HttpResponse:
        alert = self.alert_or_404(alert_id, patient_id)
        said = self.body(SeenNote, may_be_left_out=True).reason
        return self.change(
            lambda: services.acknowledge(
                alert=alert,
                by=self.user,
                reason="" if said is UNSET else said,
                now=self.now,
                trace_id=self.trace_id,
            )
        )


class Resolve(AlertDoor):
    @describe(
        "Close this alert",
        request=ActReason,
        response=AlertView,
        errors=(401, 403, 404, 409),
        tags=("alerts",),
    )
    def post(
        self, request: Request, alert_id: UUID, patient_id: UUID | None = None
    ) -> HttpResponse:
        alert = self.alert_or_404(alert_id, patient_id)
        reason = self.body(ActReason).reason
        return self.change(
            lambda: services.resolve(
                alert=alert, by=self.user, reason=reason, now=self.now, trace_id=self.trace_id
            )
        )


class Reopen(AlertDoor):
    @describe(
        "Take a resolved alert back up",
        request=ActReason,
        response=AlertView,
        errors=(401, 403, 404, 409),
        tags=("alerts",),
    )
    def post(
        self, request: Request, alert_id: UUID, patient_id: UUID | None = None
    ) -> HttpResponse:
        alert = self.alert_or_404(alert_id, patient_id)
        reason = self.body(ActReason).reason
        return self.change(
            lambda: services.reopen(
                alert=alert, by=self.user, reason=reason, now=self.now, trace_id=self.trace_id
            )
        )


def alert_views(alerts: Iterable[Alert], now: datetime) -> list[AlertView]:
    """The alerts (with the patients' users) in the words that therapists read; without what was
    reported where the patient does not share her diary."""
    rows = [*alerts]
    shared = shared_by({alert.patient_id for alert in rows}, now)
    return [
        _alert_view(row)
        if shared[row.patient_id].diary
        else _alert_view(veiled(row, row.patient.user.time_zone))
        for row in rows
    ]


def _alert_view(alert: Alert) -> AlertView:
    user = alert.patient.user
    text = text_of(alert.rule, country=user.country, language="en")
    return AlertView(
        id=alert.pk,
        patient=alert.patient_id,
        patient_name=user.name,
        rule=alert.rule,
        level=Level(alert.level).code,
        status=alert.status,  # type: ignore[arg-type]  # the column's choices are these words
        text=text.therapist,
        occurred_at=alert.occurred_at,
        opened_at=alert.opened_at or UNSET,
        closed_at=alert.closed_at or UNSET,
        acknowledged_at=alert.acknowledged_at or UNSET,
        acknowledged_by=_name(alert.acknowledged_by),
        assigned_to=_name(alert.assigned_to),
        review_open=alert.review_open,
        because=because_of(alert),
        steps=[_step(event) for event in alert.events.all()],
    )


def _step(event: AlertEvent) -> AlertStep:
    return AlertStep(
        step=event.step,
        at=event.at,
        by=_name(event.by),
        action=event.action or UNSET,  # type: ignore[arg-type]  # the column's choices
        to=_name(event.assignee),
        reason=event.reason or UNSET,
    )


def _name(user: User | None) -> str | UnsetType:
    return (user.name or user.email) if user else UNSET
