"""Small hand-written makers of people for tests; every one takes `now`."""

from datetime import datetime
from itertools import count

from backend.accounts import services
from backend.accounts.models import CareRelationship, Clinic, Patient, Role, User

PASSWORD = "correct horse battery staple"
_numbers = count(1)


def make_user(
    *,
    now: datetime,
    email: str = "",
    name: str = "",
    time_zone: str = "Europe/Berlin",
    country: str = "DE",
    language: str = "en",
) -> User:
    """Somebody who can sign in with PASSWORD, without a role."""
    address = email or f"person{next(_numbers)}@example.org"
    user = services.add_person(email=address, password=PASSWORD, name=name, now=now)
    user.time_zone, user.country, user.language = time_zone, country, language
    user.save(update_fields=["time_zone", "country", "language"])
    return user


def make_patient(*, now: datetime, name: str = "Pia Patient", **fields: str) -> Patient:
    """A patient with a user of her own."""
    return services.open_record(user=make_user(now=now, name=name, **fields), now=now)


def make_clinic(*, now: datetime, name: str = "Harbour Clinic") -> Clinic:
    """A clinic in Berlin without a service lead."""
    return services.open_clinic(name=name, time_zone="Europe/Berlin", now=now)


def make_therapist(
    *, now: datetime, clinic: Clinic, name: str = "Theo Therapist", **fields: str
) -> User:
    """A therapist who works at `clinic`."""
    user = make_user(now=now, name=name, **fields)
    services.employ(user=user, clinic=clinic, role=Role.THERAPIST, now=now)
    return user


def make_care(
    *, patient: Patient, therapist: User, clinic: Clinic, now: datetime
) -> CareRelationship:
    """An open care relationship."""
    return services.start_care(patient=patient, therapist=therapist, clinic=clinic, now=now)
