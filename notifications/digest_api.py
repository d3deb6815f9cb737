"""The door to when a therapist's daily list comes."""

from datetime import time
from typing import Annotated

from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from backend.accounts.doors import TherapistDoor
from backend.core.api import respond
from backend.core.conditional import etag, require_match, stale, unchanged
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import END, Wire, invalid
from notifications.models import DigestPlan
from notifications.services import digesting

LocalTime = Annotated[str, Meta(pattern=f"^([01][0-9]|2[0-3]):[0-5][0-9]{END}")]
Weekday = Annotated[int, Meta(ge=0, le=6)]


class DigestView(Wire, frozen=True, kw_only=True):
    """When the list comes: local time and weekdays (0 is Monday), at least one."""

    at: LocalTime
    weekdays: Annotated[tuple[Weekday, ...], Meta(min_length=1, max_length=7)]


class Digest(TherapistDoor):
    @describe("When my daily list comes", response=DigestView, errors=(401, 403), tags=("digest",))
    def get(self, request: Request) -> HttpResponse:
        plan = digesting.plan_of(self.user, self.now)
        tag = _tag(plan)
        return unchanged(request, tag) or respond(_view(plan), headers={"ETag": tag})

    @describe(
        "Choose when my daily list comes",
        request=DigestView,
        response=DigestView,
        errors=(401, 403, 412, 428),
        headers={"If-Match": "the ETag of the choice as it was read"},
        tags=("digest",),
    )
    def put(self, request: Request) -> HttpResponse:
        asked = self.body(DigestView)
        if len(set(asked.weekdays)) != len(asked.weekdays):
            raise invalid([FieldError("/weekdays", "repeated", "Name each weekday once.")])
        plan = digesting.plan_of(self.user, self.now)
        require_match(request, _tag(plan))
        try:
            plan = digesting.choose_digest(
                user=self.user,
                at=time.fromisoformat(asked.at),
                weekdays="".join(str(day) for day in sorted(asked.weekdays)),
                before=(plan.at, plan.weekdays),
                now=self.now,
            )
        except digesting.PlanStale:
            raise stale() from None
        return respond(_view(plan), headers={"ETag": _tag(plan)})


def _view(plan: DigestPlan) -> DigestView:
    return DigestView(at=f"{plan.at:%H:%M}", weekdays=tuple(int(digit) for digit in plan.weekdays))


def _tag(plan: DigestPlan) -> str:
    return etag(f"{plan.at:%H%M}", plan.weekdays)
