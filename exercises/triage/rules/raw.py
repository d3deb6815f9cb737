"""Reads red flags out of a report that is otherwise not valid (pure).

A wrong field must never hide a symptom: what names a known symptom and does not say `present:
false` counts as present, and an attribute that cannot be read is unknown, which rules read as new.
Nothing here raises, whatever the JSON.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from exercises.triage.rules.engine import Evaluation, evaluate
from exercises.triage.rules.literals import BLANKS, instant_of
from exercises.triage.rules.pack import RulePack
from exercises.triage.rules.record import Record, SymptomFact
from exercises.triage.rules.vocabulary import Vocabulary

# As deep as a push may be (the API's own bound), so that whatever came in can be walked through.
MAX_DEPTH = 12
# A hundred times what a full report holds; the walk is not to be made endless (proposed).
MAX_NODES = 20_000
# More than five times the vocabulary: nobody reports more in one go (proposed).
MAX_SYMPTOMS = 200
# Three times the longest code; the rest is for blanks around it (proposed).
MAX_CODE_LENGTH = 64
# A clock that runs ahead does not make a report come from the future: it may be a zone ahead.
MOST_AHEAD = timedelta(hours=24)
# A symptom that was asked about and denied is named here, and not present.
DENIED = "answered_no"
# Members that speak of a symptom that is named elsewhere, or in the patient's own words.
SKIPPED = frozenset({DENIED, "attrs", "note"})
LISTS = frozenset({"symptoms", "symptom"})

Found = tuple[str, Mapping[str, object]]


def judge_raw(raw: object, *, record: Record, source_id: str, pack: RulePack) -> Evaluation:
    """Evaluates a record as if the recognisable symptoms of `raw` had been reported by it."""
    symptoms = read_symptoms(
        raw, source_id=source_id, received_at=record.now, vocabulary=pack.vocabulary
    )
    return evaluate(replace(record, symptoms=(*record.symptoms, *symptoms)), pack)


def read_symptoms(
    raw: object, *, source_id: str, received_at: datetime, vocabulary: Vocabulary
) -> tuple[SymptomFact, ...]:
    """The symptoms that any JSON value names; () if none. Unreadable times are `received_at`."""
    occurred_at = _instant(raw, received_at)
    found = list(_Reader(vocabulary).read(raw))[:MAX_SYMPTOMS]
    return tuple(
        SymptomFact(
            source_id=source_id,
            order=order,
            code=code,
            present=True,
            attrs=attrs,
            occurred_at=occurred_at,
            local_date=occurred_at.date(),
            received_at=received_at,
        )
        for order, (code, attrs) in enumerate(found)
    )


class _Reader:
    """Walks a JSON value, no deeper and no longer than the bounds."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._nodes = 0

    def read(self, value: object, depth: int = 0, *, in_list: bool = False) -> Iterator[Found]:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            return
        if isinstance(value, str) and in_list:
            code = self._code(value)
            if code:
                yield code, {}
        elif isinstance(value, list):
            for item in value:
                yield from self.read(item, depth + 1, in_list=in_list)
        elif isinstance(value, dict):
            yield from self._object(value, depth)

    def _object(self, value: dict[object, object], depth: int) -> Iterator[Found]:
        code = self._code(value.get("code"))
        if code and value.get("present") is not False:
            attrs = value.get("attrs")
            yield code, attrs if isinstance(attrs, dict) else {}
        for key, item in value.items():
            if key in SKIPPED:
                continue
            named = self._code(key)
            if named and item is not False and item is not None:
                yield from self._named(named, item)
            else:
                yield from self.read(item, depth + 1, in_list=key in LISTS)

    def _named(self, code: str, item: object) -> Iterator[Found]:
        """The symptom as the key: {"S-SADDLE": true} or {"S-SADDLE": {"present": true, ...}}."""
        if not isinstance(item, dict):
            yield code, {}
        elif item.get("present") is not False:
            attrs = item.get("attrs", item)
            yield code, attrs if isinstance(attrs, dict) else {}

    def _code(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > MAX_CODE_LENGTH:
            return ""
        code = value.strip(BLANKS).upper().replace("_", "-").replace(" ", "-")
        return code if code in self._vocabulary.codes else ""


def _instant(raw: object, received_at: datetime) -> datetime:
    """When the report says it happened, if it says so clearly."""
    told = instant_of(raw.get("occurred_at")) if isinstance(raw, dict) else None
    return received_at if told is None else min(told, received_at + MOST_AHEAD)
