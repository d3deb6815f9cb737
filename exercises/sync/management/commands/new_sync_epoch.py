"""`manage.py new_sync_epoch`: every phone starts over once. Run it after each restore."""

from typing import Any

from django.core.management.base import BaseCommand

from backend.core import clock
from exercises.sync.services.epochs import begin_epoch


class Command(BaseCommand):
    help = "Begin a new sync epoch after a restore: every phone starts over once."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"The sync epoch is {begin_epoch(now=clock.now())} now.")
