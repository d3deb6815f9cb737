"""The facts of a record as a pull sends them: the bulk of it, so PostgreSQL writes their JSON itself.

`in_words` is the clear way, and SQLite's; `from_database` gives the same bytes. The stored JSON goes
out as it is: nothing of it is read but the answers of questionnaires.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from backend.core.prepared import rows_of_native
from backend.core.wire import encode
from exercises.sync.feed import Change, Window, hyphenated
from exercises.sync.questionnaire_wire import score_view
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.scoring import score
from exercises.tracking.models import Fact, FactType

_WRITTEN = """
SELECT rev, '{"rev":' || rev || ',"entity":"' || type || '","id":"' || id
    || '","op":"upsert","data":' || data::text || E'\\n,"id":"' || id || '","rev":' || rev
    || ',"received_at":"'
    || replace(to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        '.000000', '')
    || CASE WHEN date_disagrees THEN '","date_disagrees":true' ELSE '","date_disagrees":false' END
    || coalesce(',"retracted_by":"' || retracted_by || '"', '')
    || coalesce(',"amended_by":"' || amended_by || '"', '') || '}}'
FROM tracking_fact WHERE patient_id = {} AND rev > {} AND rev <= {} ORDER BY rev
LIMIT {}
"""
_NATIVE, _SQL = _WRITTEN.replace("{}", "$%d") % (1, 2, 3, 4), _WRITTEN.replace("{}", "%s")
_IS_FORM = f'"entity":"{FactType.QUESTIONNAIRE}"'
_AHEAD = 60


def facts(window: Window, most: int) -> Sequence[Change]:
    """The first facts of the window, in order."""
    if connection.vendor == "postgresql":
        return from_database(window, most)
    return [*in_words(window, most)]


def from_database(window: Window, most: int) -> list[Change]:
    """The same as the database writes it."""
    number = connection.ops.adapt_integerfield_value
    bounds = [number(bound, "BigIntegerField") for bound in (window.after, window.upto, most)]
    found = rows_of_native(_NATIVE, _SQL, [window.patient.pk, *bounds])
    return [Change(rev, _whole(text)) for rev, text in found]


def _whole(written: str) -> str:
    # JSON has no line break of its own: this one stands where the stored object ends.
    text = written.replace("}\n", "", 1)
    if _IS_FORM not in text[:_AHEAD]:
        return text
    return f"{text[:-2]}{_score(json.loads(text)['data'])}}}}}"


def in_words(window: Window, most: int) -> Iterator[Change]:
    """The same, row by row."""
    rows = (
        Fact.objects.filter(patient=window.patient, rev__gt=window.after, rev__lte=window.upto)
        .order_by("rev")
        .values_list(
            "type",
            _text("id"),
            "rev",
            _text("received_at"),
            "date_disagrees",
            _text("retracted_by"),
            _text("amended_by"),
            _text("data"),
        )
    )[:most]
    at: dict[str, str] = {}
    for type_, raw_id, rev, received_at, disagrees, retracted_by, amended_by, data in rows:
        id_ = hyphenated(raw_id)
        if received_at not in at:
            at[received_at] = _instant(received_at)
        more = _pointer("retracted_by", retracted_by) + _pointer("amended_by", amended_by)
        if type_ == FactType.QUESTIONNAIRE:
            more += _score(json.loads(data))
        yield Change(
            rev,
            f'{{"rev":{rev},"entity":"{type_}","id":"{id_}","op":"upsert","data":{data[:-1]},'
            f'"id":"{id_}","rev":{rev},"received_at":{at[received_at]},'
            f'"date_disagrees":{"true" if disagrees else "false"}{more}}}}}',
        )


def _text(column: str) -> Cast:
    # As text, a column costs no conversion.
    return Cast(column, TextField())


def _instant(text: str) -> str:
    found = datetime.fromisoformat(text)
    return encode(found if found.tzinfo else found.replace(tzinfo=UTC)).decode()


def _pointer(name: str, object_id: str | None) -> str:
    return f',"{name}":"{hyphenated(object_id)}"' if object_id else ""


def _score(form: dict[str, Any]) -> str:
    instrument = instruments().offered.get(form["instrument"])
    if instrument is None:
        return ""
    found = score_view(instrument, score(instrument, form["answers"]))
    return f',"score":{encode(found).decode()}'
