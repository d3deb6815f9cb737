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
}
ACTING = {name.replace("{patient}", "<uuid:patient_id>"): one for name, one in _ACTING.items()}
