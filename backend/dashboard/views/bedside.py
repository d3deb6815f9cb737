"""What every page about one patient does first: may she be seen, does she share her diary, and is
the look written down?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from backend.accounts import audit
from backend.accounts.consents import granted
from backend.accounts.models import Patient, Scope, User
from backend.core import clock
from backend.core.localtime import local_date
from backend.dashboard.views.pages import patient_of, reader, therapist_page, trace

P = ParamSpec("P")


@dataclass(frozen=True)
class Bedside:
    """A therapist at the record of a patient in her care, now."""

    request: HttpRequest
    patient: Patient
    now: datetime

    @property
    def user(self) -> User:
        """Who is asking."""
        return reader(self.request)

    @property
    def today(self) -> date:
        """The patient's local date."""
        return local_date(self.now, self.patient.user.time_zone)

    @property
    def trace_id(self) -> str:
        """The id that this request leaves in logs and audit."""
        return trace(self.request)

    @property
    def name(self) -> str:
        """The patient's name."""
        return self.patient.user.name or self.patient.user.email

    def show(self, template: str, page: Any, *, status: int = 200) -> HttpResponse:
        """A page below `dashboard/acting/`; `her` is the patient."""
        about = {"her": self.patient, "her_name": self.name, "page": page}
        return render(self.request, f"dashboard/acting/{template}", about, status=status)


Visit = Callable[Concatenate[Bedside, P], HttpResponseBase]
Shown = Callable[..., HttpResponseBase]


def at_patient(action: str, *, diary: bool = True) -> "Callable[[Visit[P]], Shown]":
    """A page about a patient in the therapist's care, audited as `action`; where it shows her
    `diary` and she does not share it, a page that says so."""

    def guard(view: "Visit[P]") -> Shown:
        def shown(
            request: HttpRequest, /, patient_id: UUID, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            now = clock.now()
            desk = Bedside(request, patient_of(request, patient_id, now), now)
            audit.record(
                actor_id=desk.user.pk,
                action=action,
                patient_id=patient_id,
                trace_id=desk.trace_id,
                now=now,
            )
            if diary and not granted(patient_id, Scope.DIARY, now):
                return desk.show("not_shared.html", None, status=403)
            return view(desk, *args, **kwargs)

        update_wrapper(shown, view)
        return therapist_page(shown)

    return guard
