"""Which patterns a patient's answers fit (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exercises.triage.hints.shapes import Feature, Hint

SPINAL_SIGNS = tuple(f"C-SGN-0{number}" for number in range(1, 8))
# A report of one of these says the third sign as well.
SENSORY_OR_WEAK = frozenset({"S-NUMB-LEG", "S-TINGLE-LEG", "S-WEAK-LEG", "S-FOOTDROP"})
THIRD_SIGN = "C-SGN-03"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a patient: answers of the intake by question, the attributes of the symptoms
    that are present now by code, and how far down the symptoms reach ("" is not known)."""

    answers: Mapping[str, object]
    symptoms: Mapping[str, Mapping[str, object]]
    most_distal: str = ""


@dataclass(frozen=True)
class Match:
    """A feature that is there: where that is from, and what was said."""

    says: str
    source: str
    said: tuple[str, ...]


@dataclass(frozen=True)
class Matched:
    """A hint with the features that led to it."""

    hint: Hint
    features: tuple[Match, ...]


@dataclass(frozen=True)
class SpinalScore:
    """How many of the seven signs of a spinal origin are there (0-7). `answered`: the question was,
    so that a sign that is not there is known to be absent."""

    present: tuple[str, ...]
    answered: bool

    @property
    def score(self) -> int:
        """The count."""
        return len(self.present)


def spinal_score(known: Known) -> SpinalScore:
    """The signs named at intake, and the third where a report says it."""
    said = {*_values(known.answers.get("spinal_signs"))}
    if not SENSORY_OR_WEAK.isdisjoint(known.symptoms):
        said.add(THIRD_SIGN)
    present = tuple(sign for sign in SPINAL_SIGNS if sign in said)
    return SpinalScore(present, "spinal_signs" in known.answers)


def matching(hints: Iterable[Hint], known: Known) -> tuple[Matched, ...]:
    """The hints that fit, those with the most features first."""
    found = (match for hint in hints if (match := _fit(hint, known)) is not None)
    return tuple(sorted(found, key=lambda match: (-len(match.features), match.hint.id)))


def _fit(hint: Hint, known: Known) -> Matched | None:
    matches: list[Match] = []
    for feature in hint.features:
        match = _match(feature, known)
        if match is not None:
            matches.append(match)
        elif feature.essential:
            return None
    return Matched(hint, tuple(matches)) if len(matches) >= hint.at_least else None


def _match(feature: Feature, known: Known) -> Match | None:
    for source, said in (
        ("intake", _chosen(feature.answers, known)),
        ("intake", _ruled_out(feature.not_answers, known)),
        ("report", _present(feature, known)),
        ("report", (known.most_distal,) if known.most_distal in feature.most_distal else ()),
    ):
        if said:
            return Match(feature.says, source, tuple(said))
    return None


def _chosen(asked: Mapping[str, Sequence[str]], known: Known) -> list[str]:
    return [
        f"{question}: {value}"
        for question, values in asked.items()
        for value in _values(known.answers.get(question))
        if value in values
    ]


def _ruled_out(asked: Mapping[str, Sequence[str]], known: Known) -> list[str]:
    return [
        f"{question}: not {' or '.join(values)}"
        for question, values in asked.items()
        if question in known.answers and not set(values) & {*_values(known.answers[question])}
    ]


def _present(feature: Feature, known: Known) -> list[str]:
    return [
        code
        for code in feature.symptoms
        if code in known.symptoms
        and all(known.symptoms[code].get(name) in wanted for name, wanted in feature.attrs.items())
    ]


def _values(answer: object) -> tuple[str, ...]:
    if isinstance(answer, str):
        return (answer,)
    if isinstance(answer, list | tuple):
        return tuple(item for item in answer if isinstance(item, str))
    return ()
