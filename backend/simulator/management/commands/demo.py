"""`manage.py demo`: the demo clinic, made again."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connection

from backend.core import clock
from backend.core.progress import Bar
from backend.core.supervisor.welcome import DEMO_FILE
from backend.simulator.demo.clinic import Demo, DemoMaker


class Command(BaseCommand):
    """Deletes the earlier demo clinic, makes a new one as of now, prints its sign-ins, and leaves
    them in the data directory for whoever starts the product. Never in production."""

    help = "Make the demo clinic (again), and print its sign-ins and session tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="one JSON object instead of a table"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("There is no demo clinic in production.")
        if "accounts_clinic" not in connection.introspection.table_names():
            call_command("migrate", interactive=False, verbosity=0)
        demo = self._make()
        encoded = msgspec.json.encode(demo)
        _keep(settings.DATA_DIR / DEMO_FILE, encoded)
        self.stdout.write(encoded.decode() if options["json"] else _as_table(demo))

    def _make(self) -> Demo:
        maker, bar = DemoMaker(clock.now()), Bar(sys.stderr)
        try:
            for number, part in enumerate(maker.make(), 1):
                if isinstance(part, Demo):
                    return part
                bar(part, number, maker.parts)
        finally:
            bar.end()
        raise AssertionError("the demo ends with its sign-ins")


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    draft.replace(path)


def _as_table(demo: Demo) -> str:
    lines = ["Therapists (second factor: the secret, in an authenticator app)"]
    for therapist in demo.therapists:
        lines.append(f"  {therapist.email:<36} {therapist.password}   {therapist.totp_secret}")
        lines.append(f"    X-Session-Token: {therapist.session_token}")
    lines += ["", "Others who work there"]
    for member in demo.staff:
        what = f"{member.password}   {member.totp_secret}   {member.role}"
        lines.append(f"  {member.email:<36} {what}")
        lines.append(f"    X-Session-Token: {member.session_token}")
    lines += ["", "Patients"]
    for patient in demo.patients:
        lines.append(f"  {patient.email:<36} {patient.password}   {patient.story}")
        lines.append(f"    X-Session-Token: {patient.session_token}")
    return "\n".join(lines)
