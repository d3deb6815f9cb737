"""The lines of a visit brief as text: since when, phase, questionnaires, visits, gaps (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from msgspec import UnsetType

from exercises.reports.brief_wire import (
    Brief,
    BriefGateLine,
    BriefPlan,
    BriefQuestionnaire,
    BriefSince,
    BriefVisit,
)
from exercises.reports.brief_words import Words

DAYS_A_WEEK = 7
MINUS = "\N{MINUS SIGN}"
WEEKS_FROM = 14


@dataclass(frozen=True)
class Pair:
    """A name and what belongs to it."""

    name: str
    text: str


def since_pairs(since: BriefSince, today: date, words: Words) -> Iterator[Pair]:
    """When it began and how it was then; what was not stated says so."""

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


def phase_line(plan: BriefPlan | None, words: Words) -> str:
    """Phase and day of the plan, or that there is none."""
    if plan is None:
        return words.say("plan", "none")
    return words.say(
        "plan",
        "phase",
        phase=words.say("phases", plan.phase),
        day=plan.day,
        date=words.short_day(plan.phase_since),
    )


def rests_line(plan: BriefPlan | None, words: Words) -> str:
    """Why the plan rests; "" while it does not."""
    if plan is None or plan.state != "paused":
        return ""
    reasons = ", ".join(words.find("pauses", reason) or reason for reason in plan.paused_for)
    return words.say("plan", "rests", reasons=reasons)


def gate_title(plan: BriefPlan | None, words: Words) -> str:
    """What the list of what is not met is headed by; "" in the last phase."""
    if plan is None or isinstance(plan.next, UnsetType):
        return ""
    phase = words.say("phases", plan.next)
    return words.say("plan", "next" if plan.not_met else "met", phase=phase)


def gate_line(line: BriefGateLine, words: Words) -> str:
    """One thing that the gate still asks for."""
    value, asked = (
        words.say("gates", "unknown") if isinstance(number, UnsetType) else words.number(number)
        for number in (line.value, line.threshold)
    )
    return words.say("gates", line.code, value=value, threshold=asked)


def care_lines(brief: Brief, words: Words) -> Iterator[str]:
    """Cold and warmth, a line each."""
    for use in brief.home_care:
        yield words.say(
            "care",
            "once" if use.times == 1 else "use",
            modality=words.say("care", use.modality),
            times=use.times,
            days=use.days,
            minutes=use.minutes,
        )


def form_pair(form: BriefQuestionnaire, words: Words) -> Pair:
    """A questionnaire with its score and its change."""
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


def visit_lines(brief: Brief, words: Words) -> Iterator[str]:
    """Visits, a line each."""
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


def missing_lines(brief: Brief, words: Words) -> Iterator[str]:
    """What is not known of the days, a line each."""
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
