"""The patients who write in the rows of writing: enough of them that nobody reports more in a day than
a person does, or catches up on two weeks a second time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from backend.core.ids import uuid7
from backend.core.localtime import local_date
from bench.load import Request, answer
from bench.people import ZONE, History, Phone, pain_report
from bench.phones import Stand

OPS, REPLAYED, DAYS = 100, 20, 14
# What people type and paste; every path must keep it as it is.
NOTES = (
    "After the stairs.",
    "",
    "Robert'); DROP TABLE tracking_fact;-- \\ \" %s {} $1",
    "🦵 très mal,\n\tsiehe oben \u202e gnal uz",
)


@dataclass
class Writers:
    """So many phones of patients with this history, made when first wanted; each has synced once. They go
    on reporting the pain that they had."""

    stand: Stand
    history: History
    size: int
    _phones: list[Phone] = field(default_factory=list)
    _turns: dict[str, Iterator[int]] = field(default_factory=dict)

    def next(self, kind: str) -> Phone:
        """The phone whose turn it is with what is sent of this kind."""
        if not self._phones:
            self._make()
        turn = next(self._turns.setdefault(kind, count()))
        return self._phones[turn % self.size]

    def _make(self) -> None:
        for _ in range(self.size):
            self._phones.append(self.stand.admit(self.history))
            answer(self.stand.ours.port, _push(self._phones[-1], self, ops=0))
        self.stand.settle()


def puts(writers: Writers, number: int) -> list[Request]:
    """Single reports of now; one in twenty is sent a second time."""
    stand, found = writers.stand, list[Request]()
    for place in range(number):
        if place % REPLAYED == REPLAYED - 1:
            found.append(found[-1])
            continue
        phone, score = writers.next("put"), writers.history.score
        body = pain_report(stand.now, stand.day, score)
        body["note"] = NOTES[place % len(NOTES)]
        path = f"/api/v1/me/pain-reports/{uuid7()}"
        found.append(Request("PUT", path, phone.headers, json.dumps(body)))
    return found


def pushes(writers: Writers, number: int, kind: str = "push") -> list[Request]:
    """Outboxes of two weeks; each names one of its reports twice. Those of another `kind` go to somebody
    else than the product, and take no turns of its phones."""
    return [_push(writers.next(kind), writers) for _ in range(number)]


def _push(phone: Phone, writers: Writers, ops: int = OPS) -> Request:
    stand = writers.stand
    sent = [_op(place, stand, writers.history.score) for place in range(ops)]
    sent[-1:] = [{**op, "op_id": f"op-{uuid7()}"} for op in sent[:1]]
    body = {"device_id": "bench", "device_time": stand.now.isoformat(), "ops": sent}
    return Request("POST", "/api/v1/sync/push", phone.headers, json.dumps(body))


def _op(place: int, stand: Stand, score: int) -> dict[str, object]:
    instant = stand.now - timedelta(days=place % DAYS, minutes=place)
    data = pain_report(instant, local_date(instant, ZONE), score)
    data["site"] = ("knee", "leg", "back")[place % 3]
    data["note"] = NOTES[place % len(NOTES)]
    op_id, report_id = f"op-{uuid7()}", str(uuid7())
    return {"op_id": op_id, "type": "pain_report", "id": report_id, "data": data}
