"""Brings one patient's record before the rules: a fixed number of queries, whatever her history."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.accounts.models import Patient
from backend.core.compiled import compiled
from exercises.catalog import selectors as catalog
from exercises.plans import selectors as plans
from exercises.plans.models import Flare, RecoveryPlan
from exercises.tracking import selectors as tracking
from exercises.tracking.arriving import Arrival
from exercises.tracking.facts import groc_score
from exercises.tracking.models import Fact, FactType
from exercises.triage.gathering import (
    PAIN_DAYS,
    SYMPTOM_DAYS,
    Fresh,
    Gathered,
    Told,
    gather,
    reports_again,
)
from exercises.triage.models import KnownStable
from exercises.triage.rules import record as rules
from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.raw import read_symptoms

# The most minutes that `facts.HomeCare` takes.
LONGEST_SESSION = timedelta(minutes=240)
# A fact, or what rules read of one.
Report = Fact | Told | Arrival


@dataclass(frozen=True)
class Loaded:
    """The record for the rules, the plan that the judgement acts on, what it rests for, and the
    flare that runs."""

    record: rules.Record
    plan: RecoveryPlan | None
    rests_for: frozenset[str]
    flare: Flare | None


def load(
    *,
    patient: Patient,
    now: datetime,
    always: Sequence[UUID] = (),
    fresh: Sequence[Fresh] = (),
    even_retracted: bool = False,
    gathered: Gathered | None = None,
) -> Loaded:
    """The record at `now`. `fresh` are facts just stored; `always` names reports to include
    whatever their age or correction; `even_retracted` shows what fresh, withdrawn ones would say.
    `gathered` is what there is to read, where that was read already, of the same `fresh`.
    """
    gathered = gathered or gather(
        patient=patient, now=now, fresh=fresh, even_retracted=even_retracted
    )
    stock, plan, since = gathered.stock, gathered.plan, gathered.since
    facts = gathered.reports
    if always:
        named = [*always, *(fact.id for fact in fresh)]
        facts = reports_again(gathered, patient.pk, named, even_retracted=even_retracted)
    of_type: defaultdict[str, list[Report]] = defaultdict(list)
    for fact in facts:
        of_type[fact.type].append(fact)
    record = rules.Record(
        now=now,
        today=gathered.today,
        plan_start=gathered.start,
        profile=_profile(stock.answers, plan),
        symptoms=(
            *warmed_by_heat(patient.pk, _reported(of_type[FactType.SYMPTOM])),
            *(_quarantined_symptoms(patient.pk) if stock.quarantined else ()),
        ),
        pains=tuple(map(_pain, of_type[FactType.PAIN])),
        answers=tuple(map(_relief, of_type[FactType.RELIEF])),
        locations=_locations(patient.pk, facts, gathered.start),
        groc=tuple(_groc(fact) for fact in of_type[FactType.QUESTIONNAIRE] if _is_groc(fact)),
        known_stable=_known_stable(patient.pk, now) if stock.known_stable else (),
        last_pain_date=gathered.days.last_logged(),
        symptoms_since=since - SYMPTOM_DAYS,
        pains_since=since - PAIN_DAYS,
        daily_values=gathered.days.values,
    )
    rests_for = plans.plan_state(plan)[1] if plan and stock.pauses else ()
    flare = plans.running_flare(plan) if plan and stock.flares else None
    return Loaded(record, plan, frozenset(rests_for), flare)


def present_symptoms(record: rules.Record) -> frozenset[str]:
    """The codes of the symptoms whose latest report says that they are there."""
    latest: dict[str, bool] = {}
    for symptom in sorted(record.symptoms, key=lambda found: (found.occurred_at, found.order)):
        latest[symptom.code] = symptom.present
    return frozenset(code for code, present in latest.items() if present)


def recognises(raw: object, now: datetime) -> bool:
    """Whether anything in a report of whatever form can be judged."""
    vocabulary = default_pack().vocabulary
    return bool(read_symptoms(raw, source_id="", received_at=now, vocabulary=vocabulary))


def warmed_by_heat(
    patient_id: UUID, symptoms: Sequence[rules.SymptomFact]
) -> list[rules.SymptomFact]:
    """`symptoms` with `after_heat_pack` where a warm knee was reported soon after heat on the knee.

    Only where the report does not say itself. Judged anew each time from the same facts, so that
    what did not count when it arrived does not begin to count later.
    """
    moments = [item.occurred_at for item in symptoms if may_be_warmed(item)]
    if not moments:
        return [*symptoms]
    reach = timedelta(hours=catalog.home_care_timing().heat_warmth_tag_hours)
    spans = _heat_on_knee(patient_id, min(moments) - reach, max(moments))
    return [
        replace(item, attrs={**item.attrs, "after_heat_pack": True})
        if may_be_warmed(item)
        and any(began <= item.occurred_at <= ended + reach for began, ended in spans)
        else item
        for item in symptoms
    ]


def _heat_on_knee(
    patient_id: UUID, first: datetime, last: datetime
) -> list[tuple[datetime, datetime]]:
    """From when to when heat lay on the knee, of the sessions that touch [first, last]."""
    facts = tracking.counting(patient_id).filter(
        type=FactType.HOME_CARE,
        data__modality="heat",
        data__site="knee",
        occurred_at__range=(first - LONGEST_SESSION, last),
    )
    return [(f.occurred_at, f.occurred_at + timedelta(minutes=f.data["minutes"])) for f in facts]


def may_be_warmed(item: rules.SymptomFact) -> bool:
    """Whether heat on the knee, if there was any, would explain what this report says."""
    return item.code == "S-KNEE-WARM" and item.present and "after_heat_pack" not in item.attrs


def _reported(facts: Iterable[Report]) -> list[rules.SymptomFact]:
    return [symptom for fact in facts for symptom in _symptoms(fact)]


def _symptoms(fact: Report) -> Iterable[rules.SymptomFact]:
    items = [*fact.data["symptoms"]]
    items += [{"code": code, "present": False} for code in fact.data["answered_no"]]
    for order, item in enumerate(items):
        yield rules.SymptomFact(
            source_id=str(fact.id),
            order=order,
            code=item["code"],
            present=item["present"],
            attrs=item.get("attrs", {}),
            occurred_at=fact.occurred_at,
            local_date=fact.local_date,
            received_at=fact.received_at,
        )


def _quarantined_symptoms(patient_id: UUID) -> Iterable[rules.SymptomFact]:
    for row in tracking.judged_quarantine(patient_id):
        yield from read_symptoms(
            json.loads(row.raw),
            source_id=str(row.fact_id),
            received_at=row.received_at,
            vocabulary=default_pack().vocabulary,
        )


def _pain(fact: Report) -> rules.PainFact:
    data: dict[str, Any] = fact.data
    return rules.PainFact(
        source_id=str(fact.id),
        site=data["site"],
        kind=data["kind"],
        score=data["score"],
        occurred_at=fact.occurred_at,
        local_date=fact.local_date,
        received_at=fact.received_at,
        relief_rest=data.get("relief_rest", "unknown"),
        relief_otc=data.get("relief_otc", "unknown"),
    )


def _relief(fact: Report) -> rules.ReliefAnswer:
    return rules.ReliefAnswer(
        source_id=str(fact.id),
        question=fact.data["question"],
        value=fact.data["value"],
        occurred_at=fact.occurred_at,
        local_date=fact.local_date,
    )


def _locations(
    patient_id: UUID, facts: Sequence[Report], start: date
) -> tuple[rules.LocationFact, ...]:
    recent = [fact for fact in facts if fact.data.get("most_distal") is not None]
    if not recent:
        return ()
    # Only a patient who says where it hurts has a first day to compare with.
    earliest = tracking.first_located(patient_id, start)
    found: dict[str, Report] = {str(fact.id): fact for fact in [*earliest, *recent]}
    return tuple(
        rules.LocationFact(
            source_id=str(fact.id),
            most_distal=fact.data["most_distal"],
            occurred_at=fact.occurred_at,
            local_date=fact.local_date,
        )
        for fact in found.values()
    )


def _is_groc(fact: Report) -> bool:
    return bool(fact.data["instrument"] == "GROC")


def _groc(fact: Report) -> rules.GrocScore:
    return rules.GrocScore(
        source_id=str(fact.id),
        score=groc_score(fact.data["answers"]),
        occurred_at=fact.occurred_at,
    )


def _profile(given: dict[str, Any] | None, plan: RecoveryPlan | None) -> rules.Profile:
    if given is None:
        return rules.Profile()
    answers = dict(given)
    if plan is not None and plan.episode > 1:
        # How the first episode began says nothing about where a later one started.
        answers.pop("home_care_since", None)
        answers.pop("pain_at_episode_start", None)
    history = set(answers.get("history", []))
    if answers.get("pregnant") == "yes":
        history.add("pregnant")
    since = answers.get("home_care_since")
    return rules.Profile(
        age=answers.get("age"),
        history=frozenset(history),
        first_episode=answers.get("first_episode"),
        home_care_since=date.fromisoformat(since) if since else None,
        pain_at_episode_start=answers.get("pain_at_episode_start"),
    )


def _known_stable(patient_id: UUID, now: datetime) -> tuple[rules.KnownStable, ...]:
    return tuple(
        rules.KnownStable(symptom=row.symptom, at=row.at, side=row.side, expires_at=row.expires_at)
        for row in _words_after(patient_id, now - SYMPTOM_DAYS)
    )


@compiled
def _words_after(patient_id: UUID, expired: datetime) -> QuerySet[KnownStable]:
    return KnownStable.objects.filter(patient_id=patient_id, expires_at__gt=expired)
