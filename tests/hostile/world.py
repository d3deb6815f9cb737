"""A clinic in which every write of the API has something to act on."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from backend.accounts.models import Clinic, Patient, Role, User
from backend.accounts.services import employ, invite, make_session_token
from exercises.catalog.selectors import articles, exercises
from exercises.plans.models import Prescription
from exercises.reports.models import Export
from exercises.tracking.instruments.content import instruments
from exercises.triage.levels import Level
from exercises.triage.models import Alert, DoctorPrompt
from notifications.services import drain
from tests.client import BASE, ApiClient
from tests.exercises.triage.diary import Diary
from tests.factories import make_care, make_clinic, make_patient, make_therapist, make_user
from tests.hostile.examples import DAY, EXAMPLES, Example
from tests.notifications.rows import Recorder, close_alert, make_alert

_NAME = re.compile(r"\{(\w+)\}")


class World:
    """A patient whose plan has begun and who has reported of every kind, and her therapist."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.clinic: Clinic = make_clinic(now=now)
        self.patient: Patient = make_patient(now=now)
        self.therapist: User = make_therapist(now=now, clinic=self.clinic)
        self.care = make_care(
            patient=self.patient, therapist=self.therapist, clinic=self.clinic, now=now
        )
        self.colleague: User = make_therapist(now=now, clinic=self.clinic, name="Cora Colleague")
        self.manager: User = make_user(now=now, name="Mia Manager")
        employ(user=self.manager, clinic=self.clinic, role=Role.MANAGER, now=now)
        self.auditor: User = make_user(now=now, name="Ada Auditor")
        employ(user=self.auditor, clinic=self.clinic, role=Role.AUDITOR, now=now)
        self.clients = {
            "patient": ApiClient(make_session_token(self.patient.user, now)),
            "therapist": ApiClient(make_session_token(self.therapist, now)),
            "manager": ApiClient(make_session_token(self.manager, now)),
            "auditor": ApiClient(make_session_token(self.auditor, now)),
            "nobody": ApiClient(None),
        }
        Diary(self.patient)
        self.names = self._people() | {"new": str(uuid4())}
        self.names |= {kind: self._report(path) for kind, path in _REPORTED.items()}
        self.names |= self._alerts()
        self.names |= self._made()
        self.names["new"] = str(uuid4())

    def request(self, example: Example) -> tuple[str, str, bytes, dict[str, str]]:
        """Client, path, body and headers of a valid request, once what it needs is there."""
        if example.after:
            self.send(EXAMPLES[f"POST patients/<uuid:patient_id>/plan/{example.after}"])
        path = self.filled(example.path)
        headers = {name: self.filled(value) for name, value in example.headers.items()}
        body = b"" if example.body is None else json.dumps(self.filled_in(example.body)).encode()
        return example.who, path, body, headers

    def send(self, example: Example, method: str = "POST") -> Any:
        """Sends a valid request."""
        who, path, body, headers = self.request(example)
        return self.answer(who, method, path, body, headers)

    def answer(
        self,
        who: str,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """The answer to `body` as it is."""
        client = self.clients[who]
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if client.token:
            named.setdefault("X-Session-Token", client.token)
        return client._client.generic(
            method, BASE + path, data=body, content_type=content_type, headers=named
        )

    def filled(self, text: str) -> str:
        """`text` with the names in braces replaced."""
        return _NAME.sub(lambda found: self._named(found[1]), text)

    def filled_in(self, value: Any) -> Any:
        """A JSON value whose texts are filled."""
        if isinstance(value, str):
            return self.filled(value)
        if isinstance(value, dict):
            return {key: self.filled_in(item) for key, item in value.items()}
        return [self.filled_in(item) for item in value] if isinstance(value, list) else value

    def _named(self, name: str) -> str:
        if name in _TAGS:
            who, path = _TAGS[name]
            return str(self.answer(who, "GET", self.filled(path))["ETag"])
        return self.names[name]

    def _alerts(self) -> dict[str, str]:
        body = DAY | {"symptoms": [{"code": "S-CLAUDICATION", "present": True}]}
        self.clients["patient"].put(f"me/symptom-reports/{uuid4()}", body)
        alert = Alert.objects.get(rule="SD-CLAUD")
        closed = make_alert(
            patient=self.patient, level=Level.ROUTINE, at=self.now - timedelta(days=1)
        )
        close_alert(closed, self.now)
        drain(now=self.now, channels={"in_app": Recorder(), "email": Recorder()})
        inbox = self.clients["patient"].get("me/notifications").json()["items"]
        return {
            "alert": str(alert.pk),
            "closed_alert": str(closed.pk),
            "prompt": str(DoctorPrompt.objects.get(alert=alert).pk),
            "message": str(inbox[0]["id"]),
        }

    def _people(self) -> dict[str, str]:
        _, code = invite(clinic=self.clinic, therapist=self.therapist, now=self.now)
        prescribed = Prescription.objects.filter(plan__patient=self.patient).order_by("exercise")
        first = prescribed[0]
        return {
            "code": code,
            "clinic": str(self.clinic.pk),
            "patient": str(self.patient.pk),
            "therapist": str(self.therapist.pk),
            "colleague": str(self.colleague.pk),
            "care": str(self.care.pk),
            "article": articles()[0].id,
            "prescription": str(first.id),
            "exercise": first.exercise,
            "other_exercise": next(
                item.code
                for item in exercises()
                if item.code not in {row.exercise for row in prescribed}
            ),
            "psfs": instruments().offered["PSFS"].version,
        }

    def _made(self) -> dict[str, str]:
        """What is made over the API itself."""
        team = EXAMPLES["POST clinics/<uuid:clinic_id>/invitations"]
        stretch = {"phases": {"initial": [{"exercise": self.names["exercise"]}]}}
        template = {"name": "Gentle", "clinic": str(self.clinic.pk)} | stretch
        own = {"name": "Stairs", "steps": ["Stand."], "exercise": self.names["exercise"]}
        away = {"user": self.names["colleague"], "first_day": "2026-07-01"}
        endpoint = EXAMPLES["PUT me/push-endpoints/<uuid:endpoint_id>"]
        webhook = EXAMPLES["PUT clinic/webhooks/<uuid:webhook_id>"]
        op = {"op_id": "op-1", "type": "pain_report", "id": str(uuid4()), "data": {}}
        push = {"device_id": "phone", "device_time": "2026-05-04T08:00:00Z", "ops": [op]}
        kept = self._post("patient", "sync/push", push)["results"][0]
        visit = {"state": "planned", "tz": "Europe/Berlin", "planned_on": "2026-05-20"}
        visit_id = str(uuid4())
        assert self.clients["patient"].put(f"me/visits/{visit_id}", visit).status_code == 201
        words, of_patient = {"text": "May I cycle?"}, f"patients/{self.patient.pk}"
        message_id, note_id = str(uuid4()), str(uuid4())
        for who, path in (
            ("patient", f"me/messages/{message_id}"),
            ("therapist", f"{of_patient}/notes/{note_id}"),
        ):
            assert self.clients[who].put(path, words).status_code == 201
        return {
            "care_message": message_id,
            "note": note_id,
            "visit": visit_id,
            "export": self._export(),
            "invitation": self.send(team).json()["id"],
            "template": self._post("therapist", "templates", template)["id"],
            "own": self._post(
                "therapist", "clinic-exercises", own | {"clinic": str(self.clinic.pk)}
            )["id"],
            "leave": self._post("manager", f"clinics/{self.clinic.pk}/leaves", away)["id"],
            "endpoint": self.send(endpoint, "PUT").json()["id"],
            "webhook": self.send(webhook, "PUT").json()["id"],
            "rejection": kept["problem"]["rejection"],
            "brief_link": self._post("patient", "me/brief/links", {"days": 3})["id"],
            "reminder": self.clients["patient"].get("me/reminders").json()["items"][0]["id"],
        }

    def _export(self) -> str:
        later = self.now + timedelta(days=7)
        row = Export.objects.create(
            patient=self.patient, made_at=self.now, expires_at=later, file=b"zip", size=3
        )
        return str(row.pk)

    def _post(self, who: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.clients[who].post(path, body).json()
        return answer

    def _report(self, path: str) -> str:
        fact_id = str(uuid4())
        example = EXAMPLES[f"PUT me/{path}/<uuid:fact_id>"]
        assert example.body is not None
        body = {name: value for name, value in example.body.items() if name != "amends"}
        if path == "questionnaires":
            # The example's activities are free only where there is no earlier form.
            body |= {"instrument": "GROC", "answers": {"change": 1}}
        answer = self.clients["patient"].put(f"me/{path}/{fact_id}", self.filled_in(body | DAY))
        assert answer.status_code == 201, answer.content
        return fact_id


_TAGS = {
    "me_tag": ("patient", "me"),
    "plan_tag": ("therapist", "patients/{patient}/plan"),
    "prescription_tag": ("therapist", "patients/{patient}/prescriptions/{prescription}"),
    "reminder_tag": ("patient", "me/reminders/{reminder}"),
    "preferences_tag": ("patient", "me/notification-preferences"),
    "brief_questions_tag": ("patient", "me/brief/questions"),
    "digest_tag": ("therapist", "me/digest"),
    "thresholds_tag": ("therapist", "patients/{patient}/thresholds"),
    "template_tag": ("therapist", "templates/{template}"),
    "own_tag": ("therapist", "clinic-exercises/{own}"),
    "clinic_tag": ("manager", "clinics/{clinic}"),
}
_REPORTED = {
    "pain": "pain-reports",
    "symptom": "symptom-reports",
    "session": "sessions",
    "ice": "home-care",
    "form": "questionnaires",
}


def row_counts() -> dict[str, int]:
    """The number of rows in every table."""
    tables = sorted(connection.introspection.table_names())
    union = " UNION ALL ".join(f"SELECT '{name}', COUNT(*) FROM \"{name}\"" for name in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(union)
        return {str(name): int(count) for name, count in cursor.fetchall()}


def written_since(before: dict[str, int]) -> dict[str, int]:
    """The tables whose number of rows changed, and by how many; looks and refusals aside."""
    return {
        name: count - before[name]
        for name, count in row_counts().items()
        if count != before[name] and name != "accounts_auditevent"
    }


@contextmanager
def taken_back() -> Iterator[None]:
    """Takes back whatever is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
