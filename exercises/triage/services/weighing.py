"""What an evaluation means for the alerts that there are: decided here, and written by `lifecycle`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Q

from backend.accounts.models import Patient
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertStatus, DoctorPrompt, PromptState
from exercises.triage.rules.engine import Evaluation, Finding
from exercises.triage.rules.pack import default_pack

# A trend that a clinician has resolved, or for which the patient saw a doctor, is raised again only
# if it still holds two weeks later (specification 2.3: re-armed 14 days after 'seen').
REARM_AFTER = timedelta(days=14)


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


def clears_by_itself(rule: str, level: int) -> bool:
    """Whether an alert may end without a clinician: never an emergency or an urgent one."""
    return level < Level.URGENT_SAME_DAY and default_pack().rules[rule].clears == "condition"


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
