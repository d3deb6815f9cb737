"""Which of the catalogue's conditions a patient meets: what speaks against an exercise for her."""

from collections.abc import Collection, Mapping
from uuid import UUID

from exercises.catalog.conditions import conditions_met
from exercises.catalog.content import catalog
from exercises.plans.selectors import intake_of


def profile_flags(patient_id: UUID, open_symptoms: Collection[str] = ()) -> frozenset[str]:
    """The codes of the catalogue's conditions that the patient meets, by her intake and by the
    codes of symptoms that are present now."""
    intake = intake_of(patient_id)
    return flags_of_answers(intake.answers if intake else {}, open_symptoms)


def flags_of_answers(
    answers: Mapping[str, object], symptoms: Collection[str] = ()
) -> frozenset[str]:
    """The codes of the conditions that answers of an intake and present symptoms meet."""
    history = answers.get("history")
    return conditions_met(
        catalog().conditions.values(),
        symptoms=symptoms,
        history=history if isinstance(history, list) else (),
        answers=answers,
    )
