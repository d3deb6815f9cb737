"""The doors to one's own push endpoints."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts.doors import UserDoor
from backend.core.api import respond
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import END, Instant, ShortText, Wire, invalid
from notifications import endpoints
from notifications.channels import outgoing
from notifications.channels.contract import AddressGone
from notifications.channels.web_push.keys import is_auth_secret, is_public_key
from notifications.channels.web_push.vapid import NotConfigured, public_key
from notifications.models import PushEndpoint
from notifications.services import registering

Token = Annotated[str, Meta(min_length=1, max_length=4096, pattern=rf"^[\x21-\x7e]+{END}")]
Key = Annotated[str, Meta(min_length=1, max_length=200, pattern=rf"^[A-Za-z0-9_-]+=*{END}")]


class BrowserKeys(Wire, frozen=True, kw_only=True):
    """The keys of a browser's subscription, as it gives them."""

    p256dh: Key
    auth: Key


class EndpointRequest(Wire, frozen=True, kw_only=True):
    """A device. `address` is the registration token of FCM or the URL of a Web Push subscription,
    which comes with its `keys`."""

    kind: Literal["fcm", "web_push"]
    address: Token
    keys: BrowserKeys | UnsetType = UNSET
    label: ShortText = ""


class EndpointView(Wire, frozen=True, kw_only=True):
    """A device as it stands; its address is not shown again. `disabled_reason` says why nothing
    goes there: gone (the push service no longer knows it) or moved (somebody else uses it)."""

    id: UUID
    kind: Literal["fcm", "web_push"]
    label: str
    created_at: Instant
    updated_at: Instant
    disabled_at: Instant | UnsetType = UNSET
    disabled_reason: str | UnsetType = UNSET


class EndpointPage(Wire, frozen=True, kw_only=True):
    """All of one's devices; there are never more than a page of them."""

    items: tuple[EndpointView, ...]
    next_cursor: str | None


class PushKeyView(Wire, frozen=True, kw_only=True):
    """What a browser subscribes with (`applicationServerKey`)."""

    public_key: str


class PushEndpoints(UserDoor):
    @describe("My devices that take pushes", response=EndpointPage, errors=(401,), tags=("push",))
    def get(self, _request: Request) -> HttpResponse:
        items = tuple(_view(one) for one in endpoints.registered_by(self.user))
        return respond(EndpointPage(items=items, next_cursor=None))


class PushKey(UserDoor):
    @describe(
        "The key that a browser subscribes with",
        response=PushKeyView,
        errors=(401, 404),
        tags=("push",),
    )
    def get(self, _request: Request) -> HttpResponse:
        try:
            return respond(PushKeyView(public_key=public_key()))
        except NotConfigured:
            raise Problem(
                404, "web_push_not_configured", "This server does not send Web Push."
            ) from None


class PushEndpointDoor(UserDoor):
    @describe("One device", response=EndpointView, errors=(401, 404), tags=("push",))
    def get(self, _request: Request, endpoint_id: UUID) -> HttpResponse:
        mine = endpoints.registered_by(self.user).filter(name=endpoint_id).first()
        if mine is None:
            raise not_found()
        return respond(_view(mine))

    @describe(
        "Register a device, or renew its address",
        request=EndpointRequest,
        response=EndpointView,
        status=(200, 201),
        errors=(401, 409),
        tags=("push",),
    )
    def put(self, _request: Request, endpoint_id: UUID) -> HttpResponse:
        device = _device(self.body(EndpointRequest))
        try:
            endpoint, is_new = registering.register_endpoint(
                user=self.user, name=endpoint_id, device=device, now=self.now
            )
        except registering.TooMany:
            raise Problem(
                409, "too_many_endpoints", "Remove a device first; there are 20 already."
            ) from None
        return respond(_view(endpoint), status=201 if is_new else 200)

    @describe("Remove a device", status=(204,), errors=(401, 404), tags=("push",))
    def delete(self, _request: Request, endpoint_id: UUID) -> HttpResponse:
        if not registering.remove_endpoint(user=self.user, name=endpoint_id, now=self.now):
            raise not_found()
        return respond(None, status=204)


def _device(asked: EndpointRequest) -> registering.Device:
    if asked.kind == "fcm":
        if asked.keys is not UNSET:
            raise invalid([FieldError("/keys", "invalid", "Only web_push has keys.")])
        return registering.Device(kind="fcm", address=asked.address, keys={}, label=asked.label)
    if asked.keys is UNSET:
        raise invalid([FieldError("/keys", "required", "A subscription has keys.")])
    errors = [
        FieldError(f"/keys/{name}", "invalid", "Not a key as browsers give it.")
        for name, fits in (
            ("p256dh", is_public_key(asked.keys.p256dh)),
            ("auth", is_auth_secret(asked.keys.auth)),
        )
        if not fits
    ]
    if errors := [*errors, *_address_errors(asked.address)]:
        raise invalid(errors)
    keys = {"p256dh": asked.keys.p256dh, "auth": asked.keys.auth}
    return registering.Device(kind="web_push", address=asked.address, keys=keys, label=asked.label)


def _address_errors(url: str) -> list[FieldError]:
    try:
        outgoing.refuse_unsafe(url)
    except (AddressGone, ValueError):
        return [FieldError("/address", "invalid", "An https address of a push service.")]
    return []


def _view(endpoint: PushEndpoint) -> EndpointView:
    return EndpointView(
        id=endpoint.name,
        kind="fcm" if endpoint.kind == "fcm" else "web_push",
        label=endpoint.label,
        created_at=endpoint.created_at,
        updated_at=endpoint.updated_at,
        disabled_at=endpoint.disabled_at or UNSET,
        disabled_reason=endpoint.disabled_reason or UNSET,
    )
