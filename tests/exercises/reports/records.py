"""A plain record to make briefs of, and the words that must not be lost on the way."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from exercises.plans.schedule import Occurrence, State
from exercises.reports.brief import BriefRecord, HomeCareUse, PainDuring, PainOfDay
from exercises.reports.brief_wire import (
    BriefAlert,
    BriefGateLine,
    BriefPlan,
    BriefQuestionnaire,
    BriefSince,
    BriefVisit,
    Site,
)
from exercises.triage.levels import LevelCode
from exercises.triage.reasons import Status

TODAY = date(2026, 5, 4)
DAY = timedelta(days=1)
HOSTILE = "<script>alert(1)</script> {{ 7 }} \u202eevil & \N{RIGHTWARDS ARROW} <img src=x>"


def pains(site: Site, first: date, scores: list[int]) -> list[PainOfDay]:
    """A score a day from `first` on."""
    return [
        PainOfDay(first + number * DAY, site, Fraction(score), score)
        for number, score in enumerate(scores)
    ]


def occurrence(day: date, state: State, exercise: str = "EX-01") -> Occurrence:
    """One time at which an exercise was due."""
    return Occurrence(UUID(int=1), exercise, day, "morning", state)


def alert(level: LevelCode, days_ago: int, status: Status = "open", **fields: Any) -> BriefAlert:
    """An alert of so many days ago; closed the day after unless it stands."""
    at = datetime(2026, 5, 4, 7, 30, tzinfo=UTC) - timedelta(days=days_ago)
    closed = {} if status in ("open", "acknowledged") else {"closed_on": at.date() + DAY}
    named: dict[str, Any] = {"rule": "RF-WB", "text": f"Reported {days_ago}", **closed, **fields}
    return BriefAlert(level=level, at=at, status=status, **named)


def record(**fields: Any) -> BriefRecord:
    """Two weeks of a plan: pain each day, one exercise, everything heard."""
    start = TODAY - 13 * DAY
    plain = BriefRecord(
        today=TODAY,
        language="en",
        name="Pia Patient",
        age=44,
        since=BriefSince(care_since=start, plan_since=start, first_episode=True),
        plan=BriefPlan(
            phase="initial",
            phase_since=start,
            day=13,
            state="active",
            paused_for=[],
            next="rehab",
            not_met=[BriefGateLine(code="day", value=13.0, threshold=14.0)],
        ),
        pains=pains("knee", start, [6] * 7 + [4] * 7),
        enough_days=3,
        alerts=[],
        occurrences=[occurrence(start + number * DAY, "done") for number in range(14)],
        during=[PainDuring("EX-01", 2), PainDuring("EX-01", 5)],
        names={"EX-01": "Quad set"},
        uses=[],
        questionnaires=[],
        visits=[],
        heard_on=TODAY,
        unreadable=0,
        questions=[],
        notice="No diagnosis.",
    )
    return replace(plain, **fields)


def fullest() -> BriefRecord:
    """As much as a page is ever asked to hold, in the longest texts that are taken."""
    long = "W" * 40 + " " + HOSTILE * 5
    sites: list[Site] = ["knee", "leg", "back", "knee_other"]
    first = TODAY - 60 * DAY
    codes = [f"EX-{number:02}" for number in range(1, 31)]
    return record(
        name=("Maximiliane-Wilhelmine " * 4).strip()[:80],
        since=BriefSince(
            began_on=first - 90 * DAY,
            care_since=first - DAY,
            plan_since=first,
            side="both",
            first_episode=False,
            pain_at_start=10,
        ),
        plan=BriefPlan(
            phase="rehab",
            phase_since=first,
            day=60,
            state="paused",
            paused_for=["alert", "out_of_scope", "therapist"],
            next="long_term",
            not_met=[
                BriefGateLine(code=code, value=9.5, threshold=4.0)
                for code in (
                    "day",
                    "days_in_phase",
                    "no_open_prompt",
                    "pain",
                    "session_pain",
                    "next_morning",
                    "no_flare",
                    "not_held",
                )
            ],
        ),
        pains=[one for site in sites for one in pains(site, first, [10] * 61)],
        alerts=[
            alert("emergency_now", days, text=long[:160], answer="will_go") for days in range(20)
        ],
        occurrences=[occurrence(TODAY - DAY, "done", code) for code in codes for _ in range(20)],
        during=[PainDuring(code, 10) for code in codes],
        names={code: "Long and patient stretch of the hamstring " + code for code in codes},
        uses=[HomeCareUse("ice", TODAY, 20), HomeCareUse("heat", TODAY, 20)] * 30,
        questionnaires=[
            BriefQuestionnaire(
                instrument=code,
                title="Patient-Specific Functional Scale",
                score=4.5,
                min=0,
                max=10,
                higher_is="better",
                on=TODAY,
                since=first,
                change=-2.5,
                direction="worse",
                meaningful=False,
            )
            for code in ("PSFS", "RMDQ", "GROC")
        ],
        visits=[
            BriefVisit(
                state="attended",
                on=TODAY - number * DAY,
                with_whom=long[:80],
                outcome="all_clear",
                text=long[:160],
            )
            for number in range(9)
        ],
        heard_on=TODAY - 3 * DAY,
        unreadable=12,
        questions=[long[:200]] * 5,
    )
