"""Addresses of endpoints and secrets of webhooks under the present key."""

from django.db import transaction

from notifications.models import PushEndpoint, Webhook
from notifications.sealing import fingerprint, seal, unseal


def reseal_endpoints() -> int:
    """Seals each anew and computes its fingerprint again; how many.

    Raises `cryptography.fernet.InvalidToken` where no key fits.
    """
    ids = list(PushEndpoint.objects.exclude(sealed="").values_list("pk", flat=True))
    for pk in ids:
        with transaction.atomic():
            row = PushEndpoint.objects.select_for_update().get(pk=pk)
            if not row.sealed:
                continue  # removed meanwhile
            content = unseal(row.sealed)
            row.sealed, row.fingerprint = seal(content), fingerprint(row.kind, content["address"])
            row.save(update_fields=["sealed", "fingerprint"])
    return len(ids)


def reseal_webhooks() -> int:
    """Seals each secret anew; how many."""
    ids = list(Webhook.objects.exclude(sealed="").values_list("pk", flat=True))
    for pk in ids:
        with transaction.atomic():
            row = Webhook.objects.select_for_update().get(pk=pk)
            row.sealed = seal(unseal(row.sealed))
            row.save(update_fields=["sealed"])
    return len(ids)
