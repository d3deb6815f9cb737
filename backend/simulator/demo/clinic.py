"""Makes the demo clinic, and takes an earlier one away."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.db import transaction
from msgspec import Struct

from backend.accounts import services as accounts
from backend.accounts.models import Clinic, Membership, Patient, Role, StoredSession, User
from backend.core.localtime import day_bounds
from backend.simulator.demo.stories import HOME, Story, stories
from backend.simulator.player import Player
from exercises.plans.prescribable import Wanted
from exercises.plans.services import templates
from exercises.plans.services.writings import Author
from exercises.sync.services.intake import answer_intake

DOMAIN = "demo.stepwise.example"
CLINIC = "Demo clinic (invented people)"
THERAPISTS = ("Thea Brandt", "Ben Okafor")
STAFF = (("Mara Lindqvist", Role.MANAGER), ("Aldo Reyes", Role.AUDITOR))


class DemoPatient(Struct, frozen=True, kw_only=True):
    """How to sign in as a patient of the demo, and which story hers is."""

    id: UUID
    story: str
    email: str
    password: str
    session_token: str


class DemoTherapist(Struct, frozen=True, kw_only=True):
    """How to sign in as a therapist; the session token has passed the second factor."""

    id: UUID
    email: str
    password: str
    session_token: str
    totp_secret: str


class DemoMember(DemoTherapist, frozen=True, kw_only=True):
    """The same for whoever works there as a manager or an auditor, and sees no patient."""

    role: str


class Demo(Struct, frozen=True, kw_only=True):
    """The sign-ins of the demo clinic; the first therapist looks after every patient."""

    patients: list[DemoPatient]
    therapists: list[DemoTherapist]
    staff: list[DemoMember]


class DemoMaker:
    """Makes the demo clinic as of `now`. Each patient is one transaction, so that a product that is
    running beside never finds half a history and acts on it as if it were today's."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._opened = now - timedelta(days=365)
        self._stories = [*stories(now)]
        self._passwords: dict[UUID, str] = {}

    @property
    def parts(self) -> int:
        """How many parts there are, the clinic itself and each of its patients."""
        return 1 + len(self._stories)

    def make(self) -> Iterator[str | Demo]:
        """Yields the name of each part that is done, and the sign-ins at the end."""
        clear_away()
        clinic, team = self._clinic()
        yield "clinic"
        patients = []
        for story in self._stories:
            patients.append(self._patient(story, clinic, team[0]))
            yield story.name
        self._template(clinic, team[0])
        therapists = [DemoTherapist(**self._sign_in(user)) for user in team]
        staff = [
            DemoMember(**self._sign_in(self._member(name, role, clinic)), role=role.value)
            for name, role in STAFF
        ]
        yield Demo(patients=patients, therapists=therapists, staff=staff)

    def _clinic(self) -> tuple[Clinic, list[User]]:
        people = [self._person(name, "GB", HOME) for name in THERAPISTS]
        with transaction.atomic():
            clinic = accounts.open_clinic(name=CLINIC, time_zone=HOME, now=self._opened)
            for user in people:
                accounts.employ(user=user, clinic=clinic, role=Role.THERAPIST, now=self._opened)
            clinic.service_lead = people[1]
            clinic.save(update_fields=["service_lead"])
            Membership.objects.filter(clinic=clinic, user=people[0]).update(backup=people[1])
        return clinic, people

    def _member(self, name: str, role: Role, clinic: Clinic) -> User:
        user = self._person(name, "GB", HOME)
        accounts.employ(user=user, clinic=clinic, role=role, now=self._opened)
        return user

    def _template(self, clinic: Clinic, author: User) -> None:
        gentle = Wanted(exercise="EX-01", amounts={"sets": {"min": 1, "max": 2}})
        templates.make_template(
            clinic=clinic,
            content=templates.Content(
                name="Gentle start",
                description="For the first days, and after a flare.",
                phases={"initial": [gentle, Wanted(exercise="EX-03", amounts={})]},
            ),
            author=Author(user=author, now=self._now),
        )

    def _person(self, name: str, country: str, zone: str) -> User:
        email = f"{name.partition(' ')[0].lower()}@{DOMAIN}"
        password = secrets.token_urlsafe(9)
        user = accounts.add_person(
            email=email, password=password, name=f"{name} (demo)", now=self._opened
        )
        self._passwords[user.pk] = password
        return accounts.update_profile(
            user=user, changes={"time_zone": zone, "country": country}, now=self._opened
        )

    def _patient(self, story: Story, clinic: Clinic, therapist: User) -> DemoPatient:
        user = self._person(story.person, story.country, story.zone)
        start = day_bounds(story.started, story.zone)[0]
        with transaction.atomic():
            patient = accounts.open_record(user=user, now=start)
            accounts.start_care(patient=patient, therapist=therapist, clinic=clinic, now=start)
            self._play(story, patient, therapist, start)
        token = accounts.make_session_token(user, self._now, second_factor=False)
        return DemoPatient(
            id=user.pk,
            story=story.name,
            email=user.email,
            password=self._passwords[user.pk],
            session_token=token,
        )

    def _play(self, story: Story, patient: Patient, therapist: User, start: datetime) -> None:
        answers = {
            "age": story.age,
            "pregnant": "no",
            "first_episode": True,
            "history": [],
            "red_flags": [],
        }
        answer_intake(patient=patient, answers=answers, now=start)
        player = Player(patient=patient, clinician=therapist, now=start)
        for step in story.steps:
            player.play(step)
        player.run_to(story.untold[0].at if story.untold else self._now)
        for step in story.untold:
            player.do(step)

    def _sign_in(self, user: User) -> dict[str, Any]:
        return {
            "id": user.pk,
            "email": user.email,
            "password": self._passwords[user.pk],
            "session_token": accounts.make_session_token(user, self._now),
            "totp_secret": accounts.enable_totp(user),
        }


@transaction.atomic
def clear_away() -> None:
    """Deletes the people and the clinic of an earlier demo, with all that belongs to them."""
    people = User.objects.filter(email__endswith=f"@{DOMAIN}")
    keys = UserSession.objects.filter(user__in=people).values_list("session_key", flat=True)
    StoredSession.objects.filter(session_key__in=[*keys]).delete()
    Clinic.objects.filter(memberships__user__in=people).delete()
    people.delete()
