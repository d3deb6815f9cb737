"""What is typed about a prescription, read as the API reads it: one check for both."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.http import QueryDict

from backend.core.problems import FieldError, Problem
from backend.core.wire import Wire, decode
from exercises.plans.prescribable import AMOUNTS
from exercises.triage.prescription_wire import (
    NewPrescription,
    PrescriptionChange,
    RetirePrescription,
)

W = TypeVar("W", bound=Wire)
OVERRIDE = "override:"
OWN = ":"
MAX_DIGITS = 6


def change_typed(
    sent: QueryDict, first: Mapping[str, Any]
) -> tuple[PrescriptionChange | None, dict[str, str]]:
    """The change that is asked for, with what differs from the form's `first` values, and what is
    wrong with it by field."""
    errors: dict[str, str] = {}
    body = _common(sent)
    body |= _exercise(sent.get("exercise", ""), first.get("exercise", ""))
    # Of another exercise what was left as it stood is what the catalogue serves.
    swapped = "exercise" in body
    body["dose"] = _dose(sent, first, errors, may_be_empty=swapped)
    for name in ("slots", "weekdays"):
        given = sent.getlist(name)
        if given and sorted(given) != sorted(first.get(name, [])):
            body[name] = (
                [int(day) for day in given if day.isdigit()] if name == "weekdays" else given
            )
        elif not given and first.get(name) and not swapped:
            errors[name] = "Choose at least one."
    shape = PrescriptionChange if first.get("exercise") else NewPrescription
    if "exercise" in body and not body["exercise"]:
        errors["exercise"] = "Choose an exercise."
    return _decoded(body, shape, errors)


def end_typed(sent: QueryDict) -> tuple[RetirePrescription | None, dict[str, str]]:
    """The end that is asked for, and what is wrong with it by field."""
    body = {"reason": sent.get("reason", "").strip()}
    if day := sent.get("starts_on", "").strip():
        body["ends_on"] = day
    return _decoded(body, RetirePrescription, {})


def by_field(errors: tuple[FieldError, ...]) -> dict[str, str]:
    """The words about each field of the form, from their places in the API's body."""
    found: dict[str, str] = {}
    for error in errors:
        found.setdefault(_field(error.pointer), _words(error))
    return found


def choice_of(exercise: str, variation: UUID | None) -> str:
    """How the form names an exercise, or a clinic's own way of doing it."""
    return f"{exercise}{OWN}{variation}" if variation else exercise


def exercise_of(choice: str) -> str:
    """The exercise that is done, whoever's way."""
    return choice.partition(OWN)[0]


def _exercise(chosen: str, first: str) -> dict[str, Any]:
    exercise, _, own = chosen.partition(OWN)
    before, _, own_before = first.partition(OWN)
    body: dict[str, Any] = {"exercise": exercise} if exercise != before else {}
    # Of another exercise nothing of the clinic's is left.
    if own != (own_before if exercise == before else ""):
        body["variation"] = own or None
    return body


def _common(sent: QueryDict) -> dict[str, Any]:
    body: dict[str, Any] = {"reason": sent.get("reason", "").strip()}
    if day := sent.get("starts_on", "").strip():
        body["starts_on"] = day
    typed = {name: sent.get(name, "").strip() for name in sent if name.startswith(OVERRIDE)}
    overrides = {name.removeprefix(OVERRIDE): why for name, why in typed.items() if why}
    return body | ({"overrides": overrides} if overrides else {})


def _dose(
    sent: QueryDict, before: Mapping[str, Any], errors: dict[str, str], *, may_be_empty: bool
) -> dict[str, Any]:
    dose: dict[str, Any] = {}
    for name in AMOUNTS:
        given = [sent.get(f"{name}_{end}", "").strip() for end in ("min", "max")]
        if given == [before.get(f"{name}_{end}", "") for end in ("min", "max")]:
            continue
        if not any(given) and may_be_empty:
            continue
        if not any(given):
            errors[name] = "An amount that the exercise has cannot be taken away; change it."
        elif not all(one.isascii() and one.isdigit() and len(one) <= MAX_DIGITS for one in given):
            errors[name] = "Two whole numbers, from and to."
        else:
            dose[name] = {"min": int(given[0]), "max": int(given[1])}
    if (note := sent.get("note", "").strip()) != before.get("note", ""):
        dose["note"] = note
    return dose


def _decoded(
    body: dict[str, Any], shape: type[W], errors: dict[str, str]
) -> tuple[W | None, dict[str, str]]:
    try:
        found = decode(body, shape)
    except Problem as problem:
        return None, by_field(problem.errors) | errors
    return (None if errors else found), errors


def _field(pointer: str) -> str:
    steps = pointer.strip("/").split("/")
    if steps[0] == "overrides":
        return OVERRIDE + steps[-1]
    if steps[0] == "dose" and len(steps) > 1:
        return steps[1]
    return {"ends_on": "starts_on", "variation": "exercise"}.get(steps[0], steps[0])


def _words(error: FieldError) -> str:
    if error.code == "required" or (error.pointer == "/reason" and "length >= 1" in error.message):
        return "Say why." if error.pointer == "/reason" else "This is needed."
    if "length <=" in error.message:
        return "This is too long."
    if error.pointer in ("/starts_on", "/ends_on") and error.code == "invalid":
        return "Write a date."
    return error.message.replace("`min`", "the first").replace("`max`", "the second")
