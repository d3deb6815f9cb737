"""API views that know who came in."""

from datetime import date
from typing import Any, cast
from uuid import UUID

from msgspec import UNSET, UnsetType

from backend.accounts import access, audit
from backend.accounts.authentication import Credential
from backend.accounts.kept_answers import DatabaseStore
from backend.accounts.models import Clinic, Patient, User
from backend.accounts.readers import Reader, reader_of
from backend.accounts.revisions import PatientMissing
from backend.accounts.selectors import clinics_employing
from backend.core.api import Door
from backend.core.localtime import local_date
from backend.core.problems import FieldError, not_found
from backend.core.wire import invalid


class UserDoor(Door):
    """A view for anybody who is signed in."""

    role = "any"
    kept_answers = DatabaseStore()

    @property
    def user(self) -> User:
        """Who is asking."""
        return cast(User, self.request.user)

    @property
    def credential(self) -> Credential:
        """By what she is signed in."""
        return cast(Credential, self.request.auth)

    @property
    def reader(self) -> Reader:
        """For whom the answer's texts are written."""
        return reader_of(self.user, self.request._request)

    def handle_exception(self, exc: Exception) -> Any:
        """A patient who was erased while the call was on its way is nobody that it could find."""
        return super().handle_exception(not_found() if isinstance(exc, PatientMissing) else exc)

    @property
    def trace_id(self) -> str:
        """The id that this request leaves in logs and audit."""
        found: str = getattr(self.request, "trace_id", "")
        return found


class PatientDoor(UserDoor):
    """A view of the patient's own record."""

    role = "patient"

    @property
    def patient(self) -> Patient:
        """The patient who is asking."""
        return self.user.patient

    @property
    def today(self) -> date:
        """Her local date."""
        return local_date(self.now, self.user.time_zone)


class TherapistDoor(UserDoor):
    """A view for therapists; what belongs to a patient comes through `patient_seen`."""

    role = "therapist"

    def patient_seen(self, patient_id: UUID, action: str) -> Patient:
        """A patient in this therapist's care who shares her diary, the look audited before the
        answer leaves; 403 `diary_not_shared` while she does not, 404 for any other."""
        patient = access.diary_for(self.user, patient_id, self.now)
        self.audit(patient_id, action)
        return patient

    def patient_known(self, patient_id: UUID, action: str) -> Patient:
        """The same whether she shares her diary or not: for what is not of the diary, and for
        answers that leave it out themselves."""
        patient = access.patient_for(self.user, patient_id, self.now)
        self.audit(patient_id, action)
        return patient

    def clinic_named(self, clinic_id: UUID | UnsetType) -> Clinic:
        """One of the clinics where she is a therapist; she may leave it out who has only one."""
        hers = list(clinics_employing(self.user, self.now, role="therapist"))
        if clinic_id is UNSET and len(hers) > 1:
            raise invalid([FieldError("/clinic", "required", "Name one of your clinics.")])
        for clinic in hers:
            if clinic_id in (UNSET, clinic.pk):
                return clinic
        raise invalid([FieldError("/clinic", "invalid", "Not a clinic where you are a therapist.")])

    def before_replay(self, **path: Any) -> None:
        """A kept answer speaks of a patient too: care may have ended since. A door whose path names
        her otherwise than by `patient_id` looks for itself."""
        if "patient_id" in path:
            self.patient_seen(path["patient_id"], "answer.replayed")

    def audit(self, patient_id: UUID | None, action: str) -> None:
        """Notes that this therapist looked."""
        audit.record(
            actor_id=self.user.pk,
            action=action,
            patient_id=patient_id,
            trace_id=self.trace_id,
            now=self.now,
        )
