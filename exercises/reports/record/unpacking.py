"""Reads the file of an export: the archive, or its record.json alone."""

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import msgspec

from exercises.reports.record.archive import MANIFEST, RECORD
from exercises.reports.record.rows import FORMAT, VERSION

# Far above any record; what unpacks to more is no export.
MOST_BYTES = 512 * 1024 * 1024


class NotAnExport(Exception):
    """The file cannot be imported; the text says why."""


def read_file(path: Path) -> dict[str, Any]:
    """The record of an export. Raises `NotAnExport`."""
    try:
        content = _content(path)
        document = msgspec.json.decode(content)
    except FileNotFoundError:
        raise NotAnExport(f"There is no file {path}.") from None
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, msgspec.DecodeError):
        raise NotAnExport(f"{path} is not an export of Stepwise, or is damaged.") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotAnExport(f"{path} is not the record of an export.")
    if document.get("version") != VERSION:
        raise NotAnExport(
            f"{path} has version {document.get('version')} of the format; this server reads"
            f" {VERSION}."
        )
    if b"\\u0000" in content:
        raise NotAnExport(f"{path} holds a NUL character, which no export of ours does.")
    return document


def _content(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        if sum(one.file_size for one in archive.infolist()) > MOST_BYTES:
            raise NotAnExport(f"{path} is far larger than any export.")
        content = archive.read(RECORD)
        manifest = msgspec.json.decode(archive.read(MANIFEST))
    listed = {one["name"]: one["sha256"] for one in manifest["files"]}
    if hashlib.sha256(content).hexdigest() != listed[RECORD]:
        raise NotAnExport(f"{path} was changed: {RECORD} is not the one of its manifest.")
    return content
