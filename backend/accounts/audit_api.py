"""Who looked at what: for the patient herself, and for those who oversee a clinic."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from msgspec import UNSET, UnsetType
from rest_framework.request import Request

from backend.accounts import audit, audit_log
from backend.accounts.doors import PatientDoor, UserDoor
from backend.accounts.models import AuditEvent, Clinic, Role
from backend.core.api import respond
from backend.core.cursors import page_limit, read_cursor, write_cursor
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import Instant, Wire, invalid

RoleThen = Literal["therapist", "auditor", "manager", "system", "link", "unknown"]
PAGE = {"limit": (int, "1 to 200"), "cursor": (str, "The page that follows")}


class Access(Wire, frozen=True, kw_only=True):
    """Somebody else saw or changed something of the patient's record; `name` is empty once that
    account is gone."""

    at: Instant
    name: str
    role: RoleThen
    action: str
    what: str


class AccessLog(Wire, frozen=True, kw_only=True):
    """A page of accesses, the newest first."""

    items: list[Access]
    next_cursor: str | None


class AuditView(Wire, frozen=True, kw_only=True):
    """Who did what, when. `patient` is her id for an auditor, and for a manager a pseudonym that
    stands for one patient within the clinic; absent where no patient is concerned."""

    at: Instant
    actor: UUID | UnsetType = UNSET
    name: str
    role: RoleThen
    action: str
    clinic: UUID
    patient: str | UnsetType = UNSET
    object_kind: str | UnsetType = UNSET
    object_id: str | UnsetType = UNSET


class AuditPage(Wire, frozen=True, kw_only=True):
    """A page of the audit, the newest first."""

    items: list[AuditView]
    next_cursor: str | None


class MyAccessLog(PatientDoor):
    @describe(
        "Who looked at my data", response=AccessLog, errors=(401, 403), query=PAGE, tags=("me",)
    )
    def get(self, request: Request) -> HttpResponse:
        events = audit_log.accesses_to(self.patient.pk, self.now)
        shown, cursor = _page(request._request, events, "access-log")
        language = self.reader.language
        items = [
            Access(
                at=event.at,
                name=actor.name,
                role=cast(RoleThen, actor.role),
                action=event.action,
                what=audit_log.words_for(event.action, language),
            )
            for event, actor in zip(shown, audit_log.actors_of(shown), strict=True)
        ]
        return respond(AccessLog(items=items, next_cursor=cursor))


class Audit(UserDoor):
    """For auditors and managers, of the clinics where they are that. Nothing clinical is in it."""

    def _admit(self, request: Request) -> None:
        user = request.user
        overseer = user.is_authenticated and user.has_role(Role.AUDITOR)
        self.role = Role.AUDITOR if overseer else Role.MANAGER
        super()._admit(request)

    @describe(
        "Who did what at my clinic",
        response=AuditPage,
        errors=(401, 403),
        query=PAGE | {"clinic": (UUID, "Which one, of several")},
        tags=("audit",),
    )
    def get(self, request: Request) -> HttpResponse:
        clinic = self._clinic(request.GET.get("clinic"))
        events = audit_log.events_at([clinic], self.now)
        shown, cursor = _page(request._request, events, f"audit:{clinic.pk}")
        items = self._views(shown, clinic)
        audit.record_many(
            actor_id=self.user.pk,
            action="audit.read",
            patient_ids={event.patient_id for event in shown if event.patient_id},
            trace_id=self.trace_id,
            now=self.now,
        )
        return respond(AuditPage(items=items, next_cursor=cursor))

    def _clinic(self, named: str | None) -> Clinic:
        hers = audit_log.clinics_overseen(self.user, self.role, self.now)
        if named is None and len(hers) == 1:
            return hers[0]
        for clinic in hers:
            if named is not None and str(clinic.pk) == named.lower():
                return clinic
        raise invalid([FieldError("/clinic", "required", "Name one of your clinics.")])

    def _views(self, events: Sequence[AuditEvent], clinic: Clinic) -> list[AuditView]:
        actors = audit_log.actors_of(events)
        return [
            AuditView(
                at=event.at,
                actor=actor.id or UNSET,
                name=actor.name,
                role=cast(RoleThen, actor.role),
                action=event.action,
                clinic=clinic.pk,
                **self._about(event, clinic),
            )
            for event, actor in zip(events, actors, strict=True)
        ]

    def _about(self, event: AuditEvent, clinic: Clinic) -> dict[str, Any]:
        if self.role != Role.AUDITOR:
            known = event.patient_id
            return {"patient": audit_log.pseudonym(known, clinic)} if known else {}
        return {
            "patient": str(event.patient_id) if event.patient_id else UNSET,
            "object_kind": event.object_kind or UNSET,
            "object_id": event.object_id or UNSET,
        }


def _page(
    request: HttpRequest, events: QuerySet[AuditEvent], kind: str
) -> tuple[list[AuditEvent], str | None]:
    limit, key = page_limit(request), read_cursor(request, kind)
    if key is not None:
        events = audit_log.after(events, datetime.fromisoformat(key[0]), int(key[1]))
    found = list(events[: limit + 1])
    shown = found[:limit]
    more = len(found) > limit
    last = shown[-1] if shown else None
    cursor = write_cursor(kind, last.at.isoformat(), last.pk) if more and last else None
    return shown, cursor
