"""The visit brief as it travels: codes, numbers and dates, with a few names in the reader's language.

What is not known is absent, never zero; a share comes as numerator and denominator, a mean with the
number of days that it stands on.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from backend.core.wire import PLAIN, Instant, Wire
from exercises.catalog.shapes import PhaseId
from exercises.plans.selectors import PlanState
from exercises.triage.levels import LevelCode
from exercises.triage.reasons import Status

Site = Literal["knee", "leg", "back", "knee_other"]
MOST_QUESTIONS = 5
Question = Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN)]
Questions = Annotated[list[Question], Meta(max_length=MOST_QUESTIONS)]


class BriefSince(Wire, frozen=True, kw_only=True):
    """When it began as the patient says, when care began, and what she said at the start."""

    began_on: date | UnsetType = UNSET
    care_since: date | UnsetType = UNSET
    plan_since: date | UnsetType = UNSET
    side: Literal["left", "right", "both"] | UnsetType = UNSET
    first_episode: bool | UnsetType = UNSET
    pain_at_start: int | UnsetType = UNSET


class BriefGateLine(Wire, frozen=True, kw_only=True):
    """One line of the gate that is not met: what is (`value`) and what is asked (`threshold`)."""

    code: str
    value: float | UnsetType = UNSET
    threshold: float | UnsetType = UNSET


class BriefPlan(Wire, frozen=True, kw_only=True):
    """The phase today (`day` 0 is the plan's first), why the plan rests, and what the gate to the
    next phase still asks for; without `next` it is the last phase."""

    phase: PhaseId
    phase_since: date
    day: int
    state: PlanState
    paused_for: list[str]
    next: PhaseId | UnsetType = UNSET
    not_met: list[BriefGateLine]


class BriefPain(Wire, frozen=True, kw_only=True):
    """One site in one week (0-10): the mean of the days that have a value, from three days on, the
    number of those days, and the highest entry of any kind."""

    site: Site
    usual: float | UnsetType = UNSET
    days: int
    worst: int | UnsetType = UNSET


class BriefWeek(Wire, frozen=True, kw_only=True):
    """Seven local days, both dates included."""

    first: date
    last: date
    sites: list[BriefPain]


class BriefAlert(Wire, frozen=True, kw_only=True):
    """An alert to see a doctor, or more urgent: what was reported (`text`), when (`at`, in the
    patient's zone), and what became of it. `closed_on` says when it ceased to stand, `answer` how
    the patient answered."""

    rule: str
    text: str
    level: LevelCode
    at: Instant
    status: Status
    acknowledged_on: date | UnsetType = UNSET
    closed_on: date | UnsetType = UNSET
    answer: str | UnsetType = UNSET


class BriefExercise(Wire, frozen=True, kw_only=True):
    """Done and partly done of those that were due and of which something is known; the highest
    pain during it that was entered (0-10)."""

    exercise: str
    name: str
    done: int
    partial: int
    due: int
    not_synced: int
    worst_pain: int | UnsetType = UNSET


class BriefHomeCare(Wire, frozen=True, kw_only=True):
    """How often cold or warmth was logged, on how many days, and the minutes in all."""

    modality: Literal["ice", "heat"]
    times: int
    days: int
    minutes: int


class BriefQuestionnaire(Wire, frozen=True, kw_only=True):
    """The latest score within its bounds, and the change since the first form of the episode."""

    instrument: str
    title: str
    score: float
    min: int
    max: int
    higher_is: Literal["better", "worse"]
    on: date
    since: date | UnsetType = UNSET
    change: float | UnsetType = UNSET
    direction: Literal["better", "worse", "same"] | UnsetType = UNSET
    meaningful: bool | UnsetType = UNSET


class BriefVisit(Wire, frozen=True, kw_only=True):
    """A visit to a doctor as the patient entered it."""

    state: Literal["planned", "attended", "cancelled"]
    on: date | UnsetType = UNSET
    with_whom: str | UnsetType = UNSET
    outcome: str | UnsetType = UNSET
    text: str | UnsetType = UNSET


class BriefMissing(Wire, frozen=True, kw_only=True):
    """What is not known of the days since `first`: known `days` without a pain entry, days of which
    the phone has not told (`not_synced`), and entries that could not be read."""

    first: date
    days: int
    without_entry: int
    not_synced: int
    last_synced_on: date | UnsetType = UNSET
    unreadable: int


class Brief(Wire, frozen=True, kw_only=True):
    """One page for a doctor, of the patient's local date `on`. It states what was entered and what
    became of it: no diagnosis, and no alert is not an all-clear (`notice`).

    `exercises` and `home_care` are of the days since `missing.first`. `questions` are the
    patient's own, absent where she does not share her notes.
    """

    on: date
    language: str
    name: str
    age: int | UnsetType = UNSET
    since: BriefSince
    plan: BriefPlan | UnsetType = UNSET
    weeks: list[BriefWeek]
    alerts: list[BriefAlert]
    more_alerts: int
    exercises: list[BriefExercise]
    more_exercises: int
    home_care: list[BriefHomeCare]
    questionnaires: list[BriefQuestionnaire]
    visits: list[BriefVisit]
    more_visits: int
    missing: BriefMissing
    questions: list[str] | UnsetType = UNSET
    notice: str


class BriefQuestionsBody(Wire, frozen=True, kw_only=True):
    """The patient's questions to her doctor, all of them, in her order."""

    questions: Questions


class BriefQuestionsView(Wire, frozen=True, kw_only=True):
    """The questions as they stand; `version` 0 says that none were ever written."""

    questions: list[str]
    version: int
    updated_at: Instant | UnsetType = UNSET


class BriefLinkBody(Wire, frozen=True, kw_only=True):
    """How many days the link shall open the brief."""

    days: Annotated[int, Meta(ge=1, le=30)] = 7


class BriefLinkView(Wire, frozen=True, kw_only=True):
    """A link that opens the brief. What it reads is shown once, when it is made."""

    id: UUID
    created_at: Instant
    expires_at: Instant


class BriefLinkMade(BriefLinkView, frozen=True, kw_only=True):
    """A link that was just made, with the address to pass on; the server does not keep it."""

    url: str


class BriefLinks(Wire, frozen=True, kw_only=True):
    """The links that open the brief now, the newest first."""

    items: list[BriefLinkView]
