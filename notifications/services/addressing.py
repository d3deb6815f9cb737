"""Puts deliveries into envelopes: what a channel gets to know, and where it goes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from cryptography.fernet import InvalidToken

from exercises.catalog.selectors import emergency_numbers
from exercises.triage.levels import Level
from notifications.channels import Envelope
from notifications.models import Audience, Delivery, Message, PushEndpoint, Webhook
from notifications.policy import Audience as Hearer
from notifications.sealing import unseal
from notifications.services.sending import Parcel
from notifications.terms import terms

PUSH = ("fcm", "web_push")


class NoAddress(Exception):
    """The endpoint was removed or disabled since, or its address cannot be read."""


class Addresses:
    """The addresses of a batch: one query for its push endpoints, one for its webhooks."""

    def __init__(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        pushes = [one.target for one in deliveries if one.channel in PUSH]
        hooks = [one.target for one in deliveries if one.channel == "webhook"]
        live = PushEndpoint.objects.filter(disabled_at=None)
        self._endpoints = live.in_bulk([pk for pk in pushes if pk]) if pushes else {}
        webhooks = Webhook.objects.filter(disabled_at=None)
        self._webhooks = webhooks.in_bulk([pk for pk in hooks if pk]) if hooks else {}
        self._now = now

    def parcel(self, delivery: Delivery) -> Parcel:
        """The delivery, ready to be sent; raises `NoAddress`."""
        address, keys = self._where(delivery)
        message = delivery.message
        recipient, patient = message.recipient, message.patient
        envelope = Envelope(
            delivery=delivery.pk,
            message=message.pk,
            audience=cast(Hearer, message.audience),
            kind=message.kind,
            level=Level(message.level),
            address=address,
            language=recipient.language if recipient else "en",
            emergency_number=emergency_numbers(patient.user.country if patient else "").emergency,
            at=self._now,
            keep=_keep(message, self._now),
            recipient=message.recipient_id,
            about=_about(message) if message.audience == Audience.CLINIC else {},
            keys=keys,
        )
        return Parcel(delivery.channel, envelope)

    def _where(self, delivery: Delivery) -> tuple[str, dict[str, str]]:
        if delivery.target is None:
            recipient = delivery.message.recipient
            return (recipient.email if recipient else ""), {}
        if delivery.channel == "webhook":
            return self._webhook(delivery.target)
        endpoint = self._endpoints.get(delivery.target)
        if endpoint is None or endpoint.user_id != delivery.message.recipient_id:
            raise NoAddress
        return _opened(endpoint.sealed)

    def _webhook(self, target: UUID) -> tuple[str, dict[str, str]]:
        webhook = self._webhooks.get(target)
        if webhook is None:
            raise NoAddress
        _, keys = _opened(webhook.sealed)
        return webhook.url, keys


def _opened(sealed: str) -> tuple[str, dict[str, str]]:
    try:
        keys = unseal(sealed)
    except InvalidToken:
        raise NoAddress from None
    return keys.pop("address", ""), keys


def _keep(message: Message, now: datetime) -> timedelta:
    longest = timedelta(hours=terms().delivery.keep_hours)
    return min(longest, message.expires_at - now) if message.expires_at else longest


def _about(message: Message) -> dict[str, str]:
    ids = {"alert": message.alert_id, "patient": message.patient_id, "clinic": message.clinic_id}
    return {name: str(value) for name, value in ids.items() if value}
