"""Plays a history through the doors and services, and holds the record against the oracle."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import singledispatchmethod
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4, uuid5

import msgspec

from backend.accounts.models import AuditEvent, Patient, User
from exercises.plans import selectors as plans
from exercises.sync.services import accept
from exercises.tracking.facts import Retraction, SymptomReport, body_errors
from exercises.tracking.models import Fact, FactType
from exercises.tracking.services import Report, Status
from exercises.triage import services as triage
from exercises.triage.levels import Level
from exercises.triage.models import STANDING, Alert, AlertEvent, AlertStatus, DoctorPrompt
from exercises.triage.services.alerts import WrongStatus
from tests.client import ApiClient
from tests.safety import histories as steps
from tests.safety.on_record import every_red_flag_is_on_record
from tests.safety.oracle import SAME_DAY, Expected, red_flags

Standing = dict[UUID, int]


class Crash(Exception):
    """Stands in for whatever may go wrong after a report was judged and before it is committed."""


def crashing_judge(**arguments: Any) -> None:
    """Judges, and fails."""
    REAL_JUDGE(**arguments)
    raise Crash


REAL_JUDGE = triage.judge


class Player:
    """One patient's phone, her therapist, and what must be on record at every moment."""

    def __init__(
        self,
        *,
        phone: ApiClient,
        patient: Patient,
        therapist: User,
        now: datetime,
        set_clock: Callable[[datetime], None],
    ) -> None:
        self.phone, self.patient, self.therapist = phone, patient, therapist
        self.now, self._set_clock = now, set_clock
        self.expected = Expected()
        self.stored: dict[str, dict[str, Any]] = {}
        self.refused: dict[str, dict[str, Any]] = {}
        self.advice: dict[str, Any] = {}
        self.pains: set[str] = set()
        set_clock(now)

    @singledispatchmethod
    def play(self, step: steps.Step) -> None:
        """One step; what it answers is judged at once."""
        raise NotImplementedError(step)

    @play.register
    def _(self, step: steps.Send) -> None:
        sent = step.body.wire(self.now)
        if step.crashes:
            self._crash(step.report, sent)
        self._put(step.report, sent)

    @play.register
    def _(self, step: steps.SendAgain) -> None:
        sent = self.stored.get(step.report, self.refused.get(step.report))
        if sent is not None:
            self._put(step.report, sent)

    @play.register
    def _(self, step: steps.SendTogether) -> None:
        sent = [self._as_report(part) for part in step.steps]
        outcomes = accept(patient=self.patient, reports=sent, now=self.now)
        last = {part.report: index for index, part in enumerate(step.steps)}
        for index, (part, report, outcome) in enumerate(
            zip(step.steps, sent, outcomes, strict=True)
        ):
            if isinstance(part, steps.Withdraw):
                self._withdrawn(part)
                continue
            wire = msgspec.to_builtins(report.body)
            rules = self._take(part.report, wire, outcome.status)
            # What came of an id further down the batch could not be said of it higher up.
            if outcome.status is not Status.DUPLICATE and last[part.report] == index:
                self._holds_advice(rules, part.report, [alert.rule for alert in outcome.alerts])

    @play.register
    def _(self, step: steps.Withdraw) -> None:
        path = f"me/symptom-reports/{step.report}/retract"
        answer = self.phone.post(path, {"confirmed_none": step.confirmed})
        if step.report in self.stored:
            assert answer.status_code in (200, 201), answer.content
        else:
            assert answer.status_code == 404
            accept(patient=self.patient, reports=[self._as_report(step)], now=self.now)
        self._withdrawn(step)

    @play.register
    def _(self, step: steps.Hurts) -> None:
        if step.report in self.pains:
            return
        body = {
            "occurred_at": self.now.isoformat(),
            "tz": "UTC",
            "local_date": self.now.date().isoformat(),
            "site": step.site,
            "kind": "now",
            "score": step.score,
            "relief_rest": step.eased,
        }
        answer = self.phone.put(f"me/pain-reports/{step.report}", body)
        assert answer.status_code == 201
        self.pains.add(step.report)
        if step.score >= 9 and step.eased == "no":
            rules = frozenset({"RF-PAIN-EXTREME"})
            self.expected.reported(step.report, rules, hours_late=0)
            self.expected.levels["RF-PAIN-EXTREME", step.report, False] = SAME_DAY
            self._holds_advice(rules, step.report, rules_of(answer.json()["advice"]))

    @play.register
    def _(self, step: steps.Answers) -> None:
        prompts = [*DoctorPrompt.objects.filter(patient=self.patient).order_by("rev")]
        if not prompts:
            return
        path = f"me/advice/{prompts[step.prompt % len(prompts)].pk}"
        if step.answer == "seen":
            assert self.phone.post(f"{path}/seen").status_code == 200
        else:
            body = {"answer": step.answer, "reason": "not today"}
            assert self.phone.post(f"{path}/response", body).status_code in (200, 409)

    @play.register
    def _(self, step: steps.Waits) -> None:
        self.now += timedelta(hours=step.hours)
        self._set_clock(self.now)
        triage.evaluate_due(now=self.now)

    @play.register
    def _(self, step: steps.Silences) -> None:
        if step.what == "delete":
            for report in steps.REPORTS:
                assert self.phone.delete(f"me/symptom-reports/{report}").status_code == 405
        elif step.what == "mute":
            path = "me/notification-preferences"
            silent = {"travel": "follow_me", "channels": []}
            tag = self.phone.get(path)["ETag"]
            assert self.phone.put(path, silent, If_Match=tag).status_code == 200
        else:
            refusal = {"scope": step.what, "granted": False, "version": 1}
            assert self.phone.post("me/consents", refusal).status_code == 200

    @play.register
    def _(self, step: steps.Clinician) -> None:
        alerts = [*Alert.objects.filter(patient=self.patient).order_by("rev")]
        if step.verb == "known_stable":
            triage.mark_known_stable(
                patient=self.patient, symptom=step.symptom, side="", by=self.therapist, now=self.now
            )
        elif alerts:
            self._act(step.verb, alerts[step.alert % len(alerts)])

    def holds(self, before: Standing, step: steps.Step) -> None:
        """The record is what the oracle says, and nothing that stood has sunk by itself."""
        every_red_flag_is_on_record(self.patient, self.expected)
        self._nothing_sank(before, step)
        plan = plans.open_plan(self.patient.pk)
        assert plan is not None
        assert ("alert" in plans.plan_state(plan)[1]) is bool(self.standing())

    def standing(self) -> Standing:
        """The levels of the urgent and emergency alerts that count now."""
        rows = Alert.objects.filter(
            patient=self.patient, status__in=STANDING, level__gte=Level.URGENT_SAME_DAY
        )
        return {alert.pk: alert.level for alert in rows}

    def _put(self, report: str, sent: dict[str, Any]) -> None:
        is_duplicate = self.stored.get(report) == sent
        answer = self.phone.put(f"me/symptom-reports/{report}", sent)
        body = answer.json()
        assert answer.status_code in (200, 201, 400, 409), body
        status = {
            200: Status.DUPLICATE,
            201: Status.APPLIED,
            409: Status.DIFFERENT,
            400: Status.DIFFERENT,
        }[answer.status_code]
        assert (status is Status.DUPLICATE) is is_duplicate
        rules = self._take(report, sent, status)
        if status is Status.DUPLICATE:
            assert body["advice"] == self.advice.get(report, body["advice"])
            return
        if status is Status.APPLIED:
            self.advice[report] = body["advice"]
        self._holds_advice(rules, report, rules_of(body.get("advice")))

    def _take(self, report: str, sent: dict[str, Any], status: Status) -> frozenset[str]:
        rules, late = red_flags(sent), self._hours_late(sent)
        if status is Status.APPLIED:
            self.stored[report] = sent
            self.expected.reported(report, rules, hours_late=late)
        elif status is Status.DIFFERENT:
            self.refused[report] = sent
            self.expected.refused(report, rules, hours_late=late)
        return rules

    def _hours_late(self, sent: dict[str, Any]) -> float:
        try:
            moment = datetime.fromisoformat(sent.get("occurred_at", ""))
            return (self.now - moment).total_seconds() / 3600 if moment.year > 1 else 0
        except (TypeError, ValueError):
            return 0

    def _withdrawn(self, step: steps.Withdraw) -> None:
        if step.confirmed:
            self.expected.withdrawn.add(step.report)

    def _holds_advice(self, rules: frozenset[str], report: str, spoken: list[str]) -> None:
        """The answer speaks of each red flag of the report whose alert stands."""
        for rule in rules:
            alerts = Alert.objects.filter(patient=self.patient, rule=rule, source_fact=report)
            stands = any(alert.status in STANDING for alert in alerts)
            assert rule in spoken or not stands, (rule, spoken)

    def _crash(self, report: str, sent: dict[str, Any]) -> None:
        before = self._counts()
        with patch.object(triage, "judge", crashing_judge):
            answer = self.phone.put(f"me/symptom-reports/{report}", sent)
        assert answer.status_code in (200, 400, 409, 500)
        assert self._counts() == before

    def _counts(self) -> tuple[int, ...]:
        models = (Fact, Alert, AlertEvent, DoctorPrompt, AuditEvent)
        return tuple(model.objects.count() for model in models)

    def _as_report(self, step: steps.Send | steps.Withdraw) -> Report:
        if isinstance(step, steps.Send):
            body = msgspec.convert(step.body.wire(self.now), SymptomReport)
            assert body_errors(body) == []
            return Report(UUID(step.report), FactType.SYMPTOM, body)
        withdrawal = Retraction(
            occurred_at=self.now,
            tz="UTC",
            local_date=date(2026, 5, 4),
            target=UUID(step.report),
            confirmed_none=step.confirmed,
        )
        named = uuid5(UUID(step.report), f"withdrawn {step.confirmed} {uuid4()}")
        return Report(named, FactType.RETRACTION, withdrawal)

    def _act(self, verb: str, alert: Alert) -> None:
        try:
            if verb == "acknowledge":
                triage.acknowledge(alert=alert, by=self.therapist, now=self.now)
            elif verb == "resolve":
                triage.resolve(alert=alert, by=self.therapist, reason="seen", now=self.now)
            else:
                triage.reopen(alert=alert, by=self.therapist, reason="again", now=self.now)
        except WrongStatus:
            pass

    def _nothing_sank(self, before: Standing, step: steps.Step) -> None:
        after = self.standing()
        for alert_id in before:
            alert = Alert.objects.get(pk=alert_id)
            if alert_id in after:
                assert after[alert_id] == before[alert_id]
            elif alert.status == AlertStatus.RESOLVED:
                assert isinstance(step, steps.Clinician)
                assert step.verb == "resolve"
            else:
                assert alert.status == AlertStatus.RETRACTED
                assert str(alert.source_fact) in self.expected.withdrawn
                assert alert.review_open


def rules_of(advice: Any) -> list[str]:
    """The rules that an answer speaks of; none may be below its highest."""
    return [item["rule"] for item in advice["because"]] if advice else []
