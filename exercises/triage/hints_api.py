"""The door of the pattern hints. Therapists alone: a patient must not read them as a diagnosis."""

from typing import Literal
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.doors import TherapistDoor
from backend.core.api import respond
from backend.core.schema import describe
from backend.core.wire import Wire
from exercises.catalog import selectors as catalog
from exercises.plans.selectors import intake_of
from exercises.triage.hints.known import known_of
from exercises.triage.hints.matching import (
    SPINAL_SIGNS,
    Matched,
    SpinalScore,
    matching,
    spinal_score,
)
from exercises.triage.hints.shapes import hints
from exercises.triage.loading import load

NOTICE = (
    "Patterns in what the patient answered, to think of when you examine. They are no diagnosis."
)


class MatchedAnswer(Wire, frozen=True, kw_only=True):
    """A feature of a pattern that is there: from the intake or a report, and what was said."""

    feature: str
    source: Literal["intake", "report"]
    answers: list[str]


class PatternHint(Wire, frozen=True, kw_only=True):
    """A pattern that fits, what to examine for it, and why it is shown."""

    id: str
    title: str
    text: str
    examine: str
    matched: list[MatchedAnswer]
    facts: list[str]
    references: list[str]


class SpinalSign(Wire, frozen=True, kw_only=True):
    """One sign that points to the spine."""

    id: str
    text: str
    present: Literal["yes", "no", "unknown"]


class SpinalOrigin(Wire, frozen=True, kw_only=True):
    """How many of the signs (`of`) are there. Few of them do not rule the spine out."""

    score: int
    of: int
    signs: list[SpinalSign]


class PatternHints(Wire, frozen=True, kw_only=True):
    """What a patient's answers may point to, those with the most matches first."""

    notice: str
    spinal_origin: SpinalOrigin
    roots: list[PatternHint]
    mimics: list[PatternHint]


class PatientHints(TherapistDoor):
    @describe(
        "Patterns in a patient's answers",
        response=PatternHints,
        errors=(401, 403, 404),
        tags=("patients",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "hints.read")
        record = load(patient=patient, now=self.now).record
        known = known_of(intake_of(patient.pk), record)
        found = matching(hints(), known)
        return respond(
            PatternHints(
                notice=NOTICE,
                spinal_origin=_spinal_origin(spinal_score(known)),
                roots=[_hint(match) for match in found if match.hint.kind == "root"],
                mimics=[_hint(match) for match in found if match.hint.kind == "mimic"],
            )
        )


def _spinal_origin(found: SpinalScore) -> SpinalOrigin:
    question = next(item for item in catalog.intake_questions() if item.id == "spinal_signs")
    texts = {option.value: option.label for option in question.options}
    otherwise: Literal["no", "unknown"] = "no" if found.answered else "unknown"
    return SpinalOrigin(
        score=found.score,
        of=len(SPINAL_SIGNS),
        signs=[
            SpinalSign(
                id=sign, text=texts[sign], present="yes" if sign in found.present else otherwise
            )
            for sign in SPINAL_SIGNS
        ],
    )


def _hint(match: Matched) -> PatternHint:
    return PatternHint(
        id=match.hint.id,
        title=match.hint.title,
        text=match.hint.says,
        examine=match.hint.examine,
        matched=[
            MatchedAnswer(
                feature=feature.says,
                source="report" if feature.source == "report" else "intake",
                answers=list(feature.said),
            )
            for feature in match.features
        ],
        facts=list(match.hint.facts),
        references=list(match.hint.references),
    )
