"""A scenario's history as steps in the order in which they reach the server (pure)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import singledispatchmethod
from itertools import chain, groupby
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec import UNSET

from backend.core.localtime import local_instant
from backend.simulator import scenario as form
from backend.simulator.deeds import (
    Deed,
    KnowStable,
    Misreport,
    Override,
    Resolve,
    Respond,
    Tell,
    Unheard,
)
from backend.simulator.forms import NoSuchForm, answers_with, version_of
from backend.simulator.scenario import PlanSetting, Scenario, date_of, instant_of, zone_of
from exercises.tracking import facts
from exercises.tracking.models import FactType
from exercises.tracking.services import Report

_SCENARIOS = uuid5(NAMESPACE_URL, "urn:stepwise:scenario")


@dataclass(frozen=True)
class Step:
    """Something that reaches the server at the instant `at`; `name` is its id in the file."""

    at: datetime
    name: str
    deed: Deed


def plan_start(plan: PlanSetting) -> datetime:
    """When the intake is answered: as day 0 begins where the patient lives."""
    return local_instant(plan.start_date, time.min, plan.timezone)


def steps_of(scenario: Scenario) -> list[Step]:
    """Every fact of the scenario, by its receipt; those of one instant in the order of the file.

    Nothing reaches the server before the plan is there: what came earlier comes with its start.
    Reports of one instant come together, as a phone sends what was entered together.
    """
    start = plan_start(scenario.plan)
    reading = _Reading(scenario)
    steps = [
        Step(max(received, start), name, deed)
        for fact in scenario.facts
        for received, name, deed in reading.entries(fact)
    ]
    return [*_together(_once(sorted(steps, key=lambda step: step.at)))]


def _once(steps: list[Step]) -> Iterator[Step]:
    """Without what is done a second time under one id. Reports are left to the product, which knows
    a repetition itself; its other doors have the key of the request for that."""
    done: set[str] = set()
    for step in steps:
        if isinstance(step.deed, Tell | Misreport) or step.name not in done:
            yield step
        done.add(step.name)


def _together(steps: Iterable[Step]) -> Iterator[Step]:
    for (at, is_report), group in groupby(
        steps, lambda step: (step.at, isinstance(step.deed, Tell))
    ):
        if is_report:
            found = [*group]
            reports = (step.deed.reports for step in found if isinstance(step.deed, Tell))
            yield Step(at, found[0].name, Tell(tuple(chain.from_iterable(reports))))
        else:
            yield from group


class _Reading:
    """Turns the entries of one scenario into deeds."""

    def __init__(self, scenario: Scenario) -> None:
        self.plan = scenario.plan
        self._namespace = uuid5(_SCENARIOS, scenario.id)

    def entries(self, fact: form.Fact) -> Iterator[tuple[datetime, str, Deed]]:
        """The receipt, name and deed of a fact; a series has one for each day that was logged."""
        received = None if fact.received is UNSET else instant_of(fact.received, self.plan)
        if isinstance(fact, form.PainSeries):
            for name, pain in self._series(fact):
                yield received or instant_of(pain.at, self.plan), name, self.deed(pain)
        else:
            yield received or instant_of(fact.at, self.plan), fact.id, self.deed(fact)

    @singledispatchmethod
    def deed(self, fact: form.Entry) -> Deed:
        """What the entry makes somebody do."""
        raise TypeError(type(fact).__name__)

    @deed.register
    def _(self, fact: form.Pain) -> Deed:
        body = facts.PainReport(
            **self._when(fact), site=fact.site, kind=fact.kind, score=fact.score
        )
        return self._tell(fact, FactType.PAIN, body)

    @deed.register
    def _(self, fact: form.Symptom) -> Deed:
        item = facts.SymptomItem(code=fact.code, present=fact.present, attrs=fact.attrs)
        body = facts.SymptomReport(**self._when(fact), symptoms=[item])
        return self._tell(fact, FactType.SYMPTOM, body)

    @deed.register
    def _(self, fact: form.Answer) -> Deed:
        body = facts.ReliefAnswer(**self._when(fact), question=fact.question, value=fact.value)
        return self._tell(fact, FactType.RELIEF, body)

    @deed.register
    def _(self, fact: form.Location) -> Deed:
        body = facts.Location(**self._when(fact), most_distal=fact.most_distal)
        return self._tell(fact, FactType.LOCATION, body)

    @deed.register
    def _(self, fact: form.Retract) -> Deed:
        body = facts.Retraction(
            **self._when(fact),
            target=self._id(fact.target),
            confirmed_none=fact.confirmed_none,
        )
        return self._tell(fact, FactType.RETRACTION, body)

    @deed.register
    def _(self, fact: form.Exercise) -> Deed:
        item = facts.SessionItem(
            exercise=fact.code, pain_before=fact.pain_before, pain_during=fact.pain_during
        )
        body = facts.Session(
            **self._when(fact), items=[item], next_morning_increase=fact.next_morning_increase
        )
        return self._tell(fact, FactType.SESSION, body)

    @deed.register
    def _(self, fact: form.HomeCare) -> Deed:
        # A scenario does not say where; the plan's first concern is the knee.
        body = facts.HomeCare(
            **self._when(fact),
            modality=fact.modality,
            site="knee",
            minutes=fact.minutes,
            wrapped=True,
        )
        return self._tell(fact, FactType.HOME_CARE, body)

    @deed.register
    def _(self, fact: form.Prom) -> Deed:
        try:
            answers = answers_with(fact.instrument, fact.score)
        except NoSuchForm as error:
            return Unheard(f"no form of {fact.instrument} has the score {fact.score:g}: {error}")
        body = facts.Questionnaire(
            **self._when(fact),
            instrument=fact.instrument,
            version=version_of(fact.instrument),
            answers=answers,
        )
        return self._tell(fact, FactType.QUESTIONNAIRE, body)

    @deed.register
    def _(self, fact: form.Clinician) -> Deed:
        if fact.action == "resolve":
            return Resolve(fact.rule or "")
        return KnowStable(fact.symptom or "")

    @deed.register
    def _(self, fact: form.PatientAck) -> Deed:
        return Respond(fact.rule, fact.value)

    @deed.register
    def _(self, fact: form.PhaseOverride) -> Deed:
        return Override(fact.action, fact.to or None, fact.reason or "override")

    def _series(self, series: form.PainSeries) -> Iterator[tuple[str, form.Pain]]:
        for index, score in enumerate(series.scores):
            if score is not None:
                name = f"{series.id}.{index}"
                at = form.Moment(day=series.from_day + index, time=series.time)
                yield name, form.Pain(id=name, at=at, site=series.site, kind="avg24", score=score)

    def _tell(self, fact: form.Entry, type: FactType, body: facts.FactBody) -> Deed:  # noqa: A002
        report = Report(id=self._id(fact.id), type=type, body=body)
        errors = facts.body_errors(body)
        return Misreport(report, tuple(errors)) if errors else Tell((report,))

    def _when(self, fact: form.Entry) -> dict[str, Any]:
        local: date = date_of(fact.at, self.plan)
        return {
            "occurred_at": instant_of(fact.at, self.plan),
            "tz": zone_of(fact.at, self.plan),
            "local_date": local,
        }

    def _id(self, name: str) -> UUID:
        return uuid5(self._namespace, name)


def intake_of(scenario: Scenario) -> dict[str, Any]:
    """The answers to the intake that a scenario's profile stands for."""
    profile = scenario.profile
    answers: dict[str, Any] = {
        "age": profile.age,
        "pregnant": "yes" if "pregnant" in profile.history else "no",
        "history": [item for item in profile.history if item != "pregnant"],
        "first_episode": profile.first_episode,
        "red_flags": [],
    }
    if profile.home_care_since_day is not UNSET:
        # Home care that is still to come changes nothing: care starts with the plan.
        since = timedelta(days=min(profile.home_care_since_day, 0))
        answers["home_care_since"] = (scenario.plan.start_date + since).isoformat()
    if profile.pain_at_episode_start is not UNSET:
        answers["pain_at_episode_start"] = profile.pain_at_episode_start
    return answers
