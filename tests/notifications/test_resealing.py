"""A key can be changed, and the old one taken away, without anybody losing anything."""

from datetime import datetime
from uuid import uuid4

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from backend.accounts.models import Clinic, User
from backend.accounts.services import enable_totp
from notifications.models import EndpointKind, PushEndpoint, Webhook
from notifications.sealing import fingerprint, seal, unseal

NEW = "a new key, as long and as random as the first one was"


def test_after_resealing_the_old_key_is_not_needed(
    therapist: User, clinic: Clinic, now: datetime, settings: LazySettings
) -> None:
    totp = enable_totp(therapist)
    endpoint = PushEndpoint.objects.create(
        user=therapist, name=uuid4(), kind=EndpointKind.FCM, sealed=seal({"address": "token"}),
        fingerprint=fingerprint(EndpointKind.FCM, "token"), created_at=now, updated_at=now,
    )  # fmt: skip
    webhook = Webhook.objects.create(
        clinic=clinic, name=uuid4(), url="https://clinic.example.org/", created_at=now,
        sealed=seal({"secret": "s"}), updated_at=now,
    )  # fmt: skip
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [settings.SECRET_KEY]
    call_command("reseal")
    settings.SECRET_KEY_FALLBACKS = []
    endpoint.refresh_from_db()
    webhook.refresh_from_db()
    assert unseal(endpoint.sealed) == {"address": "token"}
    assert endpoint.fingerprint == fingerprint(EndpointKind.FCM, "token")
    assert unseal(webhook.sealed) == {"secret": "s"}
    factor = Authenticator.objects.get(user=therapist, type=Authenticator.Type.TOTP)
    assert get_adapter().decrypt(factor.data["secret"]) == totp


def test_without_the_old_key_it_says_which_variable_wants_it(
    therapist: User, settings: LazySettings
) -> None:
    enable_totp(therapist)
    settings.SECRET_KEY = NEW
    with pytest.raises(CommandError, match="STEPWISE_OLD_SECRET_KEYS"):
        call_command("reseal")
