"""Reads: which devices, browsers and webhooks can be reached."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from backend.accounts.models import User
from notifications.models import EndpointKind, PushEndpoint, Webhook


def live_endpoints() -> QuerySet[PushEndpoint]:
    """The endpoints that take pushes; of a kind that this server cannot send none counts, so that
    the next channel is used."""
    return PushEndpoint.objects.filter(disabled_at=None, kind__in=_kinds_we_send())


def people_with_push(people: Iterable[UUID | None]) -> set[UUID]:
    """Those of `people` who have a live endpoint."""
    asked = {one for one in people if one is not None}
    if not asked:
        return set()
    return set(live_endpoints().filter(user__in=asked).values_list("user", flat=True))


def endpoints_of(people: Iterable[UUID]) -> dict[UUID, list[PushEndpoint]]:
    """The live endpoints of each person, oldest first; one query."""
    found: dict[UUID, list[PushEndpoint]] = defaultdict(list)
    for endpoint in live_endpoints().filter(user__in=set(people)).order_by("created_at", "pk"):
        found[endpoint.user_id].append(endpoint)
    return found


def webhooks_of(clinics: Iterable[UUID]) -> dict[UUID, list[Webhook]]:
    """The live webhooks of each clinic, oldest first; one query."""
    found: dict[UUID, list[Webhook]] = defaultdict(list)
    live = Webhook.objects.filter(disabled_at=None, clinic__in=set(clinics))
    for webhook in live.order_by("created_at", "pk"):
        found[webhook.clinic_id].append(webhook)
    return found


def _kinds_we_send() -> list[str]:
    can_send = {
        EndpointKind.FCM: bool(settings.FCM_CREDENTIALS),
        EndpointKind.WEB_PUSH: bool(settings.VAPID_PRIVATE_KEY) or not settings.PRODUCTION,
    }
    return [kind.value for kind, can in can_send.items() if can]


def registered_by(user: User) -> QuerySet[PushEndpoint]:
    """The endpoints that somebody has registered and not removed, oldest first."""
    mine = PushEndpoint.objects.filter(user=user).exclude(sealed="")
    return mine.order_by("created_at", "pk")
