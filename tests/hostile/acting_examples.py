"""A valid request to every write with which a therapist acts on what she sees."""

from typing import Any

from tests.hostile.example import Example


def _alert(before: str, verb: str, body: dict[str, Any]) -> Example:
    return Example("therapist", f"{before}alerts/{{alert}}/{verb}", body, {}, ("/reason",))


_ACT = {"action": "called", "reason": "spoke with her"}
_ASSIGN = {"to": "{colleague}", "reason": "on leave from noon"}
_OF_PATIENT = "patients/{patient}/"
_ACTING = {
    "POST alerts/<uuid:alert_id>/act": _alert("", "act", _ACT),
    "POST alerts/<uuid:alert_id>/assign": _alert("", "assign", _ASSIGN),
    f"POST {_OF_PATIENT}alerts/<uuid:alert_id>/act": _alert(_OF_PATIENT, "act", _ACT),
    f"POST {_OF_PATIENT}alerts/<uuid:alert_id>/assign": _alert(_OF_PATIENT, "assign", _ASSIGN),
    "PUT me/messages/<uuid:message_id>": Example(
        "patient", "me/messages/{new}", {"text": "May I cycle?"}, {}, ("/text",), "me/messages"
    ),
    "POST me/messages/read": Example("patient", "me/messages/read", {"up_to": "{care_message}"}),
    f"PUT {_OF_PATIENT}messages/<uuid:message_id>": Example(
        "therapist",
        f"{_OF_PATIENT}messages/{{new}}",
        {"text": "Yes, gently."},
        {},
        ("/text",),
        f"{_OF_PATIENT}messages",
    ),
    f"POST {_OF_PATIENT}messages/read": Example(
        "therapist", f"{_OF_PATIENT}messages/read", {"up_to": "{care_message}"}
    ),
    f"PUT {_OF_PATIENT}notes/<uuid:note_id>": Example(
        "therapist",
        f"{_OF_PATIENT}notes/{{new}}",
        {"text": "Afraid of bending.", "corrects": "{note}"},
        {},
        ("/text",),
        f"{_OF_PATIENT}notes",
    ),
    f"PUT {_OF_PATIENT}thresholds": Example(
        "therapist",
        f"{_OF_PATIENT}thresholds",
        {"values": {"severe_from": 6}, "reason": "lives alone"},
        {"If_Match": "{thresholds_tag}"},
        ("/reason",),
        f"{_OF_PATIENT}thresholds",
    ),
    f"POST {_OF_PATIENT}plan/apply": Example(
        "therapist",
        f"{_OF_PATIENT}plan/apply",
        {"template": "{template}", "reason": "seen in clinic"},
        {"If_Match": "{plan_tag}"},
        ("/reason",),
    ),
    f"POST {_OF_PATIENT}plan/apply/preview": Example(
        "therapist", f"{_OF_PATIENT}plan/apply/preview", {"template": "{template}"}
    ),
}
ACTING = {name.replace("{patient}", "<uuid:patient_id>"): one for name, one in _ACTING.items()}
