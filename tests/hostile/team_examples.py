"""A valid request to every write of therapists and managers."""

from typing import Any

from tests.hostile.example import Example


def _order(verb: str, after: str = "", **body: str) -> Example:
    path = f"patients/{{patient}}/plan/{verb}"
    said = {"reason": "seen in clinic"} | body
    tag = {"If_Match": "{plan_tag}"}
    return Example("therapist", path, said, tag, ("/reason",), after=after)


def _alert(before: str, verb: str, alert: str = "alert") -> Example:
    body = None if verb == "acknowledge" else {"reason": "seen in clinic"}
    texts = ("/reason",) if body else ()
    return Example("therapist", f"{before}alerts/{{{alert}}}/{verb}", body, {}, texts)


def _prescription(verb: str, body: dict[str, Any], tag: str = "prescription_tag") -> Example:
    path = f"patients/{{patient}}/prescriptions{verb}"
    headers = {"If_Match": f"{{{tag}}}"}
    texts = ("/reason", "/dose/note") if "dose" in body else ("/reason",)
    nullable = ("/variation",) if "variation" in body else ()
    said = {"reason": "seen in clinic"} | body
    return Example("therapist", path, said, headers, texts, nullable=nullable)


_DOSE = {
    "exercise": "{exercise}",
    "dose": {"reps": {"min": 2, "max": 4}, "note": "slowly"},
    "slots": ["evening"],
    "weekdays": [0, 3],
    "starts_on": "2026-05-06",
}
_OWN = {"variation": "{own}"}
_OF_PATIENT = "patients/{patient}/"
_CLINIC = "clinics/{clinic}"
_MEMBER = "clinics/<uuid:clinic_id>/members/<uuid:user_id>/"
_TEAM = {
    "POST invitations": Example("therapist", "invitations", {"clinic": "{clinic}"}),
    "POST patients/<uuid:patient_id>/known-stable": Example(
        "therapist",
        "patients/{patient}/known-stable",
        {"symptom": "S-NUMB-LEG", "side": "left", "reason": "since the operation"},
        {},
        ("/reason",),
        "patients/{patient}/known-stable",
    ),
    "POST alerts/<uuid:alert_id>/acknowledge": _alert("", "acknowledge"),
    "POST alerts/<uuid:alert_id>/resolve": _alert("", "resolve"),
    "POST alerts/<uuid:alert_id>/reopen": _alert("", "reopen", "closed_alert"),
    f"POST {_OF_PATIENT}alerts/<uuid:alert_id>/acknowledge": _alert(_OF_PATIENT, "acknowledge"),
    f"POST {_OF_PATIENT}alerts/<uuid:alert_id>/resolve": _alert(_OF_PATIENT, "resolve"),
    f"POST {_OF_PATIENT}alerts/<uuid:alert_id>/reopen": _alert(
        _OF_PATIENT, "reopen", "closed_alert"
    ),
    "POST patients/<uuid:patient_id>/prescriptions": _prescription(
        "", _DOSE | {"exercise": "{other_exercise}"}, "plan_tag"
    ),
    "PUT patients/<uuid:patient_id>/prescriptions/<uuid:prescription_id>": _prescription(
        "/{prescription}", _DOSE | _OWN
    ),
    "PATCH patients/<uuid:patient_id>/prescriptions/<uuid:prescription_id>": _prescription(
        "/{prescription}", _DOSE | _OWN
    ),
    "POST patients/<uuid:patient_id>/prescriptions/<uuid:prescription_id>/retire": _prescription(
        "/{prescription}/retire", {"ends_on": "2026-05-06"}
    ),
    "POST patients/<uuid:patient_id>/prescriptions/preview": Example(
        "therapist",
        "patients/{patient}/prescriptions/preview",
        _DOSE | _OWN | {"prescription": "{prescription}", "retire": False},
        {},
        ("/dose/note",),
        nullable=("/variation",),
    ),
    "POST patients/<uuid:patient_id>/plan/hold": _order("hold", until="2026-05-20"),
    "POST patients/<uuid:patient_id>/plan/release_hold": _order("release_hold", "hold"),
    "POST patients/<uuid:patient_id>/plan/advance": _order("advance", to="rehab"),
    "POST patients/<uuid:patient_id>/plan/step_back": _order("step_back", "advance"),
    "POST patients/<uuid:patient_id>/plan/pause": _order("pause"),
    "POST patients/<uuid:patient_id>/plan/resume": _order("resume", "pause"),
    "POST patients/<uuid:patient_id>/end-care": Example(
        "therapist",
        "patients/{patient}/end-care",
        {"reason": "recovered"},
        may_be_left_out=True,
    ),
    "POST patients/<uuid:patient_id>/hand-over": Example(
        "therapist", "patients/{patient}/hand-over", {"to": "{colleague}"}
    ),
    "PUT me/digest": Example(
        "therapist", "me/digest", {"at": "07:30", "weekdays": [0, 4]}, {"If_Match": "{digest_tag}"}
    ),
    "PUT clinic/webhooks/<uuid:webhook_id>": Example(
        "manager",
        "clinic/webhooks/{new}",
        {"url": "http://127.0.0.1:9/hook", "clinic": "{clinic}"},
    ),
    "DELETE clinic/webhooks/<uuid:webhook_id>": Example("manager", "clinic/webhooks/{webhook}"),
    "PATCH clinics/<uuid:clinic_id>": Example(
        "manager",
        _CLINIC,
        {"service_lead": "{colleague}"},
        {"If_Match": "{clinic_tag}"},
        nullable=("/service_lead",),
    ),
    "POST clinics/<uuid:clinic_id>/invitations": Example(
        "manager", f"{_CLINIC}/invitations", {"role": "patient", "therapist": "{colleague}"}
    ),
    "DELETE clinics/<uuid:clinic_id>/invitations/<uuid:invitation_id>": Example(
        "manager", f"{_CLINIC}/invitations/{{invitation}}"
    ),
    "POST clinics/<uuid:clinic_id>/leaves": Example(
        "manager",
        f"{_CLINIC}/leaves",
        {
            "user": "{therapist}",
            "first_day": "2026-06-01",
            "last_day": "2026-06-12",
            "backup": "{colleague}",
        },
    ),
    "DELETE clinics/<uuid:clinic_id>/leaves/<uuid:leave_id>": Example(
        "manager", f"{_CLINIC}/leaves/{{leave}}"
    ),
    f"PATCH {_MEMBER}<str:member_role>": Example(
        "manager",
        f"{_CLINIC}/members/{{therapist}}/therapist",
        {"backup": "{colleague}"},
        nullable=("/backup",),
    ),
    f"DELETE {_MEMBER}<str:member_role>": Example(
        "manager", f"{_CLINIC}/members/{{colleague}}/therapist"
    ),
    f"POST {_MEMBER}hand-over": Example(
        "manager", f"{_CLINIC}/members/{{therapist}}/hand-over", {"to": "{colleague}"}
    ),
}
TEAM = {name.replace("{patient}", "<uuid:patient_id>"): one for name, one in _TEAM.items()}
