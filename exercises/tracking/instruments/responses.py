"""Reads the questionnaires of an episode from the diary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from backend.core.problems import FieldError
from backend.core.together import Part
from backend.core.wanted import Wanted, read
from exercises.plans.models import RecoveryPlan
from exercises.tracking import selectors as tracking
from exercises.tracking.arriving import StoredFact
from exercises.tracking.facts import Questionnaire
from exercises.tracking.instruments.change import Change, change
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.due import Due, due
from exercises.tracking.instruments.scoring import Score, same_words, score
from exercises.tracking.instruments.shapes import Activities, Instrument
from exercises.tracking.models import Fact, FactType


@dataclass(frozen=True)
class Standing:
    """One questionnaire in an episode: when it is due, its last complete form, and the change.

    `since` is the date of the first form, with which later ones are compared, or where the answer
    is a change already, the day the plan began. `activities` are the patient's own words.
    """

    instrument: Instrument
    due: Due
    since: date
    last: Fact | None = None
    change: Change | None = None
    activities: tuple[str, ...] = ()


def standings(plan: RecoveryPlan, today: date) -> list[Standing]:
    """Every questionnaire on offer as it stands on the local date `today`; one query."""
    return standings_after(forms_of(plan), plan, today)


def standings_after(
    forms: Mapping[str, list[Fact]], plan: RecoveryPlan, today: date
) -> list[Standing]:
    """The same after the episode's forms were read."""
    return [
        _standing(instrument, plan.start_date, today, forms.get(instrument.code, []))
        for instrument in instruments().offered.values()
    ]


def instrument_of(fact: StoredFact) -> Instrument | None:
    """The instrument of a stored form; None if it is no longer known."""
    return instruments().offered.get(fact.data["instrument"])


def score_of(fact: StoredFact) -> Score | None:
    """The score of a stored form; None if its instrument is no longer known."""
    instrument = instrument_of(fact)
    return score(instrument, fact.data["answers"]) if instrument else None


def summary_of(data: Mapping[str, object]) -> str:
    """One line for a list: "Roland-Morris Disability Questionnaire (24 statements): 12 of 24"."""
    instrument = instruments().offered.get(str(data["instrument"]))
    answers = data["answers"]
    if instrument is None or not isinstance(answers, Mapping):
        return str(data["instrument"])
    found = score(instrument, answers)
    low, high = instrument.response.bounds
    if found.value is None:
        return f"{instrument.title}: no score"
    shown = f"{float(found.value):.1f}".removesuffix(".0")
    scale = f"of {high}" if low == 0 else f"({low} to {high})"
    return f"{instrument.title}: {shown} {scale}"


def wording_problems(plan: RecoveryPlan, fact_id: UUID, form: Questionnaire) -> list[FieldError]:
    """Where a form names activities other than those of the episode's first form; none for a form
    that is stored already."""
    if not _has_own_words(form) or form.local_date < plan.start_date:
        return []
    if tracking.fact_of(plan.patient_id, fact_id, FactType.QUESTIONNAIRE):
        return []
    return Wording.of(plan).problems(fact_id, form)


class Wording:
    """The words that stay fixed in an episode, by instrument; or else the scores would not be of the
    same things.

    A form that corrects the first one (`amends`) may change them, and so may the first one sent
    again. A first form that passes fixes the words for those after it.
    """

    def __init__(self, start: date, forms: Mapping[str, list[Fact]]) -> None:
        self._start = start
        self._said = {
            code: [(fact.id, _words(fact.data["answers"])) for fact in facts]
            for code, facts in forms.items()
            if _has_words(code)
        }

    @classmethod
    def of(cls, plan: RecoveryPlan) -> "Wording":
        """The words of the plan's episode; one query."""
        return cls(plan.start_date, forms_of(plan))

    def problems(self, fact_id: UUID, form: Questionnaire) -> list[FieldError]:
        """Where a form that is not stored yet names other activities than the first one."""
        if not _has_own_words(form) or form.local_date < self._start:
            return []
        said = self._said.setdefault(form.instrument, [])
        others = [words for known, words in said if known not in {fact_id, form.amends}]
        if not others:
            said.append((fact_id, _words(form.answers)))
            return []
        return [
            FieldError(
                f"/answers/activities/{index}/text",
                "other_activity",
                f"Keep the words of the first form: {'; '.join(others[0].values())}.",
            )
            for index, item in enumerate(form.answers["activities"])
            if same_words(item["text"]) not in others[0]
        ]


def _has_own_words(form: Questionnaire) -> bool:
    return _has_words(form.instrument)


def _has_words(code: str) -> bool:
    instrument = instruments().offered.get(code)
    return instrument is not None and isinstance(instrument.response, Activities)


def forms_of(plan: RecoveryPlan) -> dict[str, list[Fact]]:
    """The forms of the plan's episode by instrument, oldest first; one query."""
    return read(wanted_forms(plan))


def wanted_forms(plan: RecoveryPlan) -> Wanted[dict[str, list[Fact]]]:
    """The same, to be read with other things."""

    def made(facts: Sequence[Fact]) -> dict[str, list[Fact]]:
        grouped: dict[str, list[Fact]] = {}
        for fact in facts:
            grouped.setdefault(fact.data["instrument"], []).append(fact)
        return grouped

    span = (plan.patient_id, plan.start_date, date.max)
    return Wanted([Part(tracking.forms_between, span, Fact)], made)


def _standing(instrument: Instrument, start: date, today: date, forms: Iterable[Fact]) -> Standing:
    forms = list(forms)
    complete = [fact for fact in forms if score(instrument, fact.data["answers"]).value is not None]
    asked = due(
        instrument.schedule,
        start=start,
        today=today,
        answered=[fact.local_date for fact in complete],
    )
    has_words = isinstance(instrument.response, Activities) and forms
    words = tuple(_words(forms[0].data["answers"]).values()) if has_words else ()
    if not complete:
        return Standing(instrument, asked, start, activities=words)
    first, last = complete[0], complete[-1]
    since = start if instrument.change.is_the_score else first.local_date
    return Standing(instrument, asked, since, last, _change(instrument, first, last), words)


def _change(instrument: Instrument, first: Fact, last: Fact) -> Change | None:
    if first is last and not instrument.change.is_the_score:
        return None
    return change(instrument, first.data["answers"], last.data["answers"])


def _words(answers: Mapping[str, Any]) -> dict[str, str]:
    return {same_words(item["text"]): item["text"] for item in answers["activities"]}
