"""Reads one patient's record for her brief: a fixed number of queries, whatever her history."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import UNSET, UnsetType

from backend.accounts.models import Patient
from backend.core.localtime import local_date
from exercises.catalog import selectors as catalog
from exercises.plans import phases, schedule
from exercises.plans import selectors as plans
from exercises.plans.models import Intake, Prescription, RecoveryPlan
from exercises.plans.prescribed import variation_of
from exercises.reports.brief import (
    LONGEST_TEXT,
    WEEK,
    WEEKS,
    BriefRecord,
    HomeCareUse,
    PainDuring,
    PainOfDay,
    brief_of,
    clipped,
    tried_from,
)
from exercises.reports.brief_wire import (
    Brief,
    BriefAlert,
    BriefGateLine,
    BriefPlan,
    BriefQuestionnaire,
    BriefSince,
    BriefVisit,
)
from exercises.reports.brief_words import Words, alert_words, words_in
from exercises.reports.selectors import questions_of
from exercises.tracking import selectors as tracking
from exercises.tracking import trends
from exercises.tracking.done import done_items
from exercises.tracking.instruments.responses import Standing, score_of, standings
from exercises.tracking.models import DayPain, Fact, FactType
from exercises.triage.levels import Level
from exercises.triage.models import STANDING, Alert, Visit
from exercises.triage.panel import heard_on
from exercises.triage.phasing import gate_of
from exercises.triage.rules.pack import default_pack
from exercises.triage.selectors import alerts_of, visits_of
from exercises.triage.trend import trend_of

DAY = timedelta(days=1)
# What a brief looks through; the page itself holds far fewer.
MOST_ROWS = 200
LONGEST_NAME = 80


@dataclass(frozen=True)
class _Tried:
    """What was due and done in the last weeks, and what it cost in pain."""

    occurrences: Sequence[schedule.Occurrence]
    during: Sequence[PainDuring]
    rows: Sequence[Prescription] = ()


def brief_for(patient: Patient, now: datetime, *, language: str, with_questions: bool) -> Brief:
    """The brief of `patient` (with her user) at `now`, in `language` as far as there are words.

    `with_questions`: whether the reader may see her free text.
    """
    return brief_of(_record(patient, now, words_in(language), with_questions=with_questions))


def _record(patient: Patient, now: datetime, words: Words, *, with_questions: bool) -> BriefRecord:
    zone = patient.user.time_zone
    today = local_date(now, zone)
    plan, intake = plans.open_plan(patient.pk), plans.intake_of(patient.pk)
    alerts = [*alerts_of(patient.pk).select_related("prompt")[:MOST_ROWS]]
    first = tried_from(today, plan.start_date if plan else None)
    tried = _tried(plan, first, today, zone, now) if plan else _Tried((), ())
    return BriefRecord(
        today=today,
        language=words.language,
        name=clipped(patient.user.name or patient.user.email, LONGEST_NAME),
        age=_answers(intake).get("age"),
        since=_since(plan, intake),
        plan=_plan(plan, alerts, today) if plan else None,
        pains=_pains(patient.pk, plan, today),
        enough_days=default_pack().constants.window_min_logged_days,
        alerts=[_alert(alert, words, zone) for alert in alerts if alert.opened_at is not None],
        occurrences=tried.occurrences,
        during=tried.during,
        names=_names(tried, words.language),
        uses=[*_uses(patient.pk, first, today)],
        questionnaires=[*_questionnaires(plan, words, today)] if plan else [],
        visits=[_visit(visit, with_text=with_questions) for visit in _visits(patient.pk)],
        heard_on=heard_on(patient),
        unreadable=tracking.open_quarantine(patient.pk).count(),
        questions=questions_of(patient.pk).questions if with_questions else None,
        notice=words.say("page", "notice"),
    )


def _answers(intake: Intake | None) -> dict[str, Any]:
    return dict(intake.answers) if intake else {}


def _since(plan: RecoveryPlan | None, intake: Intake | None) -> BriefSince:
    answers = _answers(intake)
    if plan is not None and plan.episode > 1:
        # How the first episode began says nothing about where a later one started.
        answers = {"side": answers.get("side"), "first_episode": False}
    began, side = answers.get("episode_started_on"), answers.get("side")
    return BriefSince(
        began_on=date.fromisoformat(began) if began else UNSET,
        care_since=plan.care_started_on if plan else UNSET,
        plan_since=plan.start_date if plan else UNSET,
        side=side if side in ("left", "right", "both") else UNSET,
        first_episode=_known(answers.get("first_episode")),
        pain_at_start=_known(answers.get("pain_at_episode_start")),
    )


def _known(answer: Any) -> Any:
    return UNSET if answer is None else answer


def _plan(plan: RecoveryPlan, alerts: Sequence[Alert], today: date) -> BriefPlan:
    state, reasons = plans.plan_state(plan)
    gate = gate_of(
        plan=plan,
        standing=[alert for alert in alerts if alert.status in STANDING],
        trend=trend_of(plan, today),
        today=today,
    )
    return BriefPlan(
        phase=plans.phase_of(plan),
        phase_since=plan.phase_since,
        day=max(0, plans.plan_day(plan, today)),
        state=state,
        paused_for=list(reasons),
        next=gate.target if gate else UNSET,
        not_met=[_gate_line(line) for line in gate.lines if not line.met] if gate else [],
    )


def _gate_line(line: phases.GateLine) -> BriefGateLine:
    return BriefGateLine(code=line.code, value=_known(line.value), threshold=_known(line.threshold))


def _pains(patient_id: UUID, plan: RecoveryPlan | None, today: date) -> list[PainOfDay]:
    first = today - WEEKS * WEEK + DAY
    rows = [*tracking.pain_days(patient_id, first, today + DAY)]
    if plan is not None and plan.start_date < first:
        end = min(plan.start_date + WEEK, first)
        rows = [*tracking.pain_days(patient_id, plan.start_date, end), *rows]
    return [_pain(row) for row in rows]


def _pain(row: DayPain) -> PainOfDay:
    average = trends.ScoreSum(row.avg24_sum, row.avg24_count).mean
    at_times = trends.ScoreSum(row.now_sum, row.now_count).mean
    value = average if average is not None else at_times
    return PainOfDay(row.local_date, cast(Any, row.site), value, row.worst)


def _alert(alert: Alert, words: Words, zone: str) -> BriefAlert:
    return BriefAlert(
        rule=alert.rule,
        text=clipped(alert_words(alert.rule, alert.because["matched"], words)),
        level=Level(alert.level).code,
        at=alert.occurred_at.astimezone(ZoneInfo(zone)),
        status=cast(Any, alert.status),
        acknowledged_on=_day(alert.acknowledged_at, zone),
        closed_on=_day(alert.closed_at, zone),
        answer=_answer(alert),
    )


def _day(at: datetime | None, zone: str) -> date | UnsetType:
    return local_date(at, zone) if at else UNSET


def _answer(alert: Alert) -> str | UnsetType:
    prompt = getattr(alert, "prompt", None)
    said = prompt.state if prompt is not None else ""
    return said if said in ("will_go", "declined", "planned", "attended") else UNSET


def _tried(plan: RecoveryPlan, first: date, today: date, zone: str, now: datetime) -> _Tried:
    rows = plans.prescriptions_on(plan, first, today + DAY)
    sessions = [*tracking.sessions_between(plan.patient_id, first, today + DAY)]
    found = plans.occurrences(
        plan,
        rows,
        start=first,
        end=today + DAY,
        zone=zone,
        now=now,
        done=done_items(sessions, {row.pk: row for row in rows}),
    )
    return _Tried(found, [*_during(sessions, rows)], rows)


def _during(sessions: Iterable[Fact], rows: Iterable[Prescription]) -> Iterator[PainDuring]:
    names = {str(row.pk): row.exercise for row in rows}
    for session in sessions:
        for item in session.data["items"]:
            exercise = item.get("exercise") or names.get(item.get("prescription", ""))
            if exercise is not None and "pain_during" in item:
                yield PainDuring(exercise, item["pain_during"])


def _names(tried: _Tried, language: str) -> dict[str, str]:
    known = {item.code: item.name for item in catalog.exercises(language=language)}
    names = {item.exercise: known.get(item.exercise, item.exercise) for item in tried.occurrences}
    # What a clinic does its own way is named as the patient knows it, and as everybody does.
    own = {row.exercise: variation for row in tried.rows if (variation := variation_of(row))}
    return names | {code: f"{own[code].name} ({names[code]})" for code in names.keys() & own}


def _uses(patient_id: UUID, first: date, today: date) -> Iterator[HomeCareUse]:
    for fact in tracking.facts_between(patient_id, [FactType.HOME_CARE], first, today + DAY):
        yield HomeCareUse(fact.data["modality"], fact.local_date, fact.data["minutes"])


def _questionnaires(plan: RecoveryPlan, words: Words, today: date) -> Iterator[BriefQuestionnaire]:
    for standing in standings(plan, today):
        if standing.last is not None:
            yield _questionnaire(standing, standing.last, words)


def _questionnaire(standing: Standing, last: Fact, words: Words) -> BriefQuestionnaire:
    instrument, change = standing.instrument, standing.change
    score = score_of(last)
    low, high = instrument.response.bounds
    value = float(score.value) if score and score.value is not None else 0.0
    return BriefQuestionnaire(
        instrument=instrument.code,
        title=words.find("instruments", instrument.code) or instrument.title,
        score=round(value, 1),
        min=low,
        max=high,
        higher_is=instrument.higher_is,
        on=last.local_date,
        since=standing.since if change else UNSET,
        change=round(float(change.points), 1) if change else UNSET,
        direction=change.direction if change else UNSET,
        meaningful=change.size is not None if change else UNSET,
    )


def _visits(patient_id: UUID) -> list[Visit]:
    return [*visits_of(patient_id).prefetch_related(None)[:MOST_ROWS]]


def _visit(visit: Visit, *, with_text: bool) -> BriefVisit:
    day = visit.attended_on if visit.state == "attended" else visit.planned_on
    text = visit.outcome_text if with_text else ""
    return BriefVisit(
        state=cast(Any, visit.state),
        on=day or visit.planned_on or UNSET,
        with_whom=clipped(visit.with_whom, LONGEST_NAME) or UNSET,
        outcome=visit.outcome or UNSET,
        text=clipped(text, LONGEST_TEXT) or UNSET,
    )
