"""A valid request to every write of the phone."""

from typing import Any

from tests.hostile.example import DAY, Example


def _fact(path: str, body: dict[str, Any], *texts: str) -> Example:
    address = f"me/{path}/{{new}}"
    return Example(
        "patient", address, DAY | {"note": "a note"} | body, {}, ("/note", *texts), address
    )


def _retract(path: str, target: str) -> Example:
    body = {
        "confirmed_none": True,
        "note": "a slip",
        "occurred_at": "2026-05-04T09:31:00+02:00",
        "tz": "Europe/Berlin",
    }
    return Example("patient", f"me/{path}/{{{target}}}/retract", body, {}, ("/note",))


_RINGS = {
    "enabled": True,
    "times": [{"at": "08:00", "slot": "morning"}],
    "weekdays": [0, 3],
    "channels": ["in_app"],
}
PATIENT = {
    "PATCH me": Example(
        "patient",
        "me",
        {"name": "Pia", "time_zone": "Europe/Berlin", "language": "de", "country": "DE"},
        {"If_Match": "{me_tag}"},
        ("/name",),
        "me",
    ),
    "POST me/consents": Example(
        "patient",
        "me/consents",
        {"scope": "notes", "granted": True, "version": 1},
    ),
    "PUT me/intake": Example(
        "patient",
        "me/intake",
        {
            "answers": {
                "age": 45,
                "pregnant": "no",
                "first_episode": True,
                "home_care_since": "2026-04-20",
                "side": "left",
                "pain_at_episode_start": 6,
                "triggers": ["sit"],
                "usual_medicines": "none",
            }
        },
        {},
        ("/answers/usual_medicines",),
        "me/intake",
    ),
    "POST invitations/<str:code>/accept": Example("patient", "invitations/{code}/accept"),
    "PUT me/pain-reports/<uuid:fact_id>": _fact(
        "pain-reports",
        {
            "site": "knee",
            "kind": "avg24",
            "score": 4,
            "relief_rest": "yes",
            "relief_otc": "cannot_take",
            "most_distal": "knee",
            "amends": "{pain}",
        },
    ),
    "PUT me/symptom-reports/<uuid:fact_id>": _fact(
        "symptom-reports",
        {
            "symptoms": [{"code": "S-KNEE-SWOLLEN", "present": False, "attrs": {}}],
            "answered_no": ["S-SADDLE"],
        },
    ),
    "PUT me/sessions/<uuid:fact_id>": _fact(
        "sessions",
        {
            "items": [
                {
                    "prescription": "{prescription}",
                    "slot": "1",
                    "done": {"sets": 2, "reps": 10, "hold_s": 5, "minutes": 0},
                    "pain_before": 2,
                    "pain_during": 3,
                    "stopped_because": "none",
                }
            ],
            "next_morning_increase": 1,
        },
        "/items/0/slot",
    ),
    "PUT me/home-care/<uuid:fact_id>": _fact(
        "home-care", {"modality": "ice", "site": "knee", "minutes": 10, "wrapped": True}
    ),
    "PUT me/questionnaires/<uuid:fact_id>": _fact(
        "questionnaires",
        {
            "instrument": "PSFS",
            "version": "{psfs}",
            "answers": {"activities": [{"text": "climbing stairs", "score": 4}]},
        },
        "/answers/activities/0/text",
    ),
    "POST me/pain-reports/<uuid:fact_id>/retract": _retract("pain-reports", "pain"),
    "POST me/symptom-reports/<uuid:fact_id>/retract": _retract("symptom-reports", "symptom"),
    "POST me/sessions/<uuid:fact_id>/retract": _retract("sessions", "session"),
    "POST me/home-care/<uuid:fact_id>/retract": _retract("home-care", "ice"),
    "POST me/questionnaires/<uuid:fact_id>/retract": _retract("questionnaires", "form"),
    "POST me/advice/<uuid:prompt_id>/seen": Example("patient", "me/advice/{prompt}/seen"),
    "POST me/advice/<uuid:prompt_id>/response": Example(
        "patient",
        "me/advice/{prompt}/response",
        {"answer": "declined", "reason": "no time"},
        {},
        ("/reason",),
    ),
    "PUT me/visits/<uuid:visit_id>": Example(
        "patient",
        "me/visits/{new}",
        {
            "state": "planned",
            "tz": "Europe/Berlin",
            "planned_for": "2026-05-08T10:15:00+02:00",
            "with_whom": "Dr. Weber",
            "prompts": ["{prompt}"],
        },
        {},
        ("/with_whom",),
        "me/visits/{new}",
    ),
    "POST me/notifications/<uuid:message_id>/events": Example(
        "patient",
        "me/notifications/{message}/events",
        {"event": "opened", "occurred_at": "2026-05-04T09:59:00+02:00"},
    ),
    "DELETE me/care/<uuid:care_id>": Example("patient", "me/care/{care}"),
    "PUT me/notification-preferences": Example(
        "patient",
        "me/notification-preferences",
        {
            "quiet_hours": {"from": "21:00", "until": "07:30"},
            "travel": "stay_home",
            "home_zone": "Europe/Berlin",
            "channels": ["in_app", "push"],
        },
        {"If_Match": "{preferences_tag}"},
    ),
    "POST me/notifications/test": Example(
        "patient", "me/notifications/test", {"channels": ["in_app"]}
    ),
    "PUT me/push-endpoints/<uuid:endpoint_id>": Example(
        "patient",
        "me/push-endpoints/{new}",
        {"kind": "fcm", "address": "a-token", "label": "my phone"},
        {},
        ("/label",),
        "me/push-endpoints/{new}",
    ),
    "DELETE me/push-endpoints/<uuid:endpoint_id>": Example(
        "patient", "me/push-endpoints/{endpoint}"
    ),
    "PUT me/reminders/<uuid:reminder_id>": Example(
        "patient", "me/reminders/{reminder}", _RINGS, {"If_Match": "{reminder_tag}"}
    ),
    "PATCH me/reminders/<uuid:reminder_id>": Example(
        "patient", "me/reminders/{reminder}", _RINGS, {"If_Match": "{reminder_tag}"}
    ),
    "POST me/reminders/<uuid:reminder_id>/snooze": Example(
        "patient", "me/reminders/{reminder}/snooze", {"minutes": 15}
    ),
    "POST simulations": Example(
        "patient",
        "simulations",
        {
            "patient": "{patient}",
            "start": "2026-05-05T08:00:00+02:00",
            "days": 3,
            "facts": [
                {
                    "id": "swollen",
                    "type": "symptom",
                    "code": "S-KNEE-SWOLLEN",
                    "present": True,
                    "at": {"day": 2, "time": "12:00"},
                }
            ],
        },
        {},
        ("/facts/0/id", "/facts/0/code"),
    ),
    "POST sync/push": Example(
        "patient",
        "sync/push",
        {
            "device_id": "phone-1",
            "device_time": "2026-05-04T08:00:00Z",
            "app_version": "1.2.3",
            "ops": [],
        },
    ),
    "POST sync/rejections/<uuid:rejection_id>/discard": Example(
        "patient", "sync/rejections/{rejection}/discard"
    ),
    "POST sync/rejections/<uuid:rejection_id>/repair": Example(
        "patient",
        "sync/rejections/{rejection}/repair",
        {"type": "pain_report", "data": DAY | {"site": "knee", "kind": "now", "score": 3}},
    ),
}
