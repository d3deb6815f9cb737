"""People, clinics, and who looks after whom."""

from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from backend.accounts import counting  # noqa: F401  (its models are this app's)
from backend.accounts.ending import EndReason
from backend.accounts.roles import open_memberships
from backend.core.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address; addresses are stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in. `version` is raised with each change of the profile."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, blank=True, default="")
    time_zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=16, default="en")
    country = models.CharField(max_length=2, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField()

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def has_role(self, role: str) -> bool:
        """Whether the person may act as "patient", or holds an open membership of that role."""
        if role == "patient":
            return hasattr(self, "patient")
        return bool(open_memberships(self.pk, role))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="accounts_one_user_per_email"),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="accounts_email_is_lower_case"
            ),
        ]


class Clinic(models.Model):
    """A practice. Its service lead, a therapist, is the last step of escalation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64)
    service_lead = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()


class Role(models.TextChoices):
    THERAPIST = "therapist"
    MANAGER = "manager"
    AUDITOR = "auditor"


class Membership(models.Model):
    """A person works at a clinic in a role, from `started_at` until `ended_at` (exclusive).
    `backup` stands in for a therapist while she is on leave."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    backup = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "clinic", "role"],
                condition=Q(ended_at=None),
                name="accounts_one_open_membership_per_role",
            )
        ]


class Leave(models.Model):
    """A therapist is away from a clinic, from `started_at` until `ended_at` (exclusive; None while
    nobody knows). Her backup is the one named here, or else the one of her membership."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="leaves")
    backup = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="accounts_leave_ends_after_it_starts",
            )
        ]


class Patient(models.Model):
    """A person with a record. `rev` is the per-patient revision: raised by the first statement of
    each transaction that writes to the record, so that commit order is revision order. `profile_rev`
    is the one that the profile last took. `life` is another text each time that the record was
    imported, or its data deleted (at `data_deleted_at`): what a phone holds of it is then no longer
    true, and the phone starts over."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="patient")
    rev = models.BigIntegerField(default=1)
    profile_rev = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()
    last_report_at = models.DateTimeField(null=True, blank=True)
    last_synced_at = models.DateTimeField(null=True, blank=True)
    life = models.CharField(max_length=16, blank=True, default="")
    data_deleted_at = models.DateTimeField(null=True, blank=True)


class Invitation(models.Model):
    """A single-use code into a clinic; only its hash is kept. A patient's invitation (`role` is
    empty) names the therapist who will look after her, a member's the role that she will have."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code_hash = models.CharField(max_length=64)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="invitations")
    therapist = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=16, choices=Role, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code_hash"], name="accounts_invitation_code_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(role="", therapist__isnull=False)
                | (~Q(role="") & Q(therapist__isnull=True)),
                name="accounts_invitation_names_a_therapist_or_a_role",
            ),
        ]


class CareRelationship(models.Model):
    """A therapist looks after a patient, from `started_at` until `ended_at` (exclusive)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="care")
    therapist = models.ForeignKey(User, on_delete=models.CASCADE, related_name="caseload")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=16, choices=EndReason, default=EndReason.UNKNOWN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "therapist"],
                condition=Q(ended_at=None),
                name="accounts_one_open_care_relationship",
            )
        ]
        indexes = [
            models.Index(
                fields=["therapist"], condition=Q(ended_at=None), name="accounts_open_caseload"
            )
        ]


class CalledIn(models.Model):
    """An alert was passed on to somebody of the patient's clinic who does not look after her: she
    may see the patient until `until`, while the care at that clinic lasts."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "patient"], name="accounts_called_in_once_to_a_patient"
            )
        ]


class Scope(models.TextChoices):
    DIARY = "diary", "The care team sees the diary"
    NOTES = "notes", "The care team sees the notes"
    REMINDERS = "reminders", "The app sends reminders"


class Consent(models.Model):
    """One answer of a patient to one consent text. Rows are only ever added; the latest of a scope
    is what holds. `rev` is the patient's revision that it took."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="consents")
    scope = models.CharField(max_length=16, choices=Scope)
    text_version = models.PositiveIntegerField()
    granted = models.BooleanField()
    rev = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "scope", "rev"], name="accounts_consent_has_its_own_revision"
            )
        ]


class AuditEvent(models.Model):
    """Who did or saw what, when. Rows are only ever added; ids are kept, never names or values."""

    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=64)
    patient_id = models.UUIDField(null=True)
    object_kind = models.CharField(max_length=32, blank=True, default="")
    object_id = models.CharField(max_length=64, blank=True, default="")
    trace_id = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["patient_id", "at"], name="accounts_audit_of_patient")]


class StoredSession(AbstractBaseSession):
    """A session of the app or the pages; `session_store` alone writes here.

    The columns hold what an API call asks of it: who signed in (nobody yet: null), the hash that
    ties it to her password, whether she passed a second factor, by which door, and since when.
    """

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    auth_hash = models.CharField(max_length=128, blank=True, default="")
    second_factor = models.BooleanField(default=False)
    door = models.CharField(max_length=8, blank=True, default="")
    began_at = models.DateTimeField(null=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        """The engine that reads and writes the data."""
        return import_module(settings.SESSION_ENGINE).SessionStore


class KeptAnswer(models.Model):
    """The answer of a call that a person sent with an `Idempotency-Key`; empty while it runs.

    `key_hash` finds the row, `fingerprint` is the keyed hash of what was asked, and `answer` is
    encrypted under the person's key, which is not stored. `token` names the process that holds the
    claim since `claimed_at`.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key_hash = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    token = models.UUIDField()
    claimed_at = models.DateTimeField()
    created_at = models.DateTimeField(db_index=True)
    answer = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key_hash"], name="accounts_one_answer_per_idempotency_key"
            )
        ]
