"""The visit brief as lines of text, for the page and the PDF alike (pure)."""

from dataclasses import dataclass
from typing import get_args

from msgspec import UNSET, UnsetType

from exercises.reports.brief_lines import (
    Pair,
    care_lines,
    form_pair,
    gate_line,
    gate_title,
    missing_lines,
    phase_line,
    rests_line,
    since_pairs,
    visit_lines,
)
from exercises.reports.brief_tables import (
    AlertLine,
    ExerciseRow,
    PainRow,
    alert_line,
    alerts_note,
    exercise_row,
    has_site,
    pain_row,
)
from exercises.reports.brief_wire import Brief, Site
from exercises.reports.brief_words import Words, words_in


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
    sites = [site for site in get_args(Site) if any(has_site(week, site) for week in brief.weeks)]
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
        alerts=tuple(alert_line(alert, words) for alert in brief.alerts),
        alerts_note=alerts_note(brief.alerts, words),
        more_alerts=_count(words, "alerts", brief.more_alerts),
        since=tuple(since_pairs(brief.since, brief.on, words)),
        phase=phase_line(plan, words),
        rests=rests_line(plan, words),
        gate=gate_title(plan, words),
        not_met=tuple(gate_line(line, words) for line in plan.not_met) if plan else (),
        sites=tuple(words.say("sites", site) for site in sites),
        pain=tuple(pain_row(week, sites, words) for week in brief.weeks),
        tried_title=words.say("tried", "title", date=first),
        exercises=tuple(exercise_row(row, words) for row in brief.exercises),
        more_exercises=_count(words, "tried", brief.more_exercises),
        not_synced=words.say("tried", "not_synced", count=unknown) if unknown else "",
        care_title=words.say("care", "title", date=first),
        care=tuple(care_lines(brief, words)),
        forms=tuple(form_pair(form, words) for form in brief.questionnaires),
        visits=tuple(visit_lines(brief, words)),
        missing=tuple(missing_lines(brief, words)),
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
