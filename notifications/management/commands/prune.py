"""`manage.py prune`: removes what has been kept long enough; the scheduler does the same every day."""

import sys
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from backend.core import clock
from backend.core.progress import Bar
from notifications.services.tidying import is_more, tidy


class Command(BaseCommand):
    """How long each kind is kept stands in the settings."""

    help = "Remove answers, sessions, exports, notifications and audit events that are old enough."

    def handle(self, *args: Any, **options: Any) -> None:
        removed: Counter[str] = Counter()
        bar = Bar(sys.stderr)
        goes_on = True
        while goes_on:
            batch = tidy(now=clock.now(), say=bar)
            removed.update(batch)
            goes_on = is_more(batch)
        bar.end()
        for name, count in removed.items():
            self.stdout.write(f"{name}: {count}")
