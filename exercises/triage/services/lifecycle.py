"""The life of alerts as findings come and go: raised once, confirmed, cleared, retracted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.accounts import audit
from backend.accounts.models import Patient, User
from backend.accounts.revisions import Revision
from exercises.tracking.models import Fact, FactType
from exercises.triage import sources
from exercises.triage.levels import Level
from exercises.triage.models import (
    STANDING,
    Alert,
    AlertEvent,
    AlertStatus,
    DoctorPrompt,
    PromptState,
)
from exercises.triage.rules.engine import Evaluation, Finding
from exercises.triage.rules.pack import default_pack
from exercises.triage.services.weighing import clears_by_itself, weigh


@dataclass(frozen=True)
class Changes:
    """What `reconcile` did, and what stands afterwards."""

    raised: tuple[Alert, ...]
    confirmed: tuple[Alert, ...]
    standing: tuple[Alert, ...]


def reconcile(
    *,
    patient: Patient,
    standing: Sequence[Alert],
    evaluation: Evaluation,
    rev: Revision,
    now: datetime,
) -> Changes:
    """Brings the patient's alerts in line with an evaluation: raises what is new, confirms what
    stands, clears what is gone."""
    weighed = weigh(patient=patient, standing=standing, evaluation=evaluation, now=now)
    raised = [
        open_alert(patient=patient, finding=finding, key=key, rev=rev, now=now)
        for finding, key in weighed.news
    ]
    _insert(patient, raised, rev, now)
    close(weighed.gone, AlertStatus.CLEARED, "cleared", rev=rev, now=now)
    open_now = [a for a in (*raised, *standing) if a.status in STANDING]
    return Changes(tuple(raised), weighed.confirmed, tuple(open_now))


def open_alert(
    *, patient: Patient, finding: Finding, key: str, rev: Revision, now: datetime
) -> Alert:
    """The alert of a finding, not yet saved. One that no longer holds is born cleared."""
    is_over = not finding.active and clears_by_itself(finding.rule, finding.level)
    return Alert(
        patient=patient,
        rule=finding.rule,
        level=finding.level,
        status=AlertStatus.CLEARED if is_over else AlertStatus.OPEN,
        key=key,
        source_fact=_source_fact(finding),
        because={
            "facts": list(finding.source_ids),
            "late": finding.late,
            "matched": sources.matched(finding),
            "sources": sources.of_rule(finding.rule),
        },
        rules_version=default_pack().version,
        occurred_at=finding.since,
        opened_at=now,
        closed_at=now if is_over else None,
        review_open=not is_over,
        rev=rev.take(),
    )


def retract(
    *,
    patient: Patient,
    standing: Sequence[Alert],
    fresh: Sequence[Fact],
    rev: Revision,
    now: datetime,
) -> list[Alert]:
    """Closes the alerts whose report was withdrawn by "I have none of these": they stop counting,
    and stay with the therapist until reviewed."""
    targets = {
        fact.target
        for fact in fresh
        if fact.type == FactType.RETRACTION and fact.data["confirmed_none"] is True
    }
    withdrawn = [alert for alert in standing if alert.source_fact in targets]
    close(withdrawn, AlertStatus.RETRACTED, "retracted", rev=rev, now=now)
    for alert in withdrawn:
        audit.record(
            actor_id=patient.user_id,
            action="alert.retracted",
            patient_id=patient.pk,
            object_kind="alert",
            object_id=str(alert.pk),
            now=now,
        )
    return withdrawn


def close(
    alerts: Sequence[Alert],
    status: AlertStatus,
    step: str,
    *,
    rev: Revision,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    keep_prompts: bool = False,
) -> None:
    """Ends `alerts` with `status`, and their prompts unless they are kept. Only a retracted one
    stays to be reviewed."""
    if not alerts:
        return
    for alert in alerts:
        alert.status = status
        alert.closed_at = now
        alert.review_open = status == AlertStatus.RETRACTED
        alert.rev = rev.take()
    Alert.objects.bulk_update(alerts, ["status", "closed_at", "review_open", "rev"])
    if not keep_prompts:
        _close_prompts(alerts, rev)
    note(alerts, step, now=now, by=by, reason=reason)


def take_up(alert: Alert, *, rev: Revision, now: datetime, reason: str = "") -> bool:
    """An alert that a visit had ended counts again; False when one of its trend stands already."""
    is_trend = default_pack().rules[alert.rule].kind == "trend"
    same = Alert.objects.filter(patient=alert.patient_id, rule=alert.rule, status__in=STANDING)
    if is_trend and same.exists():
        return False
    alert.status, alert.closed_at, alert.review_open = AlertStatus.OPEN, None, True
    alert.rev = rev.take()
    alert.save()
    note([alert], "reopened", now=now, reason=reason)
    return True


def note(
    alerts: Iterable[Alert], step: str, *, now: datetime, by: User | None = None, reason: str = ""
) -> None:
    """Writes a step in the life of each alert; whoever sends messages reads these rows."""
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=alert, at=now, step=step, by=by, reason=reason) for alert in alerts
    )


def _close_prompts(alerts: Sequence[Alert], rev: Revision) -> None:
    prompts = [*DoctorPrompt.objects.filter(alert__in=alerts)]
    for prompt in prompts:
        prompt.state, prompt.rev = PromptState.CLOSED, rev.take()
    DoctorPrompt.objects.bulk_update(prompts, ["state", "rev"])


def _insert(patient: Patient, raised: Sequence[Alert], rev: Revision, now: datetime) -> None:
    if not raised:
        return
    Alert.objects.bulk_create(raised)
    DoctorPrompt.objects.bulk_create(
        DoctorPrompt(
            alert=alert,
            patient=patient,
            state=PromptState.RAISED if alert.status in STANDING else PromptState.CLOSED,
            raised_at=now,
            rev=rev.take(),
        )
        for alert in raised
        if alert.level >= Level.SEE_DOCTOR_SOON
    )
    note(raised, "raised", now=now)
    note([a for a in raised if a.status == AlertStatus.CLEARED], "cleared", now=now)
    for alert in raised:
        audit.record(
            actor_id=patient.user_id,
            action="alert.raised",
            patient_id=patient.pk,
            object_kind="alert",
            object_id=str(alert.pk),
            now=now,
        )


def _source_fact(finding: Finding) -> UUID | None:
    return UUID(finding.source_ids[0]) if finding.kind == "event" else None
