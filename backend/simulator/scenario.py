"""The form of a scenario file: a patient's history, and the moments at which it is looked at."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from backend.accounts.places import is_time_zone
from backend.core.localtime import local_date, local_instant
from backend.core.problems import Problem
from backend.core.wire import ShortText, read_json
from exercises.catalog.shapes import PhaseId
from exercises.tracking.facts import BodySite, Relief, Score, Site

HISTORY = Literal[
    "spinal_issues",
    "arthritis",
    "prior_knee_injury",
    "cancer",
    "osteoporosis",
    "long_term_steroids",
    "immunosuppressed",
    "iv_drug_use",
    "recent_spinal_procedure",
    "diabetes",
    "joint_replacement",
    "pregnant",
]
# A century on either side of the plan: beyond it no calendar computation means anything.
Day = Annotated[int, Meta(ge=-36_500, le=36_500)]
Name = Annotated[ShortText, Meta(min_length=1)]
NumberOfPain = Annotated[int, Meta(ge=-10, le=10)]


class ScenarioInvalid(Exception):
    """The file is not one of scenarios; the message says where and why."""


class Exact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of whatever has no room for a key that nobody reads: a misspelt one would change the
    story without a word. Around the story (file, scenario, checkpoint) more keys do no harm."""


class Moment(Exact, frozen=True, kw_only=True):
    """Either `day` and `time`, local wall clock on the plan's start date + `day`, or the instant
    `utc`, in the zone `tz` (the plan's unless it is given)."""

    day: Day | UnsetType = UNSET
    time: str | UnsetType = UNSET
    utc: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    tz: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse half a moment, two moments in one, and what is no time or zone."""
        by_wall = self.day is not UNSET and self.time is not UNSET
        by_clock = self.utc is not UNSET
        if by_wall == by_clock or (by_wall and self.tz is not UNSET):
            raise ValueError("a moment is {day, time} or {utc, tz}")
        if self.time is not UNSET:
            time.fromisoformat(self.time)
        if self.tz is not UNSET:
            _known_zone(self.tz)


class PlanSetting(Exact, frozen=True, kw_only=True):
    """Day 0 on the local calendar, and the zone that the patient lives in."""

    start_date: date
    timezone: str

    def __post_init__(self) -> None:
        """Refuse a zone that does not exist, and years outside of those that reports may have."""
        _known_zone(self.timezone)
        if not date(2000, 1, 1) <= self.start_date <= date(2099, 12, 31):
            raise ValueError("start_date is between 2000 and 2099")


class Profile(Exact, frozen=True, kw_only=True):
    """What the patient said at intake; `home_care_since_day` counts from the plan's start."""

    age: Annotated[int, Meta(ge=0, le=120)]
    history: list[HISTORY] = []
    home_care_since_day: Day | UnsetType = UNSET
    pain_at_episode_start: Score | UnsetType = UNSET
    first_episode: bool = False


class Entry(Exact, frozen=True, kw_only=True):
    """What each entry of the history has. `received` is when the server got it (as it happened)."""

    id: Name
    at: Moment
    received: Moment | UnsetType = UNSET


class Pain(Entry, tag="pain", frozen=True, kw_only=True):
    site: Site
    score: Score
    kind: Literal["avg24", "now", "worst24"]


class PainSeries(Exact, tag="pain_series", frozen=True, kw_only=True):
    """One avg24 entry a day from `from_day` on; null is a day without one."""

    id: Name
    site: Site
    from_day: Day
    time: str
    scores: Annotated[list[Score | None], Meta(max_length=4000)]
    at: Moment | UnsetType = UNSET
    received: Moment | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse what is no time of day."""
        time.fromisoformat(self.time)


class Symptom(Entry, tag="symptom", frozen=True, kw_only=True):
    code: Name
    present: bool
    attrs: dict[str, Any] = {}


class Answer(Entry, tag="answer", frozen=True, kw_only=True):
    question: Literal["relief_rest", "relief_otc"]
    value: Relief


class Retract(Entry, tag="retract", frozen=True, kw_only=True):
    target: Name
    confirmed_none: bool = False


class Clinician(Entry, tag="clinician", frozen=True, kw_only=True):
    action: Literal["resolve", "known_stable"]
    rule: Name | UnsetType = UNSET
    symptom: Name | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse a word that says nothing about anything."""
        wanted = self.rule if self.action == "resolve" else self.symptom
        if wanted is UNSET:
            raise ValueError("resolve names its `rule`, known_stable its `symptom`")


class PatientAck(Entry, tag="patient_ack", frozen=True, kw_only=True):
    rule: Name
    value: Name


class Prom(Entry, tag="prom", frozen=True, kw_only=True):
    instrument: Name
    score: float


class Location(Entry, tag="location", frozen=True, kw_only=True):
    most_distal: BodySite


class Exercise(Entry, tag="exercise", frozen=True, kw_only=True):
    code: Name
    pain_before: Score | UnsetType = UNSET
    pain_during: Score | UnsetType = UNSET
    next_morning_increase: NumberOfPain | UnsetType = UNSET


class HomeCare(Entry, tag="homecare", frozen=True, kw_only=True):
    modality: Literal["ice", "heat"]
    minutes: Annotated[int, Meta(ge=0, le=240)]


class PhaseOverride(Entry, tag="phase_override", frozen=True, kw_only=True):
    action: Literal["hold", "set", "release"]
    to: PhaseId | UnsetType = UNSET
    reason: ShortText = ""

    def __post_init__(self) -> None:
        """Refuse a change of phase into none."""
        if self.action == "set" and self.to is UNSET:
            raise ValueError("`set` says `to` which phase")


Fact = (
    Pain
    | PainSeries
    | Symptom
    | Answer
    | Retract
    | Clinician
    | PatientAck
    | Prom
    | Location
    | Exercise
    | HomeCare
    | PhaseOverride
)


class Checkpoint(Struct, frozen=True, kw_only=True):
    """A moment at which the state is reported. What is expected there is for tests to judge."""

    at: Moment
    expect: dict[str, Any] = {}


class Scenario(Struct, frozen=True, kw_only=True):
    """One patient's history."""

    id: Name
    title: str = ""
    profile: Profile
    plan: PlanSetting
    facts: list[Fact]
    checkpoints: list[Checkpoint]


class ScenarioFile(Struct, frozen=True, kw_only=True):
    """A file of scenarios."""

    scenarios: list[Scenario]


def read(content: bytes) -> ScenarioFile:
    """The scenarios in a file; raises `ScenarioInvalid`."""
    try:
        found = msgspec.convert(read_json(content), ScenarioFile)
    except Problem as problem:
        raise ScenarioInvalid(problem.detail) from None
    except (msgspec.ValidationError, OverflowError) as error:
        raise ScenarioInvalid(str(error)) from None
    ids = [scenario.id for scenario in found.scenarios]
    if len(set(ids)) != len(ids):
        raise ScenarioInvalid("two scenarios have the same id")
    return found


def instant_of(moment: Moment, plan: PlanSetting) -> datetime:
    """The instant, in UTC, of a moment in a plan's history."""
    if moment.utc is not UNSET:
        return moment.utc.astimezone(UTC)
    day, at = moment.day or 0, moment.time or "00:00"
    return local_instant(
        plan.start_date + timedelta(days=day), time.fromisoformat(at), plan.timezone
    )


def zone_of(moment: Moment, plan: PlanSetting) -> str:
    """Where the patient was."""
    return moment.tz or plan.timezone


def date_of(moment: Moment, plan: PlanSetting) -> date:
    """The local date that a moment belongs to."""
    if moment.day is not UNSET:
        return plan.start_date + timedelta(days=moment.day)
    return local_date(instant_of(moment, plan), zone_of(moment, plan))


def _known_zone(name: str) -> None:
    if not is_time_zone(name):
        raise ValueError(f"{name!r} is not an IANA time zone")
