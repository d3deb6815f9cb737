"""What was done about an alert, and whose it is."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts.doors import TherapistDoor
from backend.core.api import respond
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import PLAIN, Wire, invalid
from exercises.triage import services
from exercises.triage.api import AlertDoor, AlertView
from exercises.triage.models import AlertAction
from exercises.triage.selectors import colleagues_for
from exercises.triage.services.acting import NoColleague, ReasonMissing

Why = Annotated[str, Meta(max_length=500, pattern=PLAIN)]


class Deed(Wire, frozen=True, kw_only=True):
    """What was done about an alert; `no_action` needs a reason."""

    action: Literal["called", "messaged", "referred", "no_action"]
    reason: Why | UnsetType = UNSET


class PassedOn(Wire, frozen=True, kw_only=True):
    """Whose an alert is to act on: a therapist of a clinic that looks after the patient."""

    to: UUID
    reason: Why | UnsetType = UNSET


class Colleague(Wire, frozen=True, kw_only=True):
    """A therapist to whom an alert may be passed on."""

    id: UUID
    name: str


class ColleagueList(Wire, frozen=True, kw_only=True):
    """All of them, by name."""

    items: list[Colleague]


class Act(AlertDoor):
    @describe(
        "I did something about this alert",
        request=Deed,
        response=AlertView,
        errors=(401, 403, 404, 409),
        tags=("alerts",),
    )
    def post(
        self, request: Request, alert_id: UUID, patient_id: UUID | None = None
    ) -> HttpResponse:
        alert = self.alert_or_404(alert_id, patient_id)
        said = self.body(Deed)
        try:
            return self.change(
                lambda: services.act(
                    alert=alert,
                    by=self.user,
                    action=AlertAction(said.action),
                    reason="" if said.reason is UNSET else said.reason,
                    now=self.now,
                    trace_id=self.trace_id,
                )
            )
        except ReasonMissing:
            raise invalid([FieldError("/reason", "required", "Say why.")]) from None


class Assign(AlertDoor):
    @describe(
        "Whose this alert is to act on",
        request=PassedOn,
        response=AlertView,
        errors=(401, 403, 404, 409),
        tags=("alerts",),
    )
    def post(
        self, request: Request, alert_id: UUID, patient_id: UUID | None = None
    ) -> HttpResponse:
        alert = self.alert_or_404(alert_id, patient_id)
        said = self.body(PassedOn)
        try:
            return self.change(
                lambda: services.assign(
                    alert=alert,
                    to=said.to,
                    by=self.user,
                    reason="" if said.reason is UNSET else said.reason,
                    now=self.now,
                    trace_id=self.trace_id,
                )
            )
        except NoColleague:
            raise invalid([FieldError("/to", "no_colleague", "No therapist there.")]) from None


class Colleagues(TherapistDoor):
    @describe(
        "To whom an alert of this patient may be passed on",
        response=ColleagueList,
        errors=(401, 403, 404),
        tags=("alerts",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_known(patient_id, "colleagues.read")
        people = colleagues_for(patient.pk, self.now)
        named = [Colleague(id=one.pk, name=one.name or one.email) for one in people]
        return respond(ColleagueList(items=named))
