"""The archive of an export: documents, tables, the FHIR bundle, and the schema of each."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from typing import Any

import msgspec

from exercises.reports.fhir.bundle import bundle
from exercises.reports.fhir.elements import VERSION as FHIR
from exercises.reports.record.listing import listing
from exercises.reports.record.schemas import csvw, json_schema
from exercises.reports.record.tables import csv_of

RECORD, MANIFEST = "record.json", "manifest.json"
Document = dict[str, Any]


def pack(record: Document, traces: Document, made_at: datetime) -> bytes:
    """The zip of both documents as `rows.read_record` gives them."""
    files = dict(_files(record, traces))
    manifest = {
        "made_at": record["made_at"],
        "product": record["product"],
        "patient": record["patient"],
        "record_version": record["version"],
        "fhir_version": FHIR,
        "files": [
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        ],
    }
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in (("README.txt", _readme()), (MANIFEST, _json(manifest))):
            archive.writestr(_entry(name, made_at), content)
        for name, content in files.items():
            archive.writestr(_entry(name, made_at), content)
    return stored.getvalue()


def _files(record: Document, traces: Document) -> Iterator[tuple[str, bytes]]:
    found = listing()
    yield RECORD, _json(record)
    yield "record.schema.json", _json(json_schema("Record", "record", found.record, found))
    yield "traces.json", _json(traces)
    yield "traces.schema.json", _json(json_schema("Traces", "traces", found.traces, found))
    for name, kind in found.record.items():
        yield f"csv/{name}.csv", csv_of(kind, record["record"][name])
    for name, kind in found.traces.items():
        yield f"csv/{name}.csv", csv_of(kind, traces["traces"][name])
    yield "csv/csv-metadata.json", _json(csvw(found.record | found.traces))
    yield "fhir/bundle.json", _json(bundle(record))


def _json(document: Document) -> bytes:
    # The keys sorted: the two databases keep those of JSON columns in orders of their own.
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1)


def _readme() -> bytes:
    return (resources.files("exercises.reports") / "content" / "export.txt").read_bytes()


def _entry(name: str, made_at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, made_at.utctimetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
