"""The visit brief as lines of text, for the page and the PDF alike (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from msgspec import UNSET, UnsetType

from exercises.reports.brief_wire import (
    Brief,
    BriefAlert,
    BriefExercise,
    BriefGateLine,
    BriefPlan,
    BriefQuestionnaire,
    BriefSince,
    BriefVisit,
    BriefWeek,
    Site,
)
from exercises.reports.brief_words import Words, words_in
from exercises.triage.levels import Level

DAYS_A_WEEK = 7
MINUS = "\N{MINUS SIGN}"
WEEKS_FROM = 14


@dataclass(frozen=True)
class Pair:
    """A name and what belongs to it."""

    name: str
    text: str


@dataclass(frozen=True)
class AlertLine:
    """One alert; `is_open` while it stands, `level` is its code."""

    day: str
    text: str
    level: str
    level_text: str
    status: str
    is_open: bool


@dataclass(frozen=True)
class PainCell:
    """One site in one week."""

    usual: str
    worst: str
    days: str


@dataclass(frozen=True)
class PainRow:
    """One week, with a cell for each site of the table's head."""

    week: str
    cells: tuple[PainCell, ...]


@dataclass(frozen=True)
class ExerciseRow:
    """One exercise."""

    name: str
    share: str
    partial: str
    worst: str


@dataclass(frozen=True)
class Page:
    """Every line of a brief in the order of the page. `text` answers `page.text.x`: fixed words."""

    language: str
    title: str
    subject: str
    person: str
    on: str
    source: str
    notice: str
    alerts: tuple[AlertLine, ...]
    alerts_note: str
    more_alerts: str
    since: tuple[Pair, ...]
    phase: str
    rests: str
    gate: str
    not_met: tuple[str, ...]
    sites: tuple[str, ...]
    pain: tuple[PainRow, ...]
    tried_title: str
    exercises: tuple[ExerciseRow, ...]
    more_exercises: str
    not_synced: str
    care_title: str
    care: tuple[str, ...]
    forms: tuple[Pair, ...]
    visits: tuple[str, ...]
    missing: tuple[str, ...]
    questions: tuple[str, ...]
    no_questions: str
    text: Words


def page_of(brief: Brief) -> Page:
    """The lines of a brief, in its language."""
    words = words_in(brief.language)
    plan = None if isinstance(brief.plan, UnsetType) else brief.plan
    first = words.short_day(brief.missing.first)
    sites = [site for site in get_args(Site) if any(_cell(week, site) for week in brief.weeks)]
    questions = () if isinstance(brief.questions, UnsetType) else tuple(brief.questions)
    shared = brief.questions is not UNSET
    unknown = sum(row.not_synced for row in brief.exercises)
    return Page(
        language=words.language,
        title=words.say("page", "title"),
        subject=words.say("page", "for", name=brief.name),
        person=_person(brief, words),
        on=words.say("page", "on", date=words.day(brief.on)),
        source=words.say("page", "source"),
        notice=brief.notice,
        alerts=tuple(_alert(alert, words) for alert in brief.alerts),
        alerts_note=_alerts_note(brief.alerts, words),
        more_alerts=_count(words, "alerts", brief.more_alerts),
        since=tuple(_since(brief.since, brief.on, words)),
        phase=_phase(plan, words),
        rests=_rests(plan, words),
        gate=_gate(plan, words),
        not_met=tuple(_gate_line(line, words) for line in plan.not_met) if plan else (),
        sites=tuple(words.say("sites", site) for site in sites),
        pain=tuple(_pain_row(week, sites, words) for week in brief.weeks),
        tried_title=words.say("tried", "title", date=first),
        exercises=tuple(_exercise(row, words) for row in brief.exercises),
        more_exercises=_count(words, "tried", brief.more_exercises),
        not_synced=words.say("tried", "not_synced", count=unknown) if unknown else "",
        care_title=words.say("care", "title", date=first),
        care=tuple(_care(brief, words)),
        forms=tuple(_form(form, words) for form in brief.questionnaires),
        visits=tuple(_visits(brief, words)),
        missing=tuple(_missing(brief, words)),
        questions=questions,
        no_questions=words.say("questions", "none" if shared else "not_shared"),
        text=words,
    )


def _person(brief: Brief, words: Words) -> str:
    if isinstance(brief.age, UnsetType):
        return brief.name
    return f"{brief.name}, {words.say('page', 'age', age=brief.age)}"


def _count(words: Words, group: str, count: int) -> str:
    return words.say(group, "more", count=count) if count else ""


def _alert(alert: BriefAlert, words: Words) -> AlertLine:
    day = alert.closed_on
    if isinstance(day, UnsetType):
        day = alert.acknowledged_on
    status = words.say(
        "statuses",
        alert.status,
        date="" if isinstance(day, UnsetType) else words.short_day(day),
    )
    answer = "" if isinstance(alert.answer, UnsetType) else words.find("answers", alert.answer)
    return AlertLine(
        day=_when(alert, words),
        text=alert.text,
        level=alert.level,
        level_text=words.say("levels", alert.level),
        status=words.say("alerts", "and", first=status, second=answer) if answer else status,
        is_open=alert.closed_on is UNSET,
    )


def _when(alert: BriefAlert, words: Words) -> str:
    # Of what cannot wait, the hour counts; a trend has none.
    if Level.of(alert.level) >= Level.URGENT_SAME_DAY:
        return words.moment(alert.at)
    return words.short_day(alert.at.date())


def _alerts_note(alerts: Sequence[BriefAlert], words: Words) -> str:
    if not alerts:
        return words.say("alerts", "none")
    is_open = any(alert.closed_on is UNSET for alert in alerts)
    return "" if is_open else words.say("alerts", "none_open")


def _since(since: BriefSince, today: date, words: Words) -> Iterator[Pair]:
    def pair(name: str, text: str | None) -> Pair:
        return Pair(words.say("since", name), text or words.say("since", "unknown"))

    def day(value: date | UnsetType) -> str | None:
        return None if isinstance(value, UnsetType) else _ago(value, today, words)

    yield pair("began", day(since.began_on))
    yield pair("care", day(since.care_since))
    if since.plan_since != since.care_since:
        yield pair("plan", day(since.plan_since))
    side, first = since.side, since.first_episode
    yield pair("side", None if isinstance(side, UnsetType) else words.say("since", side))
    yield pair(
        "episode",
        None if isinstance(first, UnsetType) else words.say("page", "yes" if first else "no"),
    )
    start = since.pain_at_start
    yield pair("at_start", None if isinstance(start, UnsetType) else f"{start}/10")


def _ago(day: date, today: date, words: Words) -> str:
    passed = (today - day).days
    if passed in (0, 1):
        ago = words.say("since", ("today", "yesterday")[passed])
    elif passed < WEEKS_FROM:
        ago = words.say("since", "days", count=passed)
    else:
        ago = words.say("since", "weeks", count=passed // DAYS_A_WEEK)
    return words.say("since", "began_on", date=words.day(day), weeks=ago)


def _phase(plan: BriefPlan | None, words: Words) -> str:
    if plan is None:
        return words.say("plan", "none")
    return words.say(
        "plan",
        "phase",
        phase=words.say("phases", plan.phase),
        day=plan.day,
        date=words.short_day(plan.phase_since),
    )


def _rests(plan: BriefPlan | None, words: Words) -> str:
    if plan is None or plan.state != "paused":
        return ""
    reasons = ", ".join(words.find("pauses", reason) or reason for reason in plan.paused_for)
    return words.say("plan", "rests", reasons=reasons)


def _gate(plan: BriefPlan | None, words: Words) -> str:
    if plan is None or isinstance(plan.next, UnsetType):
        return ""
    phase = words.say("phases", plan.next)
    return words.say("plan", "next" if plan.not_met else "met", phase=phase)


def _gate_line(line: BriefGateLine, words: Words) -> str:
    value, asked = (
        words.say("gates", "unknown") if isinstance(number, UnsetType) else words.number(number)
        for number in (line.value, line.threshold)
    )
    return words.say("gates", line.code, value=value, threshold=asked)


def _mean(value: float | UnsetType, words: Words) -> str:
    return words.say("page", "none") if isinstance(value, UnsetType) else words.decimal(value)


def _number(value: float | UnsetType, words: Words) -> str:
    return words.say("page", "none") if isinstance(value, UnsetType) else words.number(value)


def _cell(week: BriefWeek, site: Site) -> bool:
    return any(found.site == site for found in week.sites)


def _pain_row(week: BriefWeek, sites: Sequence[Site], words: Words) -> PainRow:
    found = {one.site: one for one in week.sites}
    empty = PainCell(words.say("page", "none"), words.say("page", "none"), "0")
    return PainRow(
        week=words.span(week.first, week.last),
        cells=tuple(
            PainCell(
                _mean(found[site].usual, words),
                _number(found[site].worst, words),
                str(found[site].days),
            )
            if site in found
            else empty
            for site in sites
        ),
    )


def _exercise(row: BriefExercise, words: Words) -> ExerciseRow:
    return ExerciseRow(
        name=row.name,
        share=words.say("tried", "share", done=row.done, due=row.due),
        partial=str(row.partial),
        worst=_number(row.worst_pain, words),
    )


def _care(brief: Brief, words: Words) -> Iterator[str]:
    for use in brief.home_care:
        yield words.say(
            "care",
            "once" if use.times == 1 else "use",
            modality=words.say("care", use.modality),
            times=use.times,
            days=use.days,
            minutes=use.minutes,
        )


def _form(form: BriefQuestionnaire, words: Words) -> Pair:
    score = words.say(
        "forms",
        "score",
        score=_signed(form.score, words) if form.min < 0 else words.number(form.score),
        min=form.min,
        max=form.max,
        direction=words.say("forms", form.higher_is),
        date=words.short_day(form.on),
    )
    if (
        isinstance(form.change, UnsetType)
        or isinstance(form.since, UnsetType)
        or isinstance(form.direction, UnsetType)
    ):
        return Pair(form.title, score)
    meaning = words.say("forms", form.direction)
    if form.direction != "same" and form.meaningful is False:
        meaning = words.say("forms", "small", direction=meaning)
    change = words.say(
        "forms",
        "change",
        change=_signed(form.change, words),
        date=words.short_day(form.since),
        meaning=meaning,
    )
    return Pair(form.title, f"{score}; {change}")


def _signed(value: float, words: Words) -> str:
    sign = "+" if value > 0 else MINUS if value < 0 else "±"
    return f"{sign}{words.number(abs(value))}"


def _visits(brief: Brief, words: Words) -> Iterator[str]:
    for visit in brief.visits:
        yield _visit(visit, words)
    if brief.more_visits:
        yield words.say("visits", "more", count=brief.more_visits)


def _visit(visit: BriefVisit, words: Words) -> str:
    none = words.say("page", "none")
    day = none if isinstance(visit.on, UnsetType) else words.short_day(visit.on)
    parts = [words.say("visits", visit.state, date=day)]
    if not isinstance(visit.with_whom, UnsetType):
        parts.append(words.say("visits", "with", whom=visit.with_whom))
    if not isinstance(visit.outcome, UnsetType):
        parts.append(words.find("visits", visit.outcome))
    if not isinstance(visit.text, UnsetType):
        parts.append(f"“{visit.text}”")
    return ", ".join(part for part in parts if part)


def _missing(brief: Brief, words: Words) -> Iterator[str]:
    found, first = brief.missing, words.short_day(brief.missing.first)
    if found.without_entry:
        yield words.say("missing", "entry", count=found.without_entry, days=found.days, date=first)
    elif not found.not_synced:
        yield words.say("missing", "none", date=first)
    yield from _silence(brief, words)
    if found.unreadable:
        yield words.say("missing", "unreadable", count=found.unreadable)


def _silence(brief: Brief, words: Words) -> Iterator[str]:
    found = brief.missing
    if isinstance(found.last_synced_on, UnsetType):
        if found.not_synced:
            yield words.say("missing", "never", count=found.not_synced)
        return
    day = words.short_day(found.last_synced_on)
    if found.not_synced:
        yield words.say("missing", "synced", date=day, count=found.not_synced)
    elif found.last_synced_on == brief.on:
        yield words.say("missing", "today", date=day)
