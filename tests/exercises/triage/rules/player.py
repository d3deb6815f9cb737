"""Plays a short history through the rules alone: what would stand open at a moment, and what fired.

Facts are judged as they arrive, and trends at 00:00 and 09:00 local besides. Alerts are kept by the
finding's key; those that a clinician has resolved are raised again for a trend after two weeks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from exercises.tracking.trends import DayPain, ScoreSum, Values, daily_values, within
from exercises.triage.levels import Level
from exercises.triage.rules.engine import ACUTE, Evaluation, Finding, evaluate, highest
from exercises.triage.rules.pack import RulePack
from exercises.triage.rules.record import KnownStable, PainFact, Profile, Record

DAY = timedelta(days=1)
REARM = timedelta(days=14)


@dataclass
class Alert:
    """One alert of the play."""

    rule: str
    key: str
    level: Level
    opened_at: datetime
    status: str = "open"
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Arrival:
    """Something that the product learns at `received`: part of a record, or a deed."""

    received: datetime
    field: str
    fact: Any


@dataclass
class Player:
    """A patient whose plan began on `start`, in one time zone."""

    pack: RulePack
    start: date
    zone: ZoneInfo
    profile: Profile = field(default_factory=Profile)
    alerts: list[Alert] = field(default_factory=list)
    known: dict[str, list[Any]] = field(default_factory=dict)

    def play(self, arrivals: Iterable[Arrival], until: datetime) -> None:
        """Everything received up to `until`, in that order, and the daily evaluations between."""
        steps: dict[datetime, list[Arrival]] = {moment: [] for moment in self._ticks(until)}
        for item in arrivals:
            if item.received <= until:
                steps.setdefault(item.received, []).append(item)
        # What arrives together is judged together, as one push is.
        for moment in sorted(steps):
            for item in steps[moment]:
                self._take(item)
            self._judge(moment)

    def level(self) -> Level:
        """The highest level that stands."""
        return highest(alert.level for alert in self.alerts if alert.status == "open")

    def fired(self) -> set[str]:
        """Rules that have raised an alert, closed since or not."""
        return {alert.rule for alert in self.alerts}

    def record(self, now: datetime) -> Record:
        """What is known, as the rules read it."""
        pains = tuple(self.known.get("pains", ()))
        days = days_of(pains)
        return Record(
            now=now,
            today=now.astimezone(self.zone).date(),
            plan_start=self.start,
            profile=self.profile,
            symptoms=tuple(self.known.get("symptoms", ())),
            pains=pains,
            answers=tuple(self.known.get("answers", ())),
            locations=tuple(self.known.get("locations", ())),
            groc=tuple(self.known.get("groc", ())),
            known_stable=tuple(self.known.get("known_stable", ())),
            last_pain_date=max((pain.local_date for pain in pains), default=None),
            daily_values=partial(within, days),
        )

    def _ticks(self, until: datetime) -> Iterable[datetime]:
        day = self.start
        while day <= until.astimezone(self.zone).date():
            for hour in (0, 9):
                moment = datetime.combine(day, time(hour), self.zone).astimezone(UTC)
                if moment <= until:
                    yield moment
            day += DAY

    def _take(self, item: Arrival) -> None:
        if item.field == "retract":
            for facts in self.known.values():
                facts[:] = [fact for fact in facts if getattr(fact, "source_id", "") != item.fact]
            self._close("retracted", item.received, source=item.fact)
        elif item.field == "resolve":
            self._close("resolved", item.received, rule=item.fact)
        elif item.fact not in self.known.setdefault(item.field, []):
            self.known[item.field].append(item.fact)
        if isinstance(item.fact, KnownStable):
            self.known["known_stable"][-1] = replace(item.fact, at=item.received)

    def _close(self, status: str, at: datetime, *, rule: str = "", source: str = "") -> None:
        for alert in self.alerts:
            is_meant = alert.rule == rule or alert.key.endswith(f":{source}")
            if alert.status == "open" and is_meant:
                alert.status, alert.closed_at = status, at

    def _judge(self, now: datetime) -> None:
        evaluation = evaluate(self.record(now), self.pack)
        for finding in evaluation.findings:
            if finding.raises and not self._is_raised(finding, now):
                self.alerts.append(Alert(finding.rule, finding.key, finding.level, now))
        self._clear(evaluation, now)

    def _is_raised(self, finding: Finding, now: datetime) -> bool:
        same = [alert for alert in self.alerts if alert.key == finding.key]
        if finding.kind != "trend":
            return bool(same)
        return any(
            alert.status == "open"
            or (alert.status == "resolved" and now - (alert.closed_at or now) < REARM)
            for alert in same
        )

    def _clear(self, evaluation: Evaluation, now: datetime) -> None:
        for alert in self.alerts:
            clears = alert.level < ACUTE and self.pack.rules[alert.rule].clears == "condition"
            is_over = evaluation.standing(alert.key) == "ended"
            if alert.status == "open" and clears and is_over:
                alert.status, alert.closed_at = "cleared", now


def days_of(pains: Iterable[PainFact]) -> Values:
    """The daily values that the diary would keep of these reports."""
    sums: dict[date, dict[str, dict[str, ScoreSum]]] = {}
    for pain in set(pains):
        if pain.kind == "worst24":
            continue
        by_site = sums.setdefault(pain.local_date, {"avg24": {}, "now": {}})[pain.kind]
        before = by_site.get(pain.site, ScoreSum(0, 0))
        by_site[pain.site] = ScoreSum(before.total + pain.score, before.count + 1)
    days = {day: DayPain(avg24=kinds["avg24"], now=kinds["now"]) for day, kinds in sums.items()}
    return daily_values(days)
