"""The people of a simulated history: a patient, her therapist, and the lead of their clinic."""

from dataclasses import dataclass
from datetime import datetime

from backend.accounts import services as accounts
from backend.accounts.models import Clinic, Patient, Role, User


@dataclass(frozen=True)
class Practice:
    """A clinic with the therapist who looks after every simulated patient."""

    clinic: Clinic
    therapist: User


def open_practice(*, now: datetime) -> Practice:
    """A clinic with a service lead and a therapist, neither of whom can sign in."""
    clinic = accounts.open_clinic(name="Simulated clinic", time_zone="UTC", now=now)
    lead = _person("lead", "UTC", now)
    therapist = _person("therapist", "UTC", now)
    for user in (lead, therapist):
        accounts.employ(user=user, clinic=clinic, role=Role.THERAPIST, now=now)
    clinic.service_lead = lead
    clinic.save(update_fields=["service_lead"])
    return Practice(clinic, therapist)


def admit(practice: Practice, *, zone: str, now: datetime) -> Patient:
    """A patient who lives in `zone`, in the care of the practice's therapist."""
    patient = accounts.open_record(user=_person("patient", zone, now), now=now)
    accounts.start_care(
        patient=patient, therapist=practice.therapist, clinic=practice.clinic, now=now
    )
    return patient


def _person(name: str, zone: str, now: datetime) -> User:
    # No password: hashing one takes longer than a whole scenario.
    return User.objects.create_user(
        f"{name}@simulator.invalid", None, name=name, time_zone=zone, joined_at=now
    )
