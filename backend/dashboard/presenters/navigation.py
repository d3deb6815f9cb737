"""Where somebody can go from here: decided by her roles, the same on every page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from backend.accounts.models import Role
from backend.accounts.selectors import Workplace

# Each page of a clinic, its words, and the roles at that clinic that open it.
CLINIC_PAGES: Mapping[str, tuple[str, frozenset[str]]] = {
    "members": ("Members", frozenset({Role.MANAGER, Role.THERAPIST})),
    "invitations": ("Invitations", frozenset({Role.MANAGER, Role.THERAPIST})),
    "templates": ("Templates", frozenset({Role.THERAPIST})),
    "exercises": ("Exercises", frozenset({Role.THERAPIST})),
    "workload": ("Workload", frozenset({Role.MANAGER, Role.THERAPIST})),
    "report": ("Report", frozenset({Role.MANAGER, Role.THERAPIST})),
    "audit": ("Audit", frozenset({Role.AUDITOR, Role.MANAGER})),
}
_ACCOUNT = (("Security", "mfa_index"), ("Devices and sessions", "dashboard:sessions"))


@dataclass(frozen=True)
class Link:
    """A page to go to; `current` is the value of `aria-current`, "" where it leads elsewhere."""

    label: str
    url: str
    current: str = ""


@dataclass(frozen=True)
class Navigation:
    """The links of the bar, and those of the account's menu."""

    main: tuple[Link, ...]
    account: tuple[Link, ...]


def navigation(workplaces: Iterable[Workplace], path: str) -> Navigation:
    """What the bar shows to somebody with these `workplaces` on the page at `path`."""
    places = tuple(workplaces)
    account = tuple(_link(label, reverse(name), path) for label, name in _ACCOUNT)
    main = _therapist_links(path) if _is_therapist(places) else ()
    return Navigation((*main, *_clinic_link(places, path)), account)


def clinic_links(place: Workplace, path: str) -> tuple[Link, ...]:
    """The pages of one clinic that its member may open."""
    return tuple(
        _link(label, _clinic_url(name, place.clinic.pk), path)
        for name, (label, roles) in CLINIC_PAGES.items()
        if roles & place.roles
    )


def landing(workplaces: Iterable[Workplace]) -> str | None:
    """Where somebody who is no therapist begins: an auditor with the audit, a manager with the
    members; None for a therapist, who begins with her patients, and for who works nowhere."""
    places = tuple(workplaces)
    if not places or _is_therapist(places):
        return None
    links = (link for place in places for link in clinic_links(place, ""))
    return next((link.url for link in links), None)


def _is_therapist(places: tuple[Workplace, ...]) -> bool:
    return any(Role.THERAPIST in place.roles for place in places)


def _therapist_links(path: str) -> tuple[Link, ...]:
    panel = reverse("dashboard:panel")
    on_panel = "page" if path == panel else _mark(path, f"{panel}patients/")
    work = _link("Work list", reverse("dashboard:work_list"), path)
    return Link("Patients", panel, on_panel), work


def _clinic_link(places: tuple[Workplace, ...], path: str) -> tuple[Link, ...]:
    # Of several clinics the one that she is looking at, and the first by name from elsewhere.
    for place in sorted(places, key=lambda one: not path.startswith(_root(one.clinic.pk))):
        if links := clinic_links(place, path):
            current = _mark(path, _root(place.clinic.pk))
            return (Link("Clinic", links[0].url, links[0].current or current),)
    return ()


def _root(clinic_id: UUID) -> str:
    return f"{reverse('dashboard:panel')}clinics/{clinic_id}/"


def _clinic_url(name: str, clinic_id: UUID) -> str:
    return reverse(f"dashboard:clinic_{name}", args=[clinic_id])


def _link(label: str, url: str, path: str) -> Link:
    return Link(label, url, _mark(path, url))


def _mark(path: str, own: str) -> str:
    if path == own:
        return "page"
    return "true" if path.startswith(own) else ""
