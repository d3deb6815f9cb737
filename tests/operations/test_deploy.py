"""The files under `deploy/`: what they promise, and that their very commands run the product."""

import contextlib
import fnmatch
import http.client
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.processes import _database
from tests.operations import files
from tests.operations.test_documents import documented
from tests.servers import Redis, free_port, wait_for

HARDENED = {
    "User": "stepwise",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "StateDirectoryMode": "0700",
    "EnvironmentFile": "/etc/stepwise/env",
}


def test_the_image_is_made_of_locked_parts_runs_as_nobody_special_and_holds_no_secret() -> None:
    steps = files.instructions()
    names = [name for name, _ in steps]
    assert names.count("FROM") == 2
    assert any("--require-hashes --no-deps" in text for name, text in steps if name == "RUN")
    assert [text for name, text in steps if name == "USER"] == ["stepwise"]
    assert names.index("USER") < names.index("HEALTHCHECK") < names.index("CMD")
    given = " ".join(text for name, text in steps if name in {"ENV", "ARG"})
    assert not re.search(r"SECRET|TOKEN|PASSWORD|_KEY|_URL", given)


def test_what_the_image_copies_is_there_and_nothing_else_is_sent() -> None:
    ignored = (files.ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {
        text.split()[0]
        for name, text in files.instructions()
        if name == "COPY" and not text.startswith("--from")
    }
    assert ignored[0] == "*"
    assert {path.removeprefix("./") for path in copied} == allowed
    assert all((files.ROOT / path).exists() for path in copied)
    assert not any(fnmatch.fnmatch(name, "deploy*") for name in allowed)


def test_only_the_proxy_is_reached_from_outside_and_database_and_broker_are_apart() -> None:
    services = files.compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert files.compose()["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert services[name]["networks"] == ["inside"]
    for service in (services[name] for name in files.container_commands()):
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert services["scheduler"]["deploy"]["replicas"] == 2


def test_the_broker_keeps_what_it_is_given() -> None:
    command = files.compose()["services"]["redis"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"


def test_the_proxy_says_who_connected_and_by_what() -> None:
    text = (files.DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert "header_up X-Forwarded-For {remote_host}" in text
    assert "header_up X-Forwarded-Proto {scheme}" in text
    assert "path /ops/* /metrics" in text


def test_the_example_names_known_variables_and_holds_no_secret() -> None:
    example = files.example()
    assert set(example) <= documented()
    assert example["STEPWISE_SECRET_KEY"] == example["STEPWISE_OPS_TOKEN"] == ""


@pytest.mark.parametrize("path", files.UNITS, ids=lambda path: path.stem)
def test_units_give_away_what_they_do_not_need(path: Path) -> None:
    service = files.unit(path)["Service"]
    assert {name: service[name] for name in HARDENED} == HARDENED


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    for path in files.UNITS:
        text = path.read_text(encoding="utf-8")
        there = text.replace("/srv/stepwise/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(there, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_units_and_containers_run_the_same() -> None:
    units = {
        name.removeprefix("stepwise-"): ["python", *command[1:]]
        for name, command in files.unit_commands().items()
        if name != "stepwise"
    }
    containers = {
        name: [part.replace("0.0.0.0", "127.0.0.1") for part in command]  # noqa: S104
        for name, command in files.container_commands().items()
    }
    assert units == containers


@pytest.mark.e2e
@pytest.mark.timeout(240)
@pytest.mark.skipif(
    not (os.environ.get("DATABASE_URL", "").startswith("postgres") and os.environ.get("REDIS_URL")),
    reason="wants PostgreSQL and Redis",
)
def test_the_very_commands_run_the_product_in_production(tmp_path: Path) -> None:
    with production(tmp_path) as environment:
        port = free_port()
        for command in (["migrate"], ["collectstatic", "--noinput"]):
            manage = [sys.executable, "manage.py", *command, "--verbosity", "0"]
            subprocess.run(manage, env=environment, cwd=files.ROOT, check=True)
        with running(environment, port) as processes:
            wait_for(lambda: status(port, "/readyz") == 200, seconds=60, what="Web")
            bearer = {"Authorization": f"Bearer {environment['STEPWISE_OPS_TOKEN']}"}
            wait_for(
                lambda: status(port, "/ops/delivery", bearer) == 200, seconds=60, what="Scheduler"
            )
            assert status(port, "/ops/delivery", {"X-Forwarded-For": "192.0.2.1"}) == 403
            check = here(files.image_healthcheck(), port)
            assert subprocess.run(check, check=False, timeout=30).returncode == 0
            assert {name: one.poll() for name, one in processes.items()} == dict.fromkeys(processes)
            for one in processes.values():
                one.terminate()
            assert {one.wait(40) for one in processes.values()} <= {0, -15}


@contextlib.contextmanager
def production(data: Path) -> Iterator[dict[str, str]]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="stepwise-redis-") as directory:
        redis = Redis(Path(directory))
        redis.start()
        try:
            with _database(os.environ["DATABASE_URL"]) as database:
                yield {
                    **kept,
                    **files.example(),
                    "STEPWISE_SECRET_KEY": secrets.token_urlsafe(64),
                    "STEPWISE_OPS_TOKEN": secrets.token_urlsafe(32),
                    "STEPWISE_DATA": str(data),
                    "DATABASE_URL": database,
                    "REDIS_URL": redis.url,
                }
        finally:
            redis.stop()


@contextlib.contextmanager
def running(
    environment: Mapping[str, str], port: int
) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    processes: dict[str, Any] = {}
    try:
        for name, command in files.container_commands().items():
            processes[name] = subprocess.Popen(
                here(command, port), env=dict(environment), cwd=files.ROOT
            )
        yield processes
    finally:
        for process in processes.values():
            process.kill()
            process.wait(15)


def here(command: list[str], port: int) -> list[str]:
    """The same command with this Python, on a free port of 127.0.0.1."""
    moved = [re.sub(r"(0\.0\.0\.0|127\.0\.0\.1):8000", f"127.0.0.1:{port}", one) for one in command]
    return [sys.executable, *moved[1:]]


def status(port: int, path: str, headers: Mapping[str, str] | None = None) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
