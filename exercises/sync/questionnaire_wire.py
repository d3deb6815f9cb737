"""The shapes of questionnaires as they travel, and how they are filled."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from backend.core.wire import Wire
from exercises.sync.fact_wire import WriteAnswer, as_kept
from exercises.tracking.facts import Questionnaire
from exercises.tracking.instruments.change import Change
from exercises.tracking.instruments.responses import Standing, score_of
from exercises.tracking.instruments.scoring import Score
from exercises.tracking.instruments.shapes import (
    Activities,
    Instrument,
    NotOffered,
    Rating,
    Size,
    Ticks,
)
from exercises.tracking.models import Fact


class QuestionnaireScore(Wire, frozen=True, kw_only=True):
    """The score and what it is made of: `numerator` points over `denominator` answers.

    `method` mean: value = numerator / denominator. count: numerator statements ticked of
    denominator. rating: the one answer. Without `value` there is no score, because of `missing`.
    """

    method: Literal["mean", "count", "rating"]
    value: float | UnsetType = UNSET
    numerator: int
    denominator: int
    min: int
    max: int
    higher_is: Literal["better", "worse"]
    missing: Literal["not_submitted", "nothing_rated"] | UnsetType = UNSET


class QuestionnaireChange(Wire, frozen=True, kw_only=True):
    """The last form against the first of this episode.

    `size` is there when the change is meaningful. `compared`: how many activities both forms rate.
    `floor` and `ceiling`: the first score leaves little room to get better, or worse.
    """

    since: date
    points: float
    percent: float | UnsetType = UNSET
    direction: Literal["better", "worse", "same"]
    meaningful: bool
    size: Size | UnsetType = UNSET
    recovered: bool
    compared: int
    floor: bool
    ceiling: bool


class QuestionnaireItem(Wire, frozen=True, kw_only=True):
    """One thing asked: a statement to tick, a question to rate, or an activity to name and rate."""

    id: str
    text: str


class QuestionnaireForm(Wire, frozen=True, kw_only=True):
    """How the answers are given. ticks: each item or not. rating: one whole number for the item.
    activities: up to `most` in the patient's words (`usual` are asked for), each rated.

    `labels` say what the lowest, the middle (if it has a name) and the highest number mean.
    """

    kind: Literal["ticks", "rating", "activities"]
    items: list[QuestionnaireItem]
    min: int | UnsetType = UNSET
    max: int | UnsetType = UNSET
    labels: dict[str, str] = {}
    usual: int | UnsetType = UNSET
    most: int | UnsetType = UNSET


class LastForm(Wire, frozen=True, kw_only=True):
    """The last complete form."""

    id: UUID
    local_date: date
    score: QuestionnaireScore


class QuestionnaireView(Wire, frozen=True, kw_only=True):
    """A questionnaire with all that a phone needs to show it.

    `state` due: asked for now, until `until` (exclusive). paused: the plan rests, nothing is asked.
    `activities` are the patient's own words of her first form; later forms keep them.
    """

    instrument: str
    version: str
    name: str
    title: str
    instruction: str
    recall: str
    form: QuestionnaireForm
    licence: str
    citation: str
    state: Literal["due", "done", "upcoming", "over", "paused"]
    due_on: date | UnsetType = UNSET
    until: date | UnsetType = UNSET
    next_on: date | UnsetType = UNSET
    activities: list[str] | UnsetType = UNSET
    last: LastForm | UnsetType = UNSET
    change: QuestionnaireChange | UnsetType = UNSET


class Questionnaires(Wire, frozen=True, kw_only=True):
    """The questionnaires on offer, and those that cannot be offered, with the reason."""

    items: list[QuestionnaireView]
    not_offered: list[NotOffered]


class QuestionnaireWritten(WriteAnswer, frozen=True, kw_only=True):
    """The answer of a write, with the score."""

    score: QuestionnaireScore | UnsetType = UNSET


StoredQuestionnaire = as_kept(
    Questionnaire,
    ("score", QuestionnaireScore | UnsetType, UNSET),
    ("licence", str | UnsetType, UNSET),
    name="StoredQuestionnaire",
)


def questionnaire_view(standing: Standing, *, paused: bool) -> QuestionnaireView:
    """A questionnaire as it stands; while the plan rests nothing is asked."""
    instrument, due = standing.instrument, standing.due
    return QuestionnaireView(
        instrument=instrument.code,
        version=instrument.version,
        name=instrument.name,
        title=instrument.title,
        instruction=instrument.instruction,
        recall=instrument.recall,
        form=_form(instrument),
        licence=instrument.licence,
        citation=instrument.citation,
        state="paused" if paused else due.state,
        due_on=due.due_on or UNSET,
        until=due.until or UNSET,
        next_on=due.next_on or UNSET,
        activities=list(standing.activities) or UNSET,
        last=_last(instrument, standing.last) if standing.last else UNSET,
        change=_change_view(standing, standing.change) if standing.change else UNSET,
    )


def _form(instrument: Instrument) -> QuestionnaireForm:
    match instrument.response:
        case Ticks(items=statements):
            items = [QuestionnaireItem(id=item.id, text=item.text) for item in statements]
            return QuestionnaireForm(kind="ticks", items=items)
        case Rating() as rating:
            return QuestionnaireForm(
                kind="rating",
                items=[QuestionnaireItem(id=rating.id, text=rating.text)],
                min=rating.min,
                max=rating.max,
                labels={
                    "min": rating.min_label,
                    "middle": rating.middle_label,
                    "max": rating.max_label,
                },
            )
        case Activities() as named:
            return QuestionnaireForm(
                kind="activities",
                items=[QuestionnaireItem(id="activities", text=named.text)],
                min=named.min,
                max=named.max,
                labels={"min": named.min_label, "max": named.max_label},
                usual=named.usual,
                most=named.most,
            )


def _last(instrument: Instrument, fact: Fact) -> LastForm | UnsetType:
    score = score_of(fact)
    if score is None:
        return UNSET
    return LastForm(id=fact.id, local_date=fact.local_date, score=score_view(instrument, score))


def score_view(instrument: Instrument, score: Score) -> QuestionnaireScore:
    """A score with what it is made of."""
    methods: dict[type, Literal["mean", "count", "rating"]] = {
        Activities: "mean",
        Ticks: "count",
        Rating: "rating",
    }
    low, high = instrument.response.bounds
    return QuestionnaireScore(
        method=methods[type(instrument.response)],
        value=UNSET if score.value is None else round(float(score.value), 2),
        numerator=score.numerator,
        denominator=score.denominator,
        min=low,
        max=high,
        higher_is=instrument.higher_is,
        missing=score.missing or UNSET,
    )


def _change_view(standing: Standing, change: Change) -> QuestionnaireChange:
    return QuestionnaireChange(
        since=standing.since,
        points=round(float(change.points), 2),
        percent=UNSET if change.percent is None else round(float(change.percent), 1),
        direction=change.direction,
        meaningful=change.size is not None,
        size=change.size or UNSET,
        recovered=change.recovered,
        compared=change.compared,
        floor=change.floor,
        ceiling=change.ceiling,
    )
