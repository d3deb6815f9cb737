"""What a clinician does with an alert."""

from datetime import datetime, timedelta

from backend.accounts import audit
from backend.accounts.models import Patient, User
from backend.accounts.revisions import revision
from exercises.plans import selectors as plans
from exercises.triage import phasing
from exercises.triage.models import (
    STANDING,
    Alert,
    AlertStatus,
    DoctorPrompt,
    KnownStable,
    PromptState,
)
from exercises.triage.rules.pack import default_pack
from exercises.triage.services import lifecycle
from exercises.triage.services.judging import judge

REPEATED_WITHIN = timedelta(hours=1)


class WrongStatus(Exception):
    """The alert is not in a status from which this can be done."""


def acknowledge(
    *, alert: Alert, by: User, reason: str = "", now: datetime, trace_id: str = ""
) -> Alert:
    """A clinician has seen the alert, and may say what she makes of it. It goes on counting;
    acknowledging again changes nothing."""
    with revision(alert.patient_id) as rev:
        alert.refresh_from_db()
        if alert.status == AlertStatus.ACKNOWLEDGED:
            return alert
        if alert.status != AlertStatus.OPEN:
            raise WrongStatus(f"The alert is {alert.status}.")
        alert.status = AlertStatus.ACKNOWLEDGED
        alert.acknowledged_at, alert.acknowledged_by = now, by
        alert.rev = rev.take()
        alert.save()
        lifecycle.note([alert], "acknowledged", now=now, by=by, reason=reason)
        _audit(alert, by, "alert.acknowledged", now, trace_id)
    return alert


def resolve(*, alert: Alert, by: User, reason: str, now: datetime, trace_id: str = "") -> Alert:
    """A clinician closes the alert, with a reason; the plan resumes if nothing else pauses it.

    Resolving a retracted alert is its review: the item leaves the work list.
    """
    with revision(alert.patient_id) as rev:
        alert.refresh_from_db()
        if alert.status == AlertStatus.RETRACTED and alert.review_open:
            alert.review_open, alert.rev = False, rev.take()
            alert.save()
            lifecycle.note([alert], "reviewed", now=now, by=by, reason=reason)
        elif alert.status in STANDING:
            lifecycle.close(
                [alert], AlertStatus.RESOLVED, "resolved", rev=rev, now=now, by=by, reason=reason
            )
            phasing.after_resolution(alert=alert, rev=rev, now=now)
            judge(patient=alert.patient, rev=rev, now=now)
        elif alert.status != AlertStatus.RESOLVED:
            raise WrongStatus(f"The alert is {alert.status}.")
        _audit(alert, by, "alert.resolved", now, trace_id)
    return alert


def reopen(*, alert: Alert, by: User, reason: str, now: datetime, trace_id: str = "") -> Alert:
    """A clinician takes a resolved alert back up; it counts again."""
    with revision(alert.patient_id) as rev:
        alert.refresh_from_db()
        if alert.status != AlertStatus.RESOLVED:
            raise WrongStatus(f"The alert is {alert.status}.")
        alert.status, alert.closed_at, alert.review_open = AlertStatus.OPEN, None, True
        alert.rev = rev.take()
        alert.save()
        # What she answered was about the alert as it was; she is asked anew.
        DoctorPrompt.objects.filter(alert=alert).update(
            state=PromptState.RAISED,
            seen_at=None,
            answered_at=None,
            sought_care=False,
            reason="",
            quiet_until=None,
            rev=rev.take(),
        )
        lifecycle.note([alert], "reopened", now=now, by=by, reason=reason)
        plan = plans.open_plan(alert.patient_id)
        if plan is not None:
            phasing.follow_alerts(
                plan=plan,
                rests_for=plans.plan_state(plan)[1],
                standing=[*Alert.objects.filter(patient=alert.patient_id, status__in=STANDING)],
                rev=rev,
                now=now,
            )
        _audit(alert, by, "alert.reopened", now, trace_id)
    return alert


def mark_known_stable(
    *,
    patient: Patient,
    symptom: str,
    side: str,
    by: User,
    reason: str = "",
    now: datetime,
    trace_id: str = "",
) -> KnownStable:
    """A clinician knows this symptom as stable: the same one on the same side no longer alerts,
    a worse, severe or sudden one does, and after 14 days any (hazard HZ-07). The same word again
    within the hour is a repetition."""
    with revision(patient.pk) as rev:
        said = KnownStable.objects.filter(
            patient=patient, symptom=symptom, side=side, by=by, reason=reason
        )
        repeated = said.filter(at__gt=now - REPEATED_WITHIN, at__lte=now).first()
        if repeated is not None:
            return repeated
        known = KnownStable.objects.create(
            patient=patient,
            symptom=symptom,
            side=side,
            reason=reason,
            by=by,
            at=now,
            expires_at=now + timedelta(days=default_pack().constants.known_stable_days),
        )
        judge(patient=patient, rev=rev, now=now)
        audit.record(
            actor_id=by.pk,
            action="symptom.known_stable",
            patient_id=patient.pk,
            object_kind="symptom",
            object_id=symptom,
            trace_id=trace_id,
            now=now,
        )
    return known


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
