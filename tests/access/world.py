"""One small world for the access table: a patient with a record, everybody who may or may not see
it, and an object behind each name that a path can hold."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model

from backend.accounts import clinics
from backend.accounts.models import Clinic, Membership, Patient, Role, User
from backend.accounts.services import employ, end_care, invite, make_session_token
from backend.core.ids import uuid7
from exercises.conversation.models import CareNote
from exercises.conversation.services import write_note
from exercises.plans.clinic_template import Phases
from exercises.plans.models import ClinicExercise, ClinicTemplate, Prescription
from exercises.plans.prescribable import Wanted
from exercises.plans.services import templates, variations
from exercises.plans.services.writings import Author
from exercises.reports.models import Export
from exercises.reports.services import make_link
from exercises.triage.models import Alert, DoctorPrompt
from notifications.models import Delivery, Message
from notifications.services import deliver, record_tick, relay
from tests.client import ApiClient
from tests.factories import make_care, make_clinic, make_patient, make_therapist, make_user

# Whoever is on duty as a backup is one for a therapist on leave.
SUBJECTS = (
    "nobody",
    "herself",
    "another",
    "hers",
    "colleague",
    "backup",
    "elsewhere",
    "former",
    "one_factor",
    "manager",
    "auditor",
    "operator",
)
STAFF = ("hers", "backup", "colleague", "elsewhere", "former", "manager", "auditor")
MISSING = UUID("0190a000-0000-7000-8000-000000000000")
FACT = UUID("0190a000-0000-7000-8000-000000000001")
VISIT = UUID("0190a000-0000-7000-8000-000000000002")
# What no test can make here without the channel or the phone behind it; the table tries a missing
# one. Integers and words are tried as they are.
NOT_MADE = {"rejection_id", "endpoint_id", "webhook_id", "reminder_id"}
WORDS: dict[str, Any] = {"pk": 1, "session_id": 1, "token": "x", "member_role": "therapist"}
WHEN = {"tz": "Europe/Berlin", "local_date": "2026-05-04"}


@dataclass
class World:
    """The people by what they are to `patient`, and what stands behind the names in paths."""

    patient: Patient
    tokens: dict[str, str | None]
    users: dict[str, User]
    objects: dict[str, Any] = field(default_factory=dict)

    def path(self, route: str, *, missing: bool) -> str | None:
        """The address of a present or missing object; None where there is none to try."""
        names = [part.split("}")[0] for part in route.split("{")[1:]]
        ids = {name: WORDS[name] for name in names if name in WORDS}
        wanted = {name for name in names if name not in WORDS}
        if missing:
            ids |= {
                name: "unknown" if name in ("code", "article_id", "rule_id") else MISSING
                for name in wanted
            }
        elif wanted - set(self.objects):
            return None
        else:
            ids |= {name: self.objects[name] for name in wanted}
        return "/" + route.format(**ids)


def make_world(now: datetime) -> World:
    """Everybody signed in, the patient's record filled through the API."""
    clinic, hill = make_clinic(now=now), make_clinic(now=now, name="Hill Clinic")
    patient = make_patient(now=now, name="Pia Patient")
    users = _people(patient, clinic, hill, now)
    tokens = {name: make_session_token(user, now) for name, user in users.items()}
    tokens["one_factor"] = make_session_token(users["one_factor"], now, second_factor=False)
    world = World(patient, {"nobody": None, **tokens}, users)
    _fill(ApiClient(tokens["herself"]))
    record_tick(now=now)
    relay(now=now)
    for delivery in Delivery.objects.filter(channel="in_app"):
        deliver(delivery_id=delivery.pk, now=now)
    world.objects = _objects(patient, clinic, users, now)
    return world


def _people(patient: Patient, clinic: Clinic, hill: Clinic, now: datetime) -> dict[str, User]:
    users = {
        "herself": patient.user,
        "another": make_patient(now=now, name="Olga Other").user,
        "operator": make_user(now=now, name="Oda Operator"),
        "elsewhere": make_therapist(now=now, clinic=hill, name="Elsa Elsewhere"),
    }
    User.objects.filter(pk=users["operator"].pk).update(is_staff=True, is_superuser=True)
    for name in ("hers", "colleague", "backup", "former", "one_factor"):
        users[name] = make_therapist(now=now, clinic=clinic, name=f"Tina {name.capitalize()}")
    for name in ("manager", "auditor"):
        users[name] = make_user(now=now, name=f"Mona {name.capitalize()}")
        employ(user=users[name], clinic=clinic, role=Role(name), now=now)
    for name in ("hers", "former", "one_factor"):
        care = make_care(patient=patient, therapist=users[name], clinic=clinic, now=now)
        if name == "former":
            end_care(care=care, by=None, now=now)
    _send_on_leave(users, clinic, now)
    return users


def _send_on_leave(users: dict[str, User], clinic: Clinic, now: datetime) -> None:
    clinics.plan_leave(
        actor=clinics.Actor(users["manager"], clinic, now),
        member=Membership.objects.get(user=users["hers"], clinic=clinic),
        first=now.date(),
        last=None,
        backup=users["backup"],
    )


def _fill(phone: ApiClient) -> None:
    answers = {"age": 44, "pregnant": "no", "first_episode": True, "history": [], "red_flags": []}
    red_flag = {"occurred_at": "2026-05-04T09:00:00+02:00", **WHEN}
    sent = [
        phone.put("me/intake", {"answers": answers}),
        phone.put(
            f"me/symptom-reports/{FACT}",
            {**red_flag, "symptoms": [{"code": "S-SADDLE", "present": True}]},
        ),
        phone.put(
            f"me/visits/{VISIT}",
            {"state": "planned", "tz": "Europe/Berlin", "planned_on": "2026-05-05"},
        ),
    ]
    assert [answer.status_code for answer in sent] == [200, 201, 201], sent[-1].content


def _objects(
    patient: Patient, clinic: Clinic, users: dict[str, User], now: datetime
) -> dict[str, Any]:
    invitation, _ = invite(clinic=clinic, therapist=users["hers"], now=now)
    return {
        "patient_id": patient.pk,
        "clinic_id": clinic.pk,
        "user_id": users["hers"].pk,
        "care_id": _first(patient.care.filter(ended_at=None)),
        "invitation_id": invitation.pk,
        "leave_id": _first(Membership.objects.get(user=users["hers"]).leaves.all()),
        "alert_id": _first(Alert.objects.filter(patient=patient)),
        "link_id": make_link(patient=patient, days=7, now=now)[0].pk,
        "export_id": Export.objects.create(
            patient=patient, made_at=now, expires_at=now + timedelta(days=7), file=b"zip", size=3
        ).pk,
        "prompt_id": _first(DoctorPrompt.objects.filter(patient=patient)),
        "prescription_id": _first(Prescription.objects.filter(plan__patient=patient)),
        "message_id": _first(
            Message.objects.filter(recipient=patient.user, deliveries__decision="send")
        ),
        "note_id": _note(patient, users["hers"], now).pk,
        "template_id": _template(users["hers"], clinic, now).pk,
        "own_id": _own_exercise(users["hers"], clinic, now).pk,
        "visit_id": VISIT,
        "fact_id": FACT,
        "code": "EX-01",
        "rule_id": "RF-CES-SADDLE",
        "article_id": "home-care",
    }


def _note(patient: Patient, author: User, now: datetime) -> CareNote:
    return write_note(
        patient=patient, note_id=uuid7(), text="Afraid of bending.", by=author, now=now
    )[0]


def _template(author: User, clinic: Clinic, now: datetime) -> ClinicTemplate:
    phases: Phases = {"initial": [Wanted(exercise="EX-01", amounts={})]}
    return templates.make_template(
        clinic=clinic,
        content=templates.Content(name="Gentle", description="", phases=phases),
        author=Author(user=author, now=now),
    )


def _own_exercise(author: User, clinic: Clinic, now: datetime) -> ClinicExercise:
    return variations.make_exercise(
        clinic=clinic,
        exercise="EX-01",
        words=variations.Words(name="On the stairs", steps=("Stand.",)),
        author=Author(user=author, now=now),
    )


def _first(rows: Any) -> Any:
    row: Model | None = rows.order_by("pk").first()
    assert row is not None
    return row.pk
