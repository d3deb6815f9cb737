"""People, clinics, care and invitations: every write."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.db.models import F

from backend.accounts import audit, consents
from backend.accounts.authentication import note_methods
from backend.accounts.codes import code_hash, new_code
from backend.accounts.ending import EndReasonCode
from backend.accounts.models import (
    CareRelationship,
    Clinic,
    Invitation,
    Membership,
    Patient,
    Role,
    User,
)
from backend.accounts.places import is_country, is_language, is_time_zone
from backend.accounts.revisions import Revision, revision
from backend.accounts.session_store import SessionStore
from backend.accounts.signals import zone_changed
from backend.core.problems import FieldError

INVITATION_LASTS = timedelta(days=14)


class ProfileInvalid(Exception):
    """Fields of the profile that do not fit; `errors` names each."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("invalid profile")
        self.errors = errors


class ProfileStale(Exception):
    """The profile was changed by somebody else since it was read."""


@transaction.atomic
def add_person(*, email: str, password: str, name: str = "", now: datetime) -> User:
    """A user with a confirmed e-mail address, for commands and tests; the app signs up by code."""
    user = User.objects.create_user(email, password, name=name, joined_at=now)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def open_record(*, user: User, now: datetime) -> Patient:
    """Makes `user` a patient; her record has the same id as she has."""
    return Patient.objects.create(id=user.pk, user=user, created_at=now)


def update_profile(
    *, user: User, changes: Mapping[str, str], rev: Revision | None = None, now: datetime
) -> User:
    """Changes name, time_zone, language or country and raises the version of the profile; a
    patient's takes a revision, of `rev` where her record is being written already.

    Raises `ProfileInvalid` for a value that is none, and `ProfileStale` when the profile is no
    longer the version that `user` was read with.
    """
    if errors := _profile_errors(changes):
        raise ProfileInvalid(errors)
    changed = {name: value for name, value in changes.items() if getattr(user, name) != value}
    if not changed:
        return user
    if rev is not None:
        _store_profile(user, changed, rev, now)
    elif user.has_role("patient"):
        with revision(user.pk) as own:
            _store_profile(user, changed, own, now)
    else:
        with transaction.atomic():
            _store_profile(user, changed, None, now)
    return User.objects.get(pk=user.pk)


def _store_profile(
    user: User, changed: Mapping[str, str], rev: Revision | None, now: datetime
) -> None:
    as_read = User.objects.filter(pk=user.pk, version=user.version)
    if not as_read.update(**changed, version=F("version") + 1):
        raise ProfileStale
    if rev is not None:
        Patient.objects.filter(pk=rev.patient_id).update(profile_rev=rev.take())
    if rev is not None and "time_zone" in changed:
        zone_changed.send(sender=User, user=User.objects.get(pk=user.pk), now=now)
    audit.record(actor_id=user.pk, action="profile.changed", now=now)


def open_clinic(*, name: str, time_zone: str, now: datetime) -> Clinic:
    """A new clinic; its service lead is named once she is employed."""
    return Clinic.objects.create(name=name, time_zone=time_zone, created_at=now)


def employ(*, user: User, clinic: Clinic, role: Role, now: datetime) -> Membership:
    """`user` works at `clinic` as `role` from now on; once open it stays the same membership."""
    membership, _ = Membership.objects.get_or_create(
        user=user, clinic=clinic, role=role, ended_at=None, defaults={"started_at": now}
    )
    return membership


def start_care(
    *,
    patient: Patient,
    therapist: User,
    clinic: Clinic,
    answers: Mapping[str, bool] | None = None,
    now: datetime,
) -> CareRelationship:
    """`therapist` looks after `patient` at `clinic` from now on, with the patient's agreement;
    `answers` are those to the consent texts (`consents.join`).

    Where she does already, that relationship is returned as it is; one at another clinic ends,
    since the therapist may have left there.
    """
    with revision(patient.pk) as rev:
        consents.join(rev=rev, answers=answers or {}, now=now)
        theirs = CareRelationship.objects.filter(
            patient=patient, therapist=therapist, ended_at=None
        )
        theirs.exclude(clinic=clinic).update(ended_at=now)
        care, _ = CareRelationship.objects.get_or_create(
            patient=patient,
            therapist=therapist,
            ended_at=None,
            defaults={"clinic": clinic, "started_at": now},
        )
    return care


@transaction.atomic
def end_care(
    *,
    care: CareRelationship,
    by: UUID | None,
    reason: EndReasonCode = "unknown",
    now: datetime,
) -> None:
    """Ends the relationship, for `reason` as far as it was given; the therapist's next request no
    longer finds the patient. Ended already, it keeps its reason."""
    still_open = CareRelationship.objects.filter(pk=care.pk, ended_at=None)
    if still_open.update(ended_at=now, end_reason=reason):
        record_care(care, "care.ended", by, now)


@transaction.atomic
def invite(
    *, clinic: Clinic, therapist: User, by: User | None = None, now: datetime
) -> tuple[Invitation, str]:
    """An invitation into the care of `therapist`, by herself unless `by` says otherwise, and its
    code, which is not kept."""
    code = new_code()
    invitation = Invitation.objects.create(
        code_hash=code_hash(code),
        clinic=clinic,
        therapist=therapist,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    audit.record(
        actor_id=(by or therapist).pk,
        action="invitation.made",
        object_kind="invitation",
        object_id=str(invitation.pk),
        now=now,
    )
    return invitation, code


def make_session_token(user: User, now: datetime, *, second_factor: bool = True) -> str:
    """A session of the app, as if `user` had just signed in; its token goes into X-Session-Token.

    With `second_factor` the session counts as having passed one, whether or not `user` has any.
    """
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    methods = ["password", "mfa"] if second_factor else ["password"]
    note_methods(session, user, methods, now)
    session.save()
    token = session.session_key or ""
    UserSession.objects.create(
        user=user, session_key=token, ip="127.0.0.1", created_at=now, last_seen_at=now
    )
    return token


def enable_totp(user: User) -> str:
    """Gives `user` a time-based second factor, and returns the secret for her authenticator app.

    An earlier one is replaced.
    """
    secret: str = generate_totp_secret()
    with transaction.atomic():
        Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
        TOTP.activate(user, secret)
    return secret


def record_care(care: CareRelationship, action: str, by: UUID | None, now: datetime) -> None:
    """Audits that care began or ended."""
    audit.record(
        actor_id=by,
        action=action,
        patient_id=care.patient_id,
        object_kind="care",
        object_id=str(care.pk),
        now=now,
    )


def _profile_errors(changes: Mapping[str, str]) -> list[FieldError]:
    fits: dict[str, tuple[Callable[[str], bool], str]] = {
        "time_zone": (is_time_zone, "An IANA time zone such as Europe/Berlin."),
        "country": (is_country, "An ISO 3166-1 code such as DE."),
        "language": (is_language, "A language tag such as en or pt-BR."),
    }
    return [
        FieldError(f"/{name}", "invalid", fits[name][1])
        for name, value in changes.items()
        if name in fits and not fits[name][0](value)
    ]
