"""`manage.py demo_code [EMAIL]`: the one-time code that somebody of the demo clinic signs in with now."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Stands in for an authenticator app, for the people of the demo clinic alone."""

    help = "Prints a demo therapist's current one-time code (the first one's without EMAIL)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", nargs="?", default="")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            demo = json.loads((settings.DATA_DIR / "demo.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CommandError(
                "There is no demo clinic here: `manage.py demo` makes one."
            ) from None
        people = [*demo["therapists"], *demo.get("staff", [])]
        known = {person["email"]: person["totp_secret"] for person in people}
        secret = known.get(email) if email else next(iter(known.values()))
        if secret is None:
            raise CommandError(
                f"Nobody of the demo has this address; there are {', '.join(known)}."
            )
        counter = int(time.time()) // app_settings.TOTP_PERIOD
        self.stdout.write(format_hotp_value(hotp_value(secret, counter)))
