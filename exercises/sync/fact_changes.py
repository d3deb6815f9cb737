"""The facts of a record as a pull sends them: the bulk of it.

The stored JSON goes out as the text that it is, with what the server adds put behind it; nothing of
it is read but the answers of questionnaires. `view_of` says the same the clear way, and
`tests/exercises/sync/test_pull_histories.py` compares the two.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection

from backend.core.prepared import rows_of
from backend.core.wire import encode
from exercises.sync.feed import Change, Window, adapted, hyphenated
from exercises.sync.questionnaire_wire import score_view
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.scoring import score
from exercises.tracking.models import Fact, FactType

# As text a column costs no conversion.
_SQL = f"""
SELECT rev, type, CAST(id AS text), CAST(received_at AS text), date_disagrees,
    CAST(retracted_by AS text), CAST(amended_by AS text), data
FROM {Fact._meta.db_table} WHERE patient_id = %s AND rev > %s AND rev <= %s ORDER BY rev
LIMIT %s
"""  # noqa: S608  (our own table)
_FORM = FactType.QUESTIONNAIRE.value
_TO_MICROSECONDS = len("2026-05-04 08:00:00.250000")


def facts(window: Window, most: int) -> list[Change]:
    """The first facts of the window, in order."""
    number = connection.ops.adapt_integerfield_value
    bounds = [number(bound, "BigIntegerField") for bound in (window.after, window.upto, most)]
    rows = rows_of(_SQL, [adapted(window.patient.pk), *bounds])
    at: dict[str, str] = {}
    changes = []
    for rev, type_, raw_id, received_at, disagrees, retracted_by, amended_by, data in rows:
        id_ = hyphenated(raw_id)
        instant = at.get(received_at) or at.setdefault(received_at, as_json(received_at))
        more = "true" if disagrees else "false"
        if retracted_by or amended_by:
            more += _pointer("retracted_by", retracted_by) + _pointer("amended_by", amended_by)
        if type_ == _FORM:
            more += _score(data)
        encoded = (
            f'{{"rev":{rev},"entity":"{type_}","id":"{id_}","op":"upsert","data":'
            f'{data.rstrip()[:-1]},"id":"{id_}","rev":{rev},"received_at":{instant},'
            f'"date_disagrees":{more}}}}}'
        )
        changes.append(Change(rev, encoded))
    return changes


def as_json(text: str) -> str:
    """An instant as JSON, of the text that the database writes of it."""
    bare = text.removesuffix("+00")
    if len(bare) == _TO_MICROSECONDS and bare[20:].isdigit():
        return f'"{bare[:10]}T{bare[11:]}Z"'
    found = datetime.fromisoformat(text)
    return encode(found if found.tzinfo else found.replace(tzinfo=UTC)).decode()


def _pointer(name: str, object_id: str | None) -> str:
    return f',"{name}":"{hyphenated(object_id)}"' if object_id else ""


def _score(written: str) -> str:
    form: dict[str, Any] = msgspec.json.decode(written)
    instrument = instruments().offered.get(form["instrument"])
    if instrument is None:
        return ""
    found = score_view(instrument, score(instrument, form["answers"]))
    return f',"score":{encode(found).decode()}'
