"""`manage.py reseal`: everything sealed is sealed with the present key, after a change of it."""

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management import CommandError
from django.core.management.base import BaseCommand

from backend.accounts.resealing import reseal_second_factors
from notifications.services.resealing import reseal_endpoints, reseal_webhooks


class Command(BaseCommand):
    help = (
        "Seal second factors, push addresses and webhook secrets with the present"
        " STEPWISE_SECRET_KEY, so that STEPWISE_OLD_SECRET_KEYS can be emptied."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for name, reseal in (
                ("second factors", reseal_second_factors),
                ("push endpoints", reseal_endpoints),
                ("webhooks", reseal_webhooks),
            ):
                self.stdout.write(f"{reseal()} {name} sealed anew.")
        except InvalidToken:
            raise CommandError(
                "Something was sealed with a key that is neither STEPWISE_SECRET_KEY nor one of"
                " STEPWISE_OLD_SECRET_KEYS. Put that key back into the list, and run this again."
            ) from None
