"""What the one-machine mode needs before Django exists: a secret of its own, SQLite's options."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def local_secret(data_dir: Path, production: bool) -> str:
    """The secret key kept in `data_dir`, made at first use; in production empty, which a check
    refuses.

    Every process of one machine must agree on the key, since it signs sessions and cursors.
    """
    if production:
        return ""
    try:
        return _kept_secret(data_dir)
    except OSError as error:
        raise ImproperlyConfigured(
            f"STEPWISE_DATA={data_dir} must be a directory that can be written: {error.strerror}."
        ) from None


def _kept_secret(data_dir: Path) -> str:
    path = data_dir / "secret_key"
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = data_dir / f".secret_key.{os.getpid()}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
        # A link appears whole or not at all, so two processes starting together agree on one key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def embedded_database() -> dict[str, Any]:
    """SQLite's settings: WAL so that readers never wait, IMMEDIATE so that writers queue instead of
    failing, FULL so that an answered report survives a power cut."""
    return {
        "ENGINE": "backend.core.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                "PRAGMA secure_delete=ON;"
            ),
        },
    }
