"""What is known of one patient now besides her days: symptoms, patterns, gate, questionnaires, visits
and what could not be accepted. A fixed number of queries, whatever her history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.accounts.models import Patient
from backend.core.compiled import compiled
from backend.core.localtime import local_date
from backend.core.together import Part
from backend.core.wanted import Wanted, joined
from exercises.plans.models import Intake, RecoveryPlan
from exercises.plans.phases import Gate
from exercises.plans.reads import intakes_of
from exercises.tracking import selectors as tracking
from exercises.tracking.instruments.responses import Standing, standings_after, wanted_forms
from exercises.tracking.models import Fact, Quarantined
from exercises.triage.gathering import Gathered, wanted_gathered
from exercises.triage.hints.known import known_of
from exercises.triage.hints.matching import Matched, SpinalScore, matching, spinal_score
from exercises.triage.hints.shapes import hints
from exercises.triage.loading import load
from exercises.triage.models import Alert, KnownStable, Visit
from exercises.triage.phasing import Lately, gate_after, wanted_lately
from exercises.triage.rules.record import LocationFact, Record
from exercises.triage.selectors import known_stable_of, standing_by_level
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


def wanted_picture(
    patient: Patient, plan: RecoveryPlan | None, now: datetime, *, language: str
) -> Wanted[Picture]:
    """The picture of `patient` (with her user) and of her open `plan` at `now`, for her care team.
    What few patients have is read afterwards, where there is some."""
    today = local_date(now, patient.user.time_zone)

    def made(
        gathered: Gathered,
        intakes: Sequence[Intake],
        course: _Course | None,
        visits: Sequence[Visit],
        rejected: tuple[Quarantined, ...],
    ) -> Picture:
        record = load(patient=patient, now=now, gathered=gathered).record
        known = known_of(next(iter(intakes), None), record)
        return Picture(
            symptoms=symptom_states(record.symptoms),
            words=tuple(_words_in_force(patient.pk, now)) if gathered.stock.known_stable else (),
            reached=max(record.locations, key=lambda said: said.occurred_at, default=None),
            patterns=matching(hints(), known),
            spinal=spinal_score(known),
            gate=_gate(course, record, today, language) if course else None,
            questionnaires=_questionnaires(course, today) if course else (),
            visits=tuple(visits),
            rejected=rejected,
        )

    return joined(
        made,
        wanted_gathered(patient=patient, now=now),
        _as_read(Part(intakes_of, (patient.pk,), Intake)),
        _wanted_course(plan, today),
        _as_read(Part(_latest_visits, (patient.pk,), Visit)),
        _wanted_rejected(patient),
    )


@dataclass(frozen=True)
class _Course:
    """What is read of the open plan."""

    plan: RecoveryPlan
    standing: Sequence[Alert]
    lately: Lately
    forms: Mapping[str, list[Fact]]


def _wanted_course(plan: RecoveryPlan | None, today: date) -> Wanted[_Course | None]:
    if plan is None:
        return Wanted([], lambda: None)
    return joined(
        partial(_Course, plan),
        _as_read(Part(standing_by_level, (plan.patient_id,), Alert)),
        wanted_lately(plan, today),
        wanted_forms(plan),
    )


def _as_read(part: Part) -> Wanted[Sequence[Any]]:
    return Wanted([part], lambda rows: rows)


def _gate(course: _Course, record: Record, today: date, language: str) -> Gate | None:
    plan = course.plan
    trend = trend_from(
        record.daily_values,
        plan_start=plan.start_date,
        today=today,
        pain_at_start=record.profile.pain_at_episode_start,
    )
    return gate_after(
        course.lately,
        plan=plan,
        standing=course.standing,
        trend=trend,
        today=today,
        language=language,
    )


def _questionnaires(course: _Course, today: date) -> tuple[Questionnaire, ...]:
    return tuple(
        Questionnaire(standing, tuple(course.forms.get(standing.instrument.code, ())))
        for standing in standings_after(course.forms, course.plan, today)
    )


def _wanted_rejected(patient: Patient) -> Wanted[tuple[Quarantined, ...]]:
    def made(
        judged: Sequence[Quarantined], unrepaired: Sequence[Quarantined]
    ) -> tuple[Quarantined, ...]:
        found = {row.pk: row for row in (*judged, *unrepaired)}
        newest = sorted(found.values(), key=lambda row: row.rev, reverse=True)
        return tuple(newest[:MOST_REJECTED])

    parts = (_last_judged, _last_unrepaired)
    return Wanted([Part(part, (patient.pk,), Quarantined) for part in parts], made)


@compiled
def _last_judged(patient_id: UUID) -> QuerySet[Quarantined]:
    return tracking.judged_quarantine.queryset(patient_id).reverse()[:MOST_REJECTED]


@compiled
def _last_unrepaired(patient_id: UUID) -> QuerySet[Quarantined]:
    return tracking.open_quarantine(patient_id).reverse()[:MOST_REJECTED]


@compiled
def _latest_visits(patient_id: UUID) -> QuerySet[Visit]:
    return Visit.objects.filter(patient_id=patient_id).order_by("-rev")[:MOST_VISITS]


@compiled
def _words_in_force(patient_id: UUID, now: datetime) -> QuerySet[KnownStable]:
    return known_stable_of(patient_id).filter(expires_at__gt=now)[:MOST_WORDS]
