"""What is known of one patient now besides her days: symptoms, patterns, gate, questionnaires, visits
and what could not be accepted. A fixed number of queries, whatever her history."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from backend.accounts.models import Patient
from backend.core.localtime import local_date
from exercises.plans import selectors as plans
from exercises.plans.models import RecoveryPlan
from exercises.plans.phases import Gate
from exercises.tracking import selectors as tracking
from exercises.tracking.instruments.responses import Standing, standings
from exercises.tracking.models import Fact, FactType, Quarantined
from exercises.triage.hints.known import known_of
from exercises.triage.hints.matching import Matched, SpinalScore, matching, spinal_score
from exercises.triage.hints.shapes import hints
from exercises.triage.loading import load
from exercises.triage.models import KnownStable, Visit
from exercises.triage.phasing import gate_of
from exercises.triage.rules.record import LocationFact, Record
from exercises.triage.selectors import known_stable_of, standing_alerts, visits_of
from exercises.triage.symptom_states import SymptomState, symptom_states
from exercises.triage.trend import trend_from

MOST_VISITS = 20
MOST_REJECTED = 20
MOST_WORDS = 50


@dataclass(frozen=True)
class Questionnaire:
    """One questionnaire as it stands, and its forms of this episode, oldest first."""

    standing: Standing
    forms: tuple[Fact, ...]


@dataclass(frozen=True)
class Picture:
    """`words` are what clinicians know as stable and is not over; `reached` says how far down the
    leg the symptoms last went; `rejected` waits to be repaired or is judged all the same. `gate` is
    None in the last phase and without a plan."""

    symptoms: tuple[SymptomState, ...]
    words: tuple[KnownStable, ...]
    reached: LocationFact | None
    patterns: tuple[Matched, ...]
    spinal: SpinalScore
    gate: Gate | None
    questionnaires: tuple[Questionnaire, ...]
    visits: tuple[Visit, ...]
    rejected: tuple[Quarantined, ...]

    def word_about(self, state: SymptomState) -> KnownStable | None:
        """The clinician's word that covers this symptom on its side."""
        side = state.attrs.get("laterality", "")
        about = (word for word in self.words if word.symptom == state.code)
        return next((word for word in about if word.side in ("", side)), None)


def picture_of(patient: Patient, now: datetime, *, language: str) -> Picture:
    """The picture of `patient` (with her user) at `now`, for her care team."""
    today = local_date(now, patient.user.time_zone)
    loaded = load(patient=patient, now=now)
    record, plan = loaded.record, loaded.plan
    known = known_of(plans.intake_of(patient.pk), record)
    return Picture(
        symptoms=symptom_states(record.symptoms),
        words=tuple(known_stable_of(patient.pk).filter(expires_at__gt=now)[:MOST_WORDS]),
        reached=max(record.locations, key=lambda said: said.occurred_at, default=None),
        patterns=matching(hints(), known),
        spinal=spinal_score(known),
        gate=_gate(patient, plan, record, today, language) if plan else None,
        questionnaires=_questionnaires(plan, today) if plan else (),
        visits=tuple(visits_of(patient.pk)[:MOST_VISITS]),
        rejected=_rejected(patient),
    )


def _gate(
    patient: Patient, plan: RecoveryPlan, record: Record, today: date, language: str
) -> Gate | None:
    trend = trend_from(
        record.load_days,
        plan_start=plan.start_date,
        today=today,
        pain_at_start=record.profile.pain_at_episode_start,
    )
    standing = [*standing_alerts(patient.pk)]
    return gate_of(plan=plan, standing=standing, trend=trend, today=today, language=language)


def _questionnaires(plan: RecoveryPlan, today: date) -> tuple[Questionnaire, ...]:
    facts = tracking.facts_between(
        plan.patient_id, [FactType.QUESTIONNAIRE], plan.start_date, date.max
    )
    forms = _by_instrument([*facts])
    return tuple(
        Questionnaire(standing, tuple(forms.get(standing.instrument.code, ())))
        for standing in standings(plan, today)
    )


def _by_instrument(facts: Sequence[Fact]) -> Mapping[str, list[Fact]]:
    grouped: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        grouped[fact.data["instrument"]].append(fact)
    return grouped


def _rejected(patient: Patient) -> tuple[Quarantined, ...]:
    rows = chain(
        tracking.judged_quarantine(patient.pk).reverse()[:MOST_REJECTED],
        tracking.open_quarantine(patient.pk).reverse()[:MOST_REJECTED],
    )
    found = {row.pk: row for row in rows}
    return tuple(sorted(found.values(), key=lambda row: row.rev, reverse=True)[:MOST_REJECTED])
