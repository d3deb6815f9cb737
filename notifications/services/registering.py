"""Devices and browsers that take pushes, clinics' webhooks, and who wants no mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from backend.accounts import audit
from backend.accounts.models import Clinic, User
from notifications.channels.webhook import new_secret
from notifications.models import MailOptOut, PushEndpoint, Webhook
from notifications.sealing import fingerprint, seal, unseal

# A person has a few devices; more than these are a mistake or an attack.
MOST_ENDPOINTS = 20
MOST_WEBHOOKS = 10


class TooMany(Exception):
    """There are as many as one may have; one has to be removed first."""


@dataclass(frozen=True, kw_only=True)
class Device:
    """What takes pushes: `kind` fcm or web_push, its `address`, and the `keys` of a browser."""

    kind: str
    address: str
    keys: Mapping[str, str]
    label: str = ""


def register_endpoint(
    *, user: User, name: UUID, device: Device, now: datetime
) -> tuple[PushEndpoint, bool]:
    """The device takes `user`'s pushes from now on, under the id that it gave itself; whether it
    is new.

    Whoever used the device before gets nothing there any more. The same again changes nothing, but
    an endpoint that was disabled is live again. Raises `TooMany`.
    """
    try:
        return _register(user, name, device, now)
    except IntegrityError:
        # Somebody else took the same device at the same moment: now it can be taken from her.
        return _register(user, name, device, now)


@transaction.atomic
def _register(user: User, name: UUID, device: Device, now: datetime) -> tuple[PushEndpoint, bool]:
    # Everybody's registrations of one person wait for each other, so that the limit holds.
    User.objects.select_for_update().get(pk=user.pk)
    mark = fingerprint(device.kind, device.address)
    known = PushEndpoint.objects.filter(user=user, name=name).first()
    if known is not None and _is_same(known, device, mark):
        return known, False
    if known is None and _registered(user) >= MOST_ENDPOINTS:
        raise TooMany
    others = PushEndpoint.objects.filter(fingerprint=mark, disabled_at=None)
    if known is not None:
        others = others.exclude(pk=known.pk)
    others.update(disabled_at=now, disabled_reason="moved", sealed="", updated_at=now)
    fields = {
        "kind": device.kind,
        "label": device.label,
        "sealed": seal({"address": device.address, **device.keys}),
        "fingerprint": mark,
        "updated_at": now,
        "disabled_at": None,
        "disabled_reason": "",
    }
    return PushEndpoint.objects.update_or_create(
        user=user, name=name, defaults=fields, create_defaults={**fields, "created_at": now}
    )


def remove_endpoint(*, user: User, name: UUID, now: datetime) -> bool:
    """Nothing goes to the device any more and its address is forgotten; whether it was there."""
    mine = PushEndpoint.objects.filter(user=user, name=name).exclude(sealed="")
    return bool(mine.update(disabled_at=now, disabled_reason="removed", sealed="", updated_at=now))


@transaction.atomic
def register_webhook(
    *, clinic: Clinic, name: UUID, url: str, by: User, now: datetime
) -> tuple[Webhook, str]:
    """The clinic's system is told at `url` from now on; the webhook, and the secret that signs.

    The secret is new unless the same URL is registered already: then it is "", since it is shown
    once only. Raises `TooMany`.
    """
    Clinic.objects.select_for_update().get(pk=clinic.pk)
    known = Webhook.objects.filter(clinic=clinic, name=name).first()
    if known is not None and known.url == url and known.disabled_at is None:
        return known, ""
    if known is None and Webhook.objects.filter(clinic=clinic).count() >= MOST_WEBHOOKS:
        raise TooMany
    secret = new_secret()
    fields = {
        "url": url,
        "sealed": seal({"secret": secret}),
        "updated_at": now,
        "disabled_at": None,
        "disabled_reason": "",
    }
    webhook, _ = Webhook.objects.update_or_create(
        clinic=clinic, name=name, defaults=fields, create_defaults={**fields, "created_at": now}
    )
    _note(by, "webhook.registered", webhook, now)
    return webhook, secret


@transaction.atomic
def remove_webhook(*, webhook: Webhook, by: User, now: datetime) -> None:
    """The clinic's system is told nothing more there."""
    _note(by, "webhook.removed", webhook, now)
    webhook.delete()


def switch_mail_off(*, user: UUID, now: datetime) -> None:
    """No ordinary messages by e-mail for `user`; what is urgent still comes."""
    if User.objects.filter(pk=user).exists():
        MailOptOut.objects.get_or_create(user_id=user, defaults={"at": now})


def switch_mail_on(*, user: UUID) -> None:
    """Ordinary messages come by e-mail again."""
    MailOptOut.objects.filter(user=user).delete()


def _registered(user: User) -> int:
    return PushEndpoint.objects.filter(user=user).exclude(sealed="").count()


def _is_same(known: PushEndpoint, device: Device, mark: str) -> bool:
    if known.disabled_at is not None or known.fingerprint != mark or known.label != device.label:
        return False
    return unseal(known.sealed) == {"address": device.address, **device.keys}


def _note(by: User, action: str, webhook: Webhook, now: datetime) -> None:
    audit.record(
        actor_id=by.pk, action=action, object_kind="webhook", object_id=str(webhook.pk), now=now
    )
