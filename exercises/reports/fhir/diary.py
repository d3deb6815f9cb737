"""What the patient reported: scores and symptoms as Observation, what she did as Procedure, her
answers as QuestionnaireResponse. What she took back or corrected is there, entered in error."""

from collections.abc import Callable, Iterator
from typing import Any

from exercises.reports.fhir.elements import (
    Resource,
    coded,
    id_of,
    made,
    notes,
    own,
    reference,
)

LOINC = "http://loinc.org"
PAIN = coded(LOINC, "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported")
Fact = dict[str, Any]


def diary(document: dict[str, Any]) -> Iterator[Resource]:
    """The resources of all facts. A retraction has none of its own: it is the status of its target."""
    for fact in document["record"]["diary"]:
        if fact["type"] in _MAKERS:
            yield from _MAKERS[fact["type"]](fact)


def items_of(answers: dict[str, Any], prefix: str = "") -> list[Resource]:
    """Answers as the items of a QuestionnaireResponse: a group for what holds other answers."""
    return [_item(f"{prefix}{name}", value) for name, value in sorted(answers.items())]


def _status(fact: Fact, status: str = "final") -> str:
    return "entered-in-error" if fact["retracted_by"] or fact["amended_by"] else status


def _observation(fact: Fact, code: Resource, *, key: str = "", **elements: Any) -> Resource:
    return made(
        "Observation",
        key or fact["id"],
        status=_status(fact),
        category=[_SURVEY],
        code=code,
        subject=reference(fact["patient"]),
        effectiveDateTime=fact["occurred_at"],
        issued=fact["received_at"],
        performer=[reference(fact["patient"])],
        **elements,
    )


_SURVEY = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
            "code": "survey",
        }
    ]
}


def _pain(fact: Fact) -> Iterator[Resource]:
    data = fact["data"]
    said = [
        {"code": own("answer", name), "valueString": str(data[name])}
        for name in ("relief_rest", "relief_otc", "most_distal")
        if data.get(name)
    ]
    yield _observation(
        fact,
        PAIN,
        bodySite=own("site", data["site"]),
        method=own("pain-kind", data["kind"]),
        valueInteger=data["score"],
        component=said,
        note=notes(data.get("note")),
    )


def _symptoms(fact: Fact) -> Iterator[Resource]:
    data = fact["data"]
    found = [
        {
            "code": own("symptom", item["code"]),
            "valueBoolean": item["present"],
            "interpretation": [
                own("symptom-detail", f"{name}:{value}")
                for name, value in sorted(item.get("attrs", {}).items())
            ],
        }
        for item in data.get("symptoms", [])
    ]
    denied = [
        {"code": own("symptom", code), "valueBoolean": False}
        for code in data.get("answered_no", [])
    ]
    component = [
        {name: value for name, value in one.items() if value != []} for one in (*found, *denied)
    ]
    yield _observation(
        fact, own("fact", "symptom_report"), component=component, note=notes(data.get("note"))
    )


def _said(fact: Fact) -> Iterator[Resource]:
    data = fact["data"]
    named = data.get("question") or "most_distal"
    value = data.get("value") or data.get("most_distal")
    yield _observation(
        fact, own("answer", named), valueString=str(value), note=notes(data.get("note"))
    )


def _session(fact: Fact) -> Iterator[Resource]:
    data = fact["data"]
    yield _procedure(fact, fact["id"], own("fact", "session"), note=notes(data.get("note")))
    for number, item in enumerate(data["items"]):
        key = id_of(fact["patient"], fact["id"], number)
        yield _procedure(
            fact,
            key,
            own("exercise", item.get("exercise", "prescribed")),
            basedOn=[reference(item["prescription"])] if item.get("prescription") else None,
            partOf=[reference(fact["id"])],
            statusReason=own("stopped", item.get("stopped_because", "none")),
            note=notes(_done(item.get("done", {}))),
        )
        yield from _pain_of_item(fact, item, key)


def _done(done: dict[str, int]) -> str:
    return ", ".join(f"{name} {amount}" for name, amount in sorted(done.items()) if amount)


def _pain_of_item(fact: Fact, item: dict[str, Any], key: str) -> Iterator[Resource]:
    for when in ("pain_before", "pain_during"):
        if when in item:
            yield _observation(
                fact,
                PAIN,
                key=id_of(key, when),
                method=own("pain-kind", when),
                valueInteger=item[when],
                partOf=[reference(key)],
            )


def _home_care(fact: Fact) -> Iterator[Resource]:
    data = fact["data"]
    yield _procedure(
        fact,
        fact["id"],
        own("home-care", data["modality"]),
        bodySite=[own("site", data["site"])],
        note=notes(
            f"{data['minutes']} minutes, {'wrapped' if data['wrapped'] else 'not wrapped'}",
            data.get("note"),
        ),
    )


def _procedure(fact: Fact, key: str, code: Resource, **elements: Any) -> Resource:
    return made(
        "Procedure",
        key,
        status=_status(fact, "completed"),
        code=code,
        subject=reference(fact["patient"]),
        performedDateTime=fact["occurred_at"],
        **elements,
    )


def _questionnaire(fact: Fact) -> Iterator[Resource]:
    data = fact["data"]
    yield made(
        "QuestionnaireResponse",
        fact["id"],
        questionnaire=f"urn:x-stepwise:questionnaire:{data['instrument']}|{data['version']}",
        status=_status(fact, "completed"),
        subject=reference(fact["patient"]),
        author=reference(fact["patient"]),
        authored=fact["occurred_at"],
        item=items_of(data["answers"]),
    )


def _item(link: str, value: Any) -> Resource:
    if isinstance(value, dict):
        return {"linkId": link, "item": items_of(value, f"{link}.")}
    values = value if isinstance(value, list) else [value]
    if any(isinstance(one, dict | list) for one in values):
        return {"linkId": link, "item": [_item(f"{link}.{n}", v) for n, v in enumerate(values)]}
    answers = [_answer(one) for one in values if one not in (None, "")]
    return {"linkId": link, "answer": answers} if answers else {"linkId": link}


def _answer(value: Any) -> Resource:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int):
        return {"valueInteger": value}
    return {"valueDecimal": value} if isinstance(value, float) else {"valueString": str(value)}


_MAKERS: dict[str, Callable[[Fact], Iterator[Resource]]] = {
    "pain_report": _pain,
    "symptom_report": _symptoms,
    "relief_answer": _said,
    "location": _said,
    "session": _session,
    "home_care": _home_care,
    "questionnaire": _questionnaire,
}
