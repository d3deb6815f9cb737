"""The archive: a zip with the database's dump and `manifest.json`. It holds no secret of the
configuration; of SECRET_KEY it holds a check value, by which a restore sees that it has the same."""

import contextlib
import hashlib
import hmac
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
from django.conf import settings

from backend.core.backups.errors import BackupFailed
from backend.core.backups.tables import TableState

FORMAT = 1
MANIFEST, DUMP = "manifest.json", "database"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds and what made it. `made_at` is the instant of its state, ISO 8601 in UTC;
    `key_check` a keyed hash that is the same under the same SECRET_KEY; `facts` what apps say of
    the database, such as its sync epoch."""

    format: int
    made_at: str
    product: str
    database: str
    database_version: str
    tool_version: str
    key_check: str
    migrations: list[str]
    facts: dict[str, str]
    tables: dict[str, TableState]
    dump_sha256: str
    dump_bytes: int


def key_check() -> str:
    """Tells one SECRET_KEY from another, and nothing else about it."""
    message = b"stepwise backup key check"
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()[:16]


def write(target: Path, manifest: Manifest, dump: Path) -> None:
    """Puts both into `target`, readable by its owner alone; it appears whole or not at all."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
                archive.write(dump, DUMP)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def read_manifest(source: Path) -> Manifest:
    """The manifest of an archive; raises `BackupFailed` where it is none that we can read."""
    with _opened(source) as archive:
        try:
            manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
        except (KeyError, msgspec.DecodeError, zipfile.BadZipFile):
            raise BackupFailed(f"{source} is not a backup of Stepwise, or is damaged.") from None
    if manifest.format != FORMAT:
        raise BackupFailed(
            f"{source} has the format {manifest.format}; this version reads {FORMAT}."
        )
    return manifest


def extract(source: Path, manifest: Manifest, target: Path) -> None:
    """Writes the dump to `target` and compares it with the manifest; raises `BackupFailed`."""
    with _opened(source) as archive, target.open("xb") as file:
        target.chmod(0o600)
        try:
            with archive.open(DUMP) as packed:
                shutil.copyfileobj(packed, file, 1 << 20)
        except (KeyError, zipfile.BadZipFile, EOFError):
            raise BackupFailed(f"{source} is damaged: its database cannot be read.") from None
    if sha256(target) != manifest.dump_sha256:
        raise BackupFailed(f"{source} is damaged: its database is not the one of its manifest.")


def sha256(path: Path) -> str:
    """The hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(source)
    except FileNotFoundError:
        raise BackupFailed(f"There is no file {source}.") from None
    except (OSError, zipfile.BadZipFile):
        raise BackupFailed(f"{source} is not a backup of Stepwise, or is damaged.") from None
    with archive:
        yield archive
