"""`manage.py run`: the whole product on this machine, until Ctrl-C."""

import contextlib
import errno
import http.client
import os
import socket
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection, connections

from backend.core.backups import versions
from backend.core.broker import BrokerUnavailable, broker
from backend.core.supervisor import lock
from backend.core.supervisor.services import broker_foundation, product_services
from backend.core.supervisor.supervisor import StartFailed, Supervisor, stop_signals_raise
from backend.core.supervisor.welcome import welcome


class Command(BaseCommand):
    """Migrates, makes the demo clinic at the first start, and runs web, worker, scheduler and,
    unless REDIS_URL names one, the broker."""

    help = "Run web, worker, scheduler and broker on this machine until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        # The services are modules of this directory, wherever the command was typed.
        os.chdir(settings.BASE_DIR)
        os.umask(0o077)  # the files hold health data
        os.environ["STEPWISE_DATA"] = str(settings.DATA_DIR)
        os.environ["PYTHONUNBUFFERED"] = "1"
        try:
            with stop_signals_raise(), lock.hold(settings.DATA_DIR) as held:
                self._run(held)
        except (BrokerUnavailable, StartFailed, lock.AlreadyRunning) as error:
            raise CommandError(str(error)) from None

    def _run(self, held: int) -> None:
        _refuse_busy_port(settings.PORT)
        supervisor = Supervisor(log_dir=settings.DATA_DIR / "logs", lock=held, say=self._relay)
        try:
            foundation = broker_foundation(broker(settings.DATA_DIR, settings.REDIS_URL))
            if foundation:
                supervisor.lay(foundation)
            self._prepare()
            supervisor.start(
                product_services(manage=settings.BASE_DIR / "manage.py", port=settings.PORT)
            )
            supervisor.watch(is_ready=_is_ready, on_ready=self._welcome)
        finally:
            self._say("Stopping ...")
            supervisor.stop()
            self._say("Stopped.")

    def _prepare(self) -> None:
        """Tables, the demo clinic and static files."""
        self._say("Preparing the database ...")
        try:
            _refuse_newer_database()
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            reason = str(error).strip().partition("\n")[0]
            raise CommandError(f"The database of DATABASE_URL cannot be used: {reason}") from None
        if settings.DEMO and not apps.get_model("accounts.Clinic").objects.exists():
            self._say("Making the demo clinic (the first time only) ...")
            with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
                call_command("demo", stdout=nowhere)
        call_command("collectstatic", interactive=False, verbosity=0)
        connections.close_all()

    def _welcome(self) -> None:
        text = welcome(
            base_url=f"http://127.0.0.1:{settings.PORT}",
            data_dir=settings.DATA_DIR,
            demo=settings.DEMO,
        )
        self._say(text)

    def _relay(self, name: str, line: str) -> None:
        self._say(f"{name:<9} | {line}")

    def _say(self, text: str) -> None:
        # Whoever reads us may be gone, as when a terminal is closed; we still have to stop all.
        with contextlib.suppress(OSError):
            self.stdout.write(text)
            self.stdout.flush()


def _refuse_newer_database() -> None:
    if newer := versions.unknown(versions.applied(connection)):
        raise CommandError(
            f"The database was made by a newer version of Stepwise: this one does not know {newer[-1]}."
            " Update Stepwise, or restore a backup of this version."
        )


def _refuse_busy_port(port: int) -> None:
    if not 0 < port < 65536:
        raise CommandError("PORT must be from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            raise CommandError(
                f"Port {port} is taken or forbidden: choose another, as in `make run PORT=8100`."
            ) from None


def _is_ready() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", settings.PORT, timeout=2)
    try:
        connection.request(
            "GET", "/readyz", headers={"Host": settings.ALLOWED_HOSTS[0].lstrip(".")}
        )
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
