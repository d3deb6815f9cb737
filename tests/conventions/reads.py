"""Where each route is found in the world of the hostile tests, and who may ask there."""

import re

from tests.hostile.examples import EXAMPLES
from tests.routes import Route, api_doors

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_NAMES = {
    "patient_id": "{patient}",
    "alert_id": "{alert}",
    "message_id": "{message}",
    "visit_id": "{visit}",
    "note_id": "{note}",
    "prompt_id": "{prompt}",
    "prescription_id": "{prescription}",
    "reminder_id": "{reminder}",
    "endpoint_id": "{endpoint}",
    "webhook_id": "{webhook}",
    "clinic_id": "{clinic}",
    "invitation_id": "{invitation}",
    "leave_id": "{leave}",
    "template_id": "{template}",
    "own_id": "{own}",
    "rule_id": "RF-CES-SADDLE",
    "user_id": "{therapist}",
    "member_role": "therapist",
    "rejection_id": "{rejection}",
    "link_id": "{brief_link}",
    "export_id": "{export}",
    "care_id": "{care}",
    "code": "{exercise}",
    "article_id": "{article}",
}
_FACTS = {
    "me/pain-reports/": "{pain}",
    "me/symptom-reports/": "{symptom}",
    "me/sessions/": "{session}",
    "me/home-care/": "{ice}",
    "me/questionnaires/": "{form}",
}
_QUERIES = {
    "patients/<uuid:patient_id>/plan/preview": "?action=hold",
    "audit": "?clinic={clinic}",
}
# Content and the safety bundle are nobody's secret.
OPEN_TO_CACHES = {path for path in api_doors() if path.startswith(("content/", "safety/"))}
# Being read changes it.
RECORDS_READING = {"audit"}
# Lists that cannot grow without end, served whole.
WHOLE = {
    "clinic/webhooks",
    "clinics",
    "clinics/<uuid:clinic_id>/invitations",
    "clinics/<uuid:clinic_id>/leaves",
    "clinics/<uuid:clinic_id>/members",
    "content/articles",
    "content/exercises",
    "content/home-care",
    "me/brief/links",
    "me/consents",
    "me/home-care",
    "me/occurrences",
    "me/push-endpoints",
    "me/questionnaires",
    "me/reminders",
    "patients/<uuid:patient_id>/colleagues",
    "patients/<uuid:patient_id>/prescriptions",
    "patients/<uuid:patient_id>/thresholds",
}
# What the phone names, or a manager: from somebody else it is another object.
CLIENT_NAMED = {
    "PUT clinic/webhooks/<uuid:webhook_id>",
    "PUT me/home-care/<uuid:fact_id>",
    "PUT me/pain-reports/<uuid:fact_id>",
    "PUT me/push-endpoints/<uuid:endpoint_id>",
    "PUT me/questionnaires/<uuid:fact_id>",
    "PUT me/sessions/<uuid:fact_id>",
    "PUT me/symptom-reports/<uuid:fact_id>",
    "PUT me/messages/<uuid:message_id>",
    "PUT me/visits/<uuid:visit_id>",
    "PUT patients/<uuid:patient_id>/messages/<uuid:message_id>",
    "PUT patients/<uuid:patient_id>/notes/<uuid:note_id>",
}


def address(route: Route) -> str:
    """The path of a route, with names of the world in braces."""
    if str(route) in EXAMPLES:
        return EXAMPLES[str(route)].path
    fact = next((name for start, name in _FACTS.items() if route.path.startswith(start)), "")
    names = _NAMES | {"fact_id": fact}
    path = _PARAMETER.sub(lambda found: names[found[1]], route.path)
    return path + _QUERIES.get(route.path, "")


def asking(route: Route) -> str:
    """Whose call it is."""
    if str(route) in EXAMPLES:
        return EXAMPLES[str(route)].who
    role = api_doors()[route.path].role
    if route.path == "audit":
        return "auditor"
    return {"any": "patient", "open": "nobody"}.get(role, role)
