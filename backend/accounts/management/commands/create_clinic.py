"""`manage.py create_clinic NAME --time-zone ZONE --manager EMAIL`: a clinic and its first manager."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.accounts import clinics
from backend.core import clock


class Command(BaseCommand):
    """The one step that takes an operator: everybody after the first manager is invited by her."""

    help = "Makes a clinic whose first manager is the person who has signed up with this address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="such as 'Harbour Clinic'")
        parser.add_argument("--time-zone", required=True, help="IANA name, such as Europe/Berlin")
        parser.add_argument("--manager", required=True, metavar="EMAIL", help="a confirmed address")

    def handle(self, *args: Any, name: str, time_zone: str, manager: str, **options: Any) -> None:
        try:
            clinic = clinics.found_clinic(
                name=name, time_zone=time_zone, manager_email=manager, now=clock.now()
            )
        except clinics.CannotFound as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{clinic.pk}  {clinic.name}, managed by {manager}.")
