"""What a visit brief says, from one record of plain data (pure: no database, no clock).

The same record gives the same brief. Nothing is judged here: alerts, gates, scores and means come
from the rules and trends that the whole product uses, and are counted and put in order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, get_args

from msgspec import UNSET, UnsetType

from exercises.plans.schedule import Occurrence
from exercises.reports.brief_wire import (
    Brief,
    BriefAlert,
    BriefExercise,
    BriefHomeCare,
    BriefMissing,
    BriefPain,
    BriefPlan,
    BriefQuestionnaire,
    BriefSince,
    BriefVisit,
    BriefWeek,
    Site,
)
from exercises.triage.levels import Level
from exercises.triage.measures import adherence

Modality = Literal["ice", "heat"]
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
WEEKS = 6
TRIED_DAYS = 28
# A page that a doctor reads in a minute: what is more is counted, not printed.
MOST_ALERTS = 5
MOST_VISITS = 3
MOST_EXERCISES = 12
LONGEST_TEXT = 160
LISTED_FROM = Level.SEE_DOCTOR_SOON


@dataclass(frozen=True)
class PainOfDay:
    """One site on one local date: the mean of the day (0-10), and its highest entry."""

    day: date
    site: Site
    value: Fraction | None
    worst: int | None


@dataclass(frozen=True)
class HomeCareUse:
    """Cold or warmth, once."""

    modality: Modality
    day: date
    minutes: int


@dataclass(frozen=True)
class PainDuring:
    """The pain during an exercise (0-10) that a session reported."""

    exercise: str
    score: int


@dataclass(frozen=True, kw_only=True)
class BriefRecord:
    """All that a brief is made of, on the patient's local date `today`.

    `occurrences` are of the days from `tried_from(...)` on, `pains` of the last six weeks and of
    the plan's first week. `heard_on` is the local date on which the phone last synced.
    `names` are exercises in the reader's language. `questions` is None where they are not shared.
    """

    today: date
    language: str
    name: str
    age: int | None
    since: BriefSince
    plan: BriefPlan | None
    pains: Sequence[PainOfDay]
    enough_days: int
    alerts: Sequence[BriefAlert]
    occurrences: Sequence[Occurrence]
    during: Sequence[PainDuring]
    names: Mapping[str, str]
    uses: Sequence[HomeCareUse]
    questionnaires: Sequence[BriefQuestionnaire]
    visits: Sequence[BriefVisit]
    heard_on: date | None
    unreadable: int
    questions: Sequence[str] | None
    notice: str


def tried_from(today: date, plan_start: date | None) -> date:
    """The first of the days of which a brief counts what was done: four weeks, less in a plan that
    is younger."""
    first = today - TRIED_DAYS * DAY + DAY
    return min(max(first, plan_start or first), today)


def brief_of(record: BriefRecord) -> Brief:
    """The brief of a record."""
    first = tried_from(record.today, _plan_start(record))
    alerts, visits = _alerts_in_order(record.alerts), _visits_in_order(record.visits, record.today)
    exercises = _exercises(record)
    return Brief(
        on=record.today,
        language=record.language,
        name=record.name,
        age=UNSET if record.age is None else record.age,
        since=record.since,
        plan=record.plan or UNSET,
        weeks=_weeks(record),
        alerts=alerts[:MOST_ALERTS],
        more_alerts=max(0, len(alerts) - MOST_ALERTS),
        exercises=exercises[:MOST_EXERCISES],
        more_exercises=max(0, len(exercises) - MOST_EXERCISES),
        home_care=_home_care(record.uses),
        questionnaires=list(record.questionnaires),
        visits=visits[:MOST_VISITS],
        more_visits=max(0, len(visits) - MOST_VISITS),
        missing=_missing(record, first),
        questions=UNSET if record.questions is None else list(record.questions),
        notice=record.notice,
    )


def clipped(text: str, longest: int = LONGEST_TEXT) -> str:
    """`text` on one line, cut off where it is longer than a page has room for."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _plan_start(record: BriefRecord) -> date | None:
    start = record.since.plan_since
    return None if isinstance(start, UnsetType) else start


def _weeks(record: BriefRecord) -> list[BriefWeek]:
    """The last six weeks that have an entry, oldest first; before them the plan's first week, where
    it is older."""
    recent = [_week(record, record.today - number * WEEK) for number in reversed(range(WEEKS))]
    start = _plan_start(record)
    if start is not None and start < recent[0].first:
        recent = [_week(record, start + WEEK - DAY), *recent[1:]]
    return [week for week in recent if week.sites]


def _week(record: BriefRecord, last: date) -> BriefWeek:
    first = last - WEEK + DAY
    inside = [pain for pain in record.pains if first <= pain.day <= last]
    sites = (
        _site(site, [pain for pain in inside if pain.site == site], record.enough_days)
        for site in get_args(Site)
    )
    return BriefWeek(first=first, last=last, sites=[site for site in sites if site is not None])


def _site(site: Site, pains: Sequence[PainOfDay], enough: int) -> BriefPain | None:
    values = [pain.value for pain in pains if pain.value is not None]
    worst = [pain.worst for pain in pains if pain.worst is not None]
    if not values and not worst:
        return None
    mean = sum(values, Fraction(0)) / len(values) if len(values) >= enough else None
    return BriefPain(
        site=site,
        usual=UNSET if mean is None else round(float(mean), 1),
        days=len(values),
        worst=max(worst) if worst else UNSET,
    )


def _alerts_in_order(alerts: Iterable[BriefAlert]) -> list[BriefAlert]:
    """What stands first, then the highest, then the latest."""
    listed = [alert for alert in alerts if Level.of(alert.level) >= LISTED_FROM]
    return sorted(
        listed,
        key=lambda one: (
            one.closed_on is not UNSET,
            -Level.of(one.level),
            -one.at.timestamp(),
            one.rule,
        ),
    )


def _visits_in_order(visits: Iterable[BriefVisit], today: date) -> list[BriefVisit]:
    """What is planned first, by date, then the latest of the others."""

    def place(visit: BriefVisit) -> tuple[bool, int]:
        day = today if isinstance(visit.on, UnsetType) else visit.on
        ahead = visit.state == "planned"
        return not ahead, day.toordinal() if ahead else -day.toordinal()

    return sorted(visits, key=place)


def _exercises(record: BriefRecord) -> list[BriefExercise]:
    """Each exercise that was due, those most often due first."""
    grouped: defaultdict[str, list[Occurrence]] = defaultdict(list)
    for item in record.occurrences:
        grouped[item.exercise].append(item)
    rows = [_exercise(record, code, items) for code, items in sorted(grouped.items())]
    known = [row for row in rows if row.due or row.not_synced]
    return sorted(known, key=lambda row: (-row.due - row.not_synced, row.name, row.exercise))


def _exercise(record: BriefRecord, code: str, items: Sequence[Occurrence]) -> BriefExercise:
    counted = adherence(items, record.heard_on)
    scores = [one.score for one in record.during if one.exercise == code]
    return BriefExercise(
        exercise=code,
        name=record.names.get(code, code),
        done=counted.done,
        partial=counted.partial,
        due=counted.due,
        not_synced=counted.not_synced,
        worst_pain=max(scores) if scores else UNSET,
    )


def _home_care(uses: Sequence[HomeCareUse]) -> list[BriefHomeCare]:
    found = []
    for modality in get_args(Modality):
        mine = [use for use in uses if use.modality == modality]
        if mine:
            found.append(
                BriefHomeCare(
                    modality=modality,
                    times=len(mine),
                    days=len({use.day for use in mine}),
                    minutes=sum(use.minutes for use in mine),
                )
            )
    return found


def _missing(record: BriefRecord, first: date) -> BriefMissing:
    days = [first + number * DAY for number in range((record.today - first).days + 1)]
    logged = {pain.day for pain in record.pains}
    # A day is fully known once the phone synced after it; today is known as far as it has gone.
    heard = record.heard_on
    known = {day for day in days if heard and (day < heard or heard == record.today)} | logged
    return BriefMissing(
        first=first,
        days=len(days),
        without_entry=sum(day in known and day not in logged for day in days),
        not_synced=sum(day not in known for day in days),
        last_synced_on=heard or UNSET,
        unreadable=record.unreadable,
    )
