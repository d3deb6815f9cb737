"""The doors of a clinic's manager to its webhooks."""

from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts.doors import UserDoor
from backend.accounts.models import Clinic
from backend.accounts.selectors import clinics_employing
from backend.core.api import respond
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import END, Instant, Wire, invalid
from notifications.channels import outgoing
from notifications.channels.contract import AddressGone
from notifications.models import Webhook
from notifications.services import registering

Url = Annotated[str, Meta(max_length=500, pattern=rf"^https?://[\x21-\x7e]+{END}")]


class WebhookRequest(Wire, frozen=True, kw_only=True):
    """Where to tell; `clinic` may be left out by the manager of one clinic."""

    url: Url
    clinic: UUID | UnsetType = UNSET


class WebhookView(Wire, frozen=True, kw_only=True):
    """A webhook. `secret` is shown once, in the answer that made it."""

    id: UUID
    clinic: UUID
    url: str
    created_at: Instant
    updated_at: Instant
    disabled_at: Instant | UnsetType = UNSET
    disabled_reason: str | UnsetType = UNSET
    secret: str | UnsetType = UNSET


class WebhookPage(Wire, frozen=True, kw_only=True):
    """All webhooks of one's clinics; there are never more than a page of them."""

    items: tuple[WebhookView, ...]
    next_cursor: str | None


class ManagerDoor(UserDoor):
    """A view for those who manage a clinic."""

    role = "manager"

    def clinics(self) -> list[Clinic]:
        """The clinics that this person manages."""
        return list(clinics_employing(self.user, self.now, role="manager"))


class Webhooks(ManagerDoor):
    @describe("The clinic's webhooks", response=WebhookPage, errors=(401, 403), tags=("clinic",))
    def get(self, _request: Request) -> HttpResponse:
        found = Webhook.objects.filter(clinic__in=self.clinics()).order_by("created_at", "pk")
        return respond(WebhookPage(items=tuple(_view(one) for one in found), next_cursor=None))


class WebhookDoor(ManagerDoor):
    @describe("One webhook", response=WebhookView, errors=(401, 403, 404), tags=("clinic",))
    def get(self, _request: Request, webhook_id: UUID) -> HttpResponse:
        return respond(_view(self._mine(webhook_id)))

    @describe(
        "Tell the clinic's own system of alerts, by ids alone",
        request=WebhookRequest,
        response=WebhookView,
        status=(200, 201),
        errors=(401, 403, 409),
        tags=("clinic",),
    )
    def put(self, _request: Request, webhook_id: UUID) -> HttpResponse:
        asked = self.body(WebhookRequest)
        _refuse_unsafe(asked.url)
        try:
            webhook, secret = registering.register_webhook(
                clinic=self._clinic(asked),
                name=webhook_id,
                url=asked.url,
                by=self.user,
                now=self.now,
            )
        except registering.TooMany:
            raise Problem(
                409, "too_many_webhooks", "Remove a webhook first; there are 10 already."
            ) from None
        return respond(_view(webhook, secret), status=201 if secret else 200)

    @describe("Remove a webhook", status=(204,), errors=(401, 403, 404), tags=("clinic",))
    def delete(self, _request: Request, webhook_id: UUID) -> HttpResponse:
        registering.remove_webhook(webhook=self._mine(webhook_id), by=self.user, now=self.now)
        return respond(None, status=204)

    def _mine(self, webhook_id: UUID) -> Webhook:
        found = Webhook.objects.filter(clinic__in=self.clinics(), name=webhook_id).first()
        if found is None:
            raise not_found()
        return found

    def _clinic(self, asked: WebhookRequest) -> Clinic:
        hers = self.clinics()
        if asked.clinic is UNSET and len(hers) > 1:
            raise invalid([FieldError("/clinic", "required", "Name one of your clinics.")])
        for clinic in hers:
            if asked.clinic in (UNSET, clinic.pk):
                return clinic
        raise invalid([FieldError("/clinic", "invalid", "Not a clinic that you manage.")])


def _refuse_unsafe(url: str) -> None:
    try:
        outgoing.refuse_unsafe(url)
    except (AddressGone, ValueError):
        raise invalid(
            [FieldError("/url", "invalid", "An https address on the open internet.")]
        ) from None


def _view(webhook: Webhook, secret: str = "") -> WebhookView:
    return WebhookView(
        id=webhook.name,
        clinic=webhook.clinic_id,
        url=webhook.url,
        created_at=webhook.created_at,
        updated_at=webhook.updated_at,
        disabled_at=webhook.disabled_at or UNSET,
        disabled_reason=webhook.disabled_reason or UNSET,
        secret=secret or UNSET,
    )
