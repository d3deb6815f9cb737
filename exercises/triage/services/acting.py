"""What a clinician did about an alert, and to whom she passes it on."""

from datetime import datetime
from uuid import UUID

from backend.accounts import audit, rota
from backend.accounts.models import User
from backend.accounts.revisions import revision
from exercises.triage.models import STANDING, Alert, AlertAction, AlertEvent, AlertStatus
from exercises.triage.selectors import colleagues_for
from exercises.triage.services import lifecycle
from exercises.triage.services.alerts import REPEATED_WITHIN, WrongStatus

ACTED, ASSIGNED = "acted", "assigned"


class NoColleague(Exception):
    """Whoever is named is no therapist of a clinic that looks after the patient."""


class ReasonMissing(Exception):
    """Nothing was done, and it was not said why."""


def act(
    *,
    alert: Alert,
    by: User,
    action: AlertAction,
    reason: str = "",
    now: datetime,
    trace_id: str = "",
) -> Alert:
    """A clinician did something about the alert, or decided with a `reason` to do nothing.

    Whoever acts has seen it: an open alert is acknowledged by the same word. It goes on counting
    until it is resolved. The same word again within the hour is a repetition. Raises `WrongStatus`
    for an alert that is over, `ReasonMissing`.
    """
    if action == AlertAction.NO_ACTION and not reason.strip():
        raise ReasonMissing
    with revision(alert.patient_id) as rev:
        alert.refresh_from_db()
        if _was_said(alert, by, now, step=ACTED, action=action, reason=reason):
            return alert
        _check_waits(alert)
        if alert.status == AlertStatus.OPEN:
            alert.status = AlertStatus.ACKNOWLEDGED
            alert.acknowledged_at, alert.acknowledged_by = now, by
            lifecycle.note([alert], "acknowledged", now=now, by=by)
        alert.rev = rev.take()
        alert.save()
        AlertEvent.objects.create(
            alert=alert, at=now, step=ACTED, by=by, action=action, reason=reason
        )
        _audit(alert, by, f"alert.{action}", now, trace_id)
    return alert


def assign(
    *, alert: Alert, to: UUID, by: User, reason: str = "", now: datetime, trace_id: str = ""
) -> Alert:
    """Says whose the alert is to act on: hers, or a colleague's, who may then see the patient for a
    week and is told. To whom it is assigned already, nothing changes. Raises `WrongStatus` for an
    alert that is over, `NoColleague`.
    """
    with revision(alert.patient_id) as rev:
        alert.refresh_from_db()
        if alert.assigned_to_id == to:
            return alert
        _check_waits(alert)
        assignee = colleagues_for(alert.patient_id, now).filter(pk=to).first()
        if assignee is None:
            raise NoColleague
        alert.assigned_to, alert.rev = assignee, rev.take()
        alert.save()
        AlertEvent.objects.create(
            alert=alert, at=now, step=ASSIGNED, by=by, assignee=assignee, reason=reason
        )
        if assignee.pk != by.pk:
            rota.call_in([(assignee.pk, alert.patient_id)], now=now)
        _audit(alert, by, "alert.assigned", now, trace_id)
    return alert


def _check_waits(alert: Alert) -> None:
    if alert.status not in STANDING and not alert.review_open:
        raise WrongStatus(f"The alert is {alert.status}.")


def _was_said(
    alert: Alert, by: User, now: datetime, *, step: str, action: str, reason: str
) -> bool:
    said = AlertEvent.objects.filter(alert=alert, step=step, by=by, action=action, reason=reason)
    return said.filter(at__gt=now - REPEATED_WITHIN, at__lte=now).exists()


def _audit(alert: Alert, by: User, action: str, now: datetime, trace_id: str) -> None:
    audit.record(
        actor_id=by.pk,
        action=action,
        patient_id=alert.patient_id,
        object_kind="alert",
        object_id=str(alert.pk),
        trace_id=trace_id,
        now=now,
    )
