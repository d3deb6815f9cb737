"""The tables of an export as CSV (RFC 4180, UTF-8): one file for each, a header, a row for each."""

import csv
import io
import json
from typing import Any

from exercises.reports.record.listing import Kind

# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cells(kind: Kind) -> list[str]:
    """The names of the columns."""
    return ["number", *kind.fields] if kind.numbered else [*kind.fields]


def csv_of(kind: Kind, rows: list[dict[str, Any]]) -> bytes:
    """The file of one table. Nothing is an empty cell, a value that is no plain one JSON text; a
    text that a spreadsheet would carry out has an apostrophe in front."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    names = cells(kind)
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else json.dumps(value, sort_keys=True)
