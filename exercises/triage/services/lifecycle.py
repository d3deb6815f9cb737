"""The life of alerts as findings come and go: raised once, confirmed, cleared, retracted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db.models import Q

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

# A trend that a clinician has resolved, or for which the patient saw a doctor, is raised again only
# if it still holds two weeks later (specification 2.3: re-armed 14 days after 'seen').
REARM_AFTER = timedelta(days=14)


@dataclass(frozen=True)
class Changes:
    """What `reconcile` did, and what stands afterwards."""

    raised: tuple[Alert, ...]
    confirmed: tuple[Alert, ...]
    standing: tuple[Alert, ...]


@dataclass(frozen=True)
class Weighed:
    """What an evaluation means for a patient's alerts: findings that are `news`, each with the key
    that its alert will have; standing alerts that are `confirmed`, and those that are `gone`."""

    news: tuple[tuple[Finding, str], ...]
    confirmed: tuple[Alert, ...]
    gone: tuple[Alert, ...]


def weigh(
    *, patient: Patient, standing: Sequence[Alert], evaluation: Evaluation, now: datetime
) -> Weighed:
    """What is new, once per key; what stands and is found again; what no longer holds and may clear
    by itself. What cannot be decided, for lack of data, stays as it is. Writes nothing."""
    past = _PastAlerts(patient, evaluation.findings)
    news, confirmed = [], []
    for finding in evaluation.findings:
        known = _standing_for(finding, standing)
        if known is not None:
            if finding.raises:
                confirmed.append(known)
            continue
        key = past.key_for(finding, now)
        if key is not None:
            news.append((finding, key))
    gone = [
        alert
        for alert in standing
        if clears_by_itself(alert.rule, alert.level)
        and evaluation.standing(_evaluation_key(alert)) == "ended"
    ]
    return Weighed(tuple(news), tuple(confirmed), tuple(gone))


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


def clears_by_itself(rule: str, level: int) -> bool:
    """Whether an alert may end without a clinician: never an emergency or an urgent one."""
    return level < Level.URGENT_SAME_DAY and default_pack().rules[rule].clears == "condition"


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


def _standing_for(finding: Finding, standing: Sequence[Alert]) -> Alert | None:
    for alert in standing:
        if _evaluation_key(alert) == finding.key and not _is_graver(finding, alert):
            return alert
    return None


def _evaluation_key(alert: Alert) -> str:
    # A key is numbered by episode of a trend, or after a late report; the rules know neither.
    return alert.key.partition("#")[0]


def _is_graver(finding: Finding, alert: Alert) -> bool:
    """Whether the alert was raised for something long ago and the finding is of now, which happens
    where one id is used for both: what is of now is never answered as what may be over."""
    return finding.kind == "event" and bool(alert.because["late"]) and finding.level > alert.level


def _source_fact(finding: Finding) -> UUID | None:
    return UUID(finding.source_ids[0]) if finding.kind == "event" else None


def _second(key: str) -> str:
    return f"{key}#2"


class _PastAlerts:
    """The alerts that decide whether a finding is news: the same keys, and the trends' episodes.

    Read when first asked: most judgements only confirm what stands.
    """

    def __init__(self, patient: Patient, findings: Sequence[Finding]) -> None:
        self._patient = patient
        self._findings = findings

    @cached_property
    def _rows(self) -> list[Alert]:
        trends = [finding.rule for finding in self._findings if finding.kind == "trend"]
        events = [finding.key for finding in self._findings if finding.kind != "trend"]
        keys = [*events, *map(_second, events)]
        rows = Alert.objects.filter(Q(key__in=keys) | Q(rule__in=trends), patient=self._patient)
        return [*rows.select_related("prompt").order_by("opened_at")]

    def key_for(self, finding: Finding, now: datetime) -> str | None:
        """The key under which the finding is raised now, or None if it was raised before."""
        if finding.kind != "trend":
            known = [row for row in self._rows if _evaluation_key(row) == finding.key]
            if not known:
                return finding.key
            return _second(finding.key) if all(_is_graver(finding, row) for row in known) else None
        episodes = [row for row in self._rows if row.rule == finding.rule]
        if any(_is_settled(row, now) for row in episodes):
            return None
        return f"{finding.key}#{len(episodes) + 1}"


def _is_settled(alert: Alert, now: datetime) -> bool:
    """Whether a clinician resolved it lately, or a visit that ended it is booked or not long ago."""
    if alert.status == AlertStatus.RESOLVED and alert.closed_at is not None:
        return now - alert.closed_at < REARM_AFTER
    prompt: DoctorPrompt | None = getattr(alert, "prompt", None)
    if alert.status != AlertStatus.CLEARED or prompt is None:
        return False
    if prompt.state == PromptState.PLANNED:
        return True
    is_quiet = prompt.quiet_until is not None and now < prompt.quiet_until
    return prompt.state == PromptState.ATTENDED and is_quiet
