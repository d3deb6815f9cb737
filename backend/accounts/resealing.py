"""Secrets of second factors under the present key, so that an old one can be taken away."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction

# What allauth keeps encrypted, by its names.
SEALED, SEALED_LISTS = ("secret", "seed"), ("migrated_codes",)


def reseal_second_factors() -> int:
    """Seals each anew; how many. Raises `cryptography.fernet.InvalidToken` where no key fits."""
    count = 0
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    for pk in list(Authenticator.objects.filter(type__in=kinds).values_list("pk", flat=True)):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is not None:
                row.data = _resealed(row.data)
                row.save(update_fields=["data"])
                count += 1
    return count


def _resealed(data: dict[str, Any]) -> dict[str, Any]:
    adapter = get_adapter()

    def anew(sealed: str) -> str:
        return str(adapter.encrypt(adapter.decrypt(sealed)))

    singles = {name: anew(data[name]) for name in SEALED if name in data}
    lists = {name: [anew(one) for one in data[name]] for name in SEALED_LISTS if name in data}
    return {**data, **singles, **lists}
