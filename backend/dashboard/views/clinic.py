"""What every page of a clinic does first: does the reader work there, and as what?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from backend.accounts.clinics import Actor
from backend.accounts.models import Clinic, Role, User
from backend.accounts.selectors import Workplace, workplaces_of
from backend.core import clock
from backend.dashboard.presenters.navigation import CLINIC_PAGES, clinic_links
from backend.dashboard.views.pages import Shown, page_for, reader, trace
from exercises.plans.services.writings import Author

P = ParamSpec("P")


@dataclass(frozen=True)
class Desk:
    """Somebody at the clinic where she works, now."""

    request: HttpRequest
    user: User
    place: Workplace
    elsewhere: tuple[Workplace, ...]
    now: datetime

    @property
    def clinic(self) -> Clinic:
        return self.place.clinic

    @property
    def actor(self) -> Actor:
        """Who changes something, for a service that audits it."""
        return Actor(self.user, self.clinic, self.now, trace(self.request))

    @property
    def author(self) -> Author:
        """Who writes a template or an own exercise of the clinic."""
        return Author(user=self.user, now=self.now, trace_id=trace(self.request))

    @property
    def version(self) -> int:
        """The version of it that her form was filled in on; one that never was, where none is said."""
        given = self.request.POST.get("version", "")
        return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0

    def is_a(self, role: Role) -> bool:
        """Whether she works here in that role."""
        return role in self.place.roles

    def show(
        self, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        """A page of this clinic, with the links to the others."""
        links = clinic_links(self.place, self.request.path)
        own = {"desk": self, "clinic_links": links, "is_manager": self.is_a(Role.MANAGER)}
        return render(
            self.request, f"dashboard/{template}", {**(context or {}), **own}, status=status
        )


def clinic_page(
    name: str, *only: Role
) -> Callable[[Callable[Concatenate[Desk, P], HttpResponseBase]], Shown]:
    """A view of the clinic's page `name`, for those members who may open it (or `only` for some of
    them); for anybody else the clinic looks like one that does not exist."""
    roles = frozenset(only) or frozenset(Role(role) for role in CLINIC_PAGES[name][1])

    def guard(view: Callable[Concatenate[Desk, P], HttpResponseBase]) -> Shown:
        @wraps(view)
        def at_the_desk(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(_desk(request, kwargs.pop("clinic_id"), roles), *args, **kwargs)

        return page_for(*sorted(roles))(at_the_desk)

    return guard


def _desk(request: HttpRequest, clinic_id: UUID, roles: frozenset[Role]) -> Desk:
    now, user = clock.now(), reader(request)
    places = {place.clinic.pk: place for place in workplaces_of(user, now)}
    place = places.pop(clinic_id, None)
    if place is None or not roles & place.roles:
        raise Http404
    return Desk(request, user, place, tuple(places.values()), now)
