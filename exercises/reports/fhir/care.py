"""What was planned and what followed: CarePlan, ServiceRequest, DetectedIssue, Task, Encounter, Flag
and Communication."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from exercises.reports.fhir.diary import items_of
from exercises.reports.fhir.elements import (
    Resource,
    id_of,
    made,
    notes,
    own,
    period,
    reference,
)

_SEVERITY = {1: "low", 2: "low", 3: "moderate", 4: "high", 5: "high"}
_TASK = {
    "raised": "requested",
    "seen": "received",
    "will_go": "accepted",
    "declined": "rejected",
    "planned": "accepted",
    "attended": "completed",
    "closed": "completed",
}
_ENCOUNTER = {"planned": "planned", "attended": "finished", "cancelled": "cancelled"}
_CLASS = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
Record = dict[str, Any]


def care(document: Record) -> Iterator[Resource]:
    """The resources of intake, plans, alerts, advice, visits and messages."""
    record, patient = document["record"], document["patient"]
    for intake in record["intake"]:
        yield _intake(patient, intake)
    for plan in record["plans"]:
        yield _plan(record, plan)
    for prescription in record["prescriptions"]:
        yield _service_request(patient, prescription)
    yield from _alerts(record)
    for prompt in record["doctor_prompts"]:
        yield _task(patient, prompt)
    for visit in record["visits"]:
        yield _encounter(patient, visit)
    for known in record["known_stable"]:
        yield _flag(patient, known)
    yield from _communications(record)


def _intake(patient: str, intake: Record) -> Resource:
    return made(
        "QuestionnaireResponse",
        id_of(patient, "intake"),
        questionnaire=f"urn:x-stepwise:questionnaire:intake|{intake['content_version']}",
        status="completed" if intake["completed_at"] else "in-progress",
        subject=reference(patient),
        author=reference(patient),
        authored=intake["completed_at"] or intake["started_at"],
        item=items_of(intake["answers"]),
    )


def _plan(record: Record, plan: Record) -> Resource:
    paused = any(p["plan"] == plan["id"] and not p["ended_at"] for p in record["plan_pauses"])
    phases = [
        f"{one['phase']} from {one['on_date']} ({one['cause']})"
        for one in record["phase_changes"]
        if one["plan"] == plan["id"]
    ]
    ordered = [one["id"] for one in record["prescriptions"] if one["plan"] == plan["id"]]
    return made(
        "CarePlan",
        plan["id"],
        status="completed" if plan["closed_at"] else "on-hold" if paused else "active",
        intent="plan",
        title=f"Recovery plan, episode {plan['episode']}",
        category=[own("phase", plan["phase"])],
        subject=reference(plan["patient"]),
        period=period(plan["start_date"], plan["closed_at"]),
        created=plan["created_at"],
        activity=[{"reference": reference(one)} for one in ordered],
        note=notes("; ".join(phases)),
    )


def _service_request(patient: str, prescription: Record) -> Resource:
    dose = ", ".join(f"{name} {value}" for name, value in sorted(prescription["dose"].items()))
    return made(
        "ServiceRequest",
        prescription["id"],
        status="completed" if prescription["ends_on"] else "active",
        intent="order" if prescription["by"] else "plan",
        code=own("exercise", prescription["exercise"]),
        subject=reference(patient),
        occurrencePeriod=period(prescription["starts_on"], prescription["ends_on"]),
        requester=reference(prescription["by"]),
        basedOn=[reference(prescription["plan"])],
        note=notes(dose, _own_words(prescription)),
    )


def _own_words(prescription: Record) -> str | None:
    # A record that was exported by an earlier version has no such column.
    words = prescription.get("variation_words")
    return "\n".join((words["name"], *words["steps"], words["note"])).strip() if words else None


def _alerts(record: Record) -> Iterator[Resource]:
    steps: dict[str, list[Record]] = defaultdict(list)
    for event in record["alert_events"]:
        steps[event["alert"]].append(event)
    reported = {fact["id"] for fact in record["diary"]}
    for alert in record["alerts"]:
        source = alert["source_fact"] if alert["source_fact"] in reported else None
        implicated = reference(source)
        yield made(
            "DetectedIssue",
            alert["id"],
            status="cancelled" if alert["status"] == "retracted" else "final",
            code=own("rule", alert["rule"]),
            severity=_SEVERITY[alert["level"]],
            patient=reference(alert["patient"]),
            identifiedDateTime=alert["opened_at"] or alert["occurred_at"],
            implicated=[implicated] if implicated else None,
            detail=f"level {alert['level']}, {alert['status']}",
            mitigation=[_mitigation(step) for step in steps[alert["id"]]],
        )


def _mitigation(step: Record) -> Resource:
    found: Resource = {"action": own("alert-step", step["step"]), "date": step["at"]}
    if step["by"]:
        found["author"] = reference(step["by"])
    return found


def _task(patient: str, prompt: Record) -> Resource:
    return made(
        "Task",
        prompt["id"],
        status=_TASK[prompt["state"]],
        intent="proposal",
        code=own("prompt", "see-a-doctor"),
        focus=reference(prompt["alert"]),
        **{"for": reference(patient)},
        authoredOn=prompt["raised_at"],
        lastModified=prompt["answered_at"] or prompt["seen_at"],
        owner=reference(patient),
        statusReason={"text": prompt["reason"]} if prompt["reason"] else None,
    )


def _encounter(patient: str, visit: Record) -> Resource:
    day = visit["attended_on"] or visit["planned_for"] or visit["planned_on"]
    said = " ".join(filter(None, (visit["with_whom"], visit["reason"], visit["outcome_text"])))
    return made(
        "Encounter",
        visit["id"],
        status=_ENCOUNTER[visit["state"]],
        **{"class": _CLASS},
        subject=reference(patient),
        period=period(day, None),
        type=[own("visit-outcome", visit["outcome"])] if visit["outcome"] else None,
        reasonCode=[{"text": said}] if said else None,
    )


def _flag(patient: str, known: Record) -> Resource:
    return made(
        "Flag",
        known["id"],
        status="active",
        code=own("known-stable", known["symptom"]),
        subject=reference(patient),
        period=period(known["at"], known["expires_at"]),
        author=reference(known["by"]),
    )


def _communications(record: Record) -> Iterator[Resource]:
    sent = {
        one["message"]: one["sent_at"] for one in reversed(record["deliveries"]) if one["sent_at"]
    }
    alerts = {alert["id"] for alert in record["alerts"]}
    for message in record["notifications"]:
        about = reference(message["alert_id"]) if message["alert_id"] in alerts else None
        recipient = reference(message["recipient"])
        yield made(
            "Communication",
            message["id"],
            status="completed" if message["id"] in sent else "preparation",
            category=[own("message", message["kind"])],
            subject=reference(message["patient"]),
            about=[about] if about else None,
            recipient=[recipient] if recipient else None,
            sent=sent.get(message["id"]),
            received=message["received_at"],
            payload=[{"contentString": message["rule"] or message["kind"]}],
        )
