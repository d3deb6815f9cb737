"""Which conditions of contraindications are met. Pure."""

from collections.abc import Collection, Iterable, Mapping

from exercises.catalog.shapes import Condition


def conditions_met(
    conditions: Iterable[Condition],
    *,
    symptoms: Collection[str] = (),
    history: Collection[str] = (),
    answers: Mapping[str, object] | None = None,
    stated: Collection[str] = (),
) -> frozenset[str]:
    """Codes of the conditions that hold.

    `symptoms` are codes present now, `history` and `answers` come from the intake (question id to
    value), `stated` are codes set by a clinician or by the state of the plan.
    """
    return frozenset(
        condition.code
        for condition in conditions
        if condition.code in stated
        or not set(symptoms).isdisjoint(condition.symptoms)
        or not set(history).isdisjoint(condition.history)
        or any(_is_group_met(group, answers or {}) for group in condition.answers)
    )


def _is_group_met(group: Mapping[str, tuple[str, ...]], answers: Mapping[str, object]) -> bool:
    return all(
        not _spoken(answers.get(question)).isdisjoint(values) for question, values in group.items()
    )


def _spoken(answer: object) -> frozenset[str]:
    if isinstance(answer, bool):
        return frozenset({str(answer).lower()})
    if isinstance(answer, str):
        return frozenset({answer})
    if isinstance(answer, list | tuple):
        return frozenset(item for item in answer if isinstance(item, str))
    return frozenset()
