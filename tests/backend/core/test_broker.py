import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

from backend.core import broker as module
from backend.core.broker import BrokerUnavailable, broker, is_answering, socket_path
from tests.servers import wait_for


def test_a_redis_url_is_used_as_it_is_and_nothing_is_started(tmp_path: Path) -> None:
    chosen = broker(tmp_path, "redis://broker.example:6379/3")
    assert chosen.url == "redis://broker.example:6379/3"
    assert chosen.command is None
    assert list(tmp_path.iterdir()) == []


def test_without_redis_url_the_bundled_valkey_is_started(tmp_path: Path) -> None:
    chosen = broker(tmp_path, "")
    assert chosen.command is not None
    assert Path(chosen.command[0]).name == "valkey-server"
    assert chosen.url == f"redis+socket://{tmp_path}/broker.sock"


def test_without_the_bundled_valkey_the_installed_redis_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_bundled_valkey", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/somewhere/{name}")
    chosen = broker(tmp_path, "")
    assert chosen.command is not None
    assert chosen.command[0] == "/somewhere/redis-server"


def test_without_any_broker_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_bundled_valkey", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(BrokerUnavailable, match="install redis-server, or set REDIS_URL"):
        broker(tmp_path, "")


def test_a_data_directory_with_a_long_path_listens_in_a_short_private_one(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    chosen = broker(deep, "")
    assert chosen.socket is not None
    try:
        assert len(os.fsencode(chosen.socket)) <= module.LONGEST_SOCKET_PATH
        assert chosen.socket == socket_path(deep)
        assert chosen.socket.parent.stat().st_mode & 0o777 == 0o700
    finally:
        chosen.socket.parent.rmdir()


def test_a_directory_that_only_looks_like_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "broker").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BrokerUnavailable, match="belongs to somebody else"):
        broker(tmp_path, "")


def test_celery_reaches_it_keeps_messages_and_a_path_with_blanks_is_fine(tmp_path: Path) -> None:
    from kombu import Connection

    data_dir = tmp_path / "my data"
    chosen = broker(data_dir, "")
    assert chosen.command is not None
    path = socket_path(data_dir)
    for attempt in ("first", "second"):
        with subprocess.Popen(chosen.command, stdout=subprocess.DEVNULL) as server:
            wait_for(partial(is_answering, path), seconds=15, what="Starting the broker")
            assert path.stat().st_mode & 0o777 == 0o700
            with (
                Connection(chosen.url) as connection,
                connection.SimpleQueue("q") as queue,
            ):
                if attempt == "first":
                    queue.put({"id": 1})
                else:
                    message = queue.get(timeout=5)
                    assert message.payload == {"id": 1}
                    message.ack()
            server.terminate()
