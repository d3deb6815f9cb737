"""The record behind the scripted server: what Stepwise does with pushes and pulls, in memory.

It knows one patient, checks little of what a fact says, and judges nothing; what became of an op,
what a pull serves and when a cursor is no longer good are as in the real one, which the transcripts
show.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from conformance.store import FACTS, Key, checksum_of

DOCUMENTS = frozenset({"profile", "visit"})
MOST_OPS = 500
Body = dict[str, Any]


class StartOver(Exception):
    """A cursor that is no longer good, with the reason."""


class TooMany(Exception):
    """More ops than one push may hold."""


@dataclass
class Served:
    """An object as a pull serves it; without data it is a tombstone."""

    rev: int
    data: Body | None
    digest: str = ""


@dataclass
class Record:
    """One patient's record. `hidden` are changes that the next pulls leave out, as a bug would."""

    rev: int = 0
    epoch: str = field(default_factory=lambda: uuid4().hex)
    consent: str = "1"
    objects: dict[Key, Served] = field(default_factory=dict)
    rejected: dict[Key, str] = field(default_factory=dict)
    sent: dict[str, Body] = field(default_factory=dict)
    hidden: set[Key] = field(default_factory=set)

    # --- what the scenarios do on the server's side --------------------------------------------

    def put(self, entity: str, object_id: str, data: Body) -> None:
        """Writes an object, as a therapist or another phone would."""
        self.rev += 1
        whole = {**data, "id": object_id, "rev": self.rev}
        self.objects[entity, object_id] = Served(self.rev, whole)

    def remove(self, entity: str, object_id: str) -> None:
        """Leaves a tombstone."""
        self.rev += 1
        self.objects[entity, object_id] = Served(self.rev, None)

    def restore(self, earlier: "Record") -> None:
        """Goes back to an earlier state, as a backup brings it, in a new epoch."""
        self.rev, self.epoch = earlier.rev, uuid4().hex
        self.objects = dict(earlier.objects)
        self.rejected, self.sent = dict(earlier.rejected), dict(earlier.sent)

    def copy(self) -> "Record":
        """The state as it is now."""
        return Record(
            rev=self.rev,
            epoch=self.epoch,
            consent=self.consent,
            objects=dict(self.objects),
            rejected=dict(self.rejected),
            sent=dict(self.sent),
        )

    def held(self) -> dict[Key, int]:
        """What a phone that is up to date holds: the revision of each object."""
        return {key: item.rev for key, item in self.objects.items() if item.data is not None}

    # --- the doors -----------------------------------------------------------------------------

    def push(self, body: Body) -> Body:
        """Takes a push in; raises `TooMany`."""
        ops = body["ops"]
        if len(ops) > MOST_OPS:
            raise TooMany
        results = [{"index": index, **self._take(op)} for index, op in enumerate(ops)]
        return {"results": results, "advice": []}

    def pull(self, cursor: str | None, limit: int) -> Body:
        """One page; raises `StartOver`."""
        after = self._read(cursor) if cursor else 0
        newer = sorted(
            (item.rev, key, item) for key, item in self.objects.items() if item.rev > after
        )
        page = newer[:limit]
        last = page[-1][0] if page else max(after, 0)
        answer: Body = {
            "changes": [_change(key, item) for _, key, item in page if key not in self.hidden],
            "cursor": json.dumps([self.epoch, self.consent, last]),
            "more": len(newer) > limit,
        }
        if not answer["more"]:
            answer["checksum"] = checksum_of(self.held())
        return answer

    def repair(self, rejection_id: str, body: Body) -> tuple[int, Body]:
        """Takes corrected content for what was rejected."""
        row = self.objects.get(("rejection", rejection_id))
        if row is None:
            return 404, {"code": "not_found"}
        sent = self.sent[rejection_id]
        op = {"type": sent["type"], "id": sent["id"], **body}
        if problem := _problem(op):
            return 400, problem
        held = self.objects.get((op["type"], op["id"]))
        if held is not None and held.digest != _digest(op):
            return 409, {"code": "different_content"}
        status, rev = self._store_fact(op)
        if row.data is not None:
            self.remove("rejection", rejection_id)
        return 200, {"rejection": rejection_id, "id": op["id"], "rev": rev, "status": status}

    def _take(self, op: Body) -> Body:
        said = {"op_id": op.get("op_id", "")}
        if problem := _problem(op):
            return said | self._keep(op, problem)
        if op["type"] in DOCUMENTS:
            return said | self._edit(op)
        status, rev = self._store_fact(op)
        return said | {"status": status, "rev": rev}

    def _store_fact(self, op: Body) -> tuple[str, int]:
        entity, object_id, data = op["type"], op["id"], op["data"]
        if entity == "retract":
            entity = "retraction"
            data = {**data, "target": object_id}
            object_id = str(uuid5(NAMESPACE_OID, object_id))
        held = self.objects.get((entity, object_id))
        if held is not None:
            return "duplicate", held.rev
        self.put(entity, object_id, data)
        self.objects[entity, object_id].digest = _digest(op)
        return "applied", self.rev

    def _edit(self, op: Body) -> Body:
        key = (op["type"], op["id"])
        held, digest = self.objects.get(key), _digest(op)
        if held is not None and held.data is None:
            return {"status": "discarded", "rev": held.rev, "problem": {"code": "deleted"}}
        if held is not None and held.digest == digest:
            return {"status": "duplicate", "rev": held.rev}
        if held is not None and op.get("base_rev") != held.rev:
            problem = {"code": "stale", "current": held.data}
            return {"status": "conflict", "rev": held.rev, "problem": problem}
        self.put(*key, op["data"])
        self.objects[key].digest = digest
        return {"status": "applied", "rev": self.rev}

    def _keep(self, op: Body, problem: Body) -> Body:
        key = (str(op.get("id")), _digest(op))
        if key not in self.rejected:
            name = self.rejected[key] = str(uuid4())
            self.sent[name] = {"type": op.get("type"), "id": op.get("id")}
            row = {"type": op.get("type"), "object": op.get("id"), "problem": problem}
            self.put("rejection", name, row)
        row_id = self.rejected[key]
        held = self.objects["rejection", row_id]
        status = "quarantined" if held.data is not None else "discarded"
        return {"status": status, "rev": held.rev, "problem": {**problem, "rejection": row_id}}

    def _read(self, cursor: str) -> int:
        try:
            epoch, consent, rev = json.loads(cursor)
        except (ValueError, TypeError):
            raise StartOver("unreadable") from None
        if epoch != self.epoch:
            raise StartOver("restored")
        if consent != self.consent:
            raise StartOver("consent_changed")
        if rev > self.rev:
            raise StartOver("ahead")
        return int(rev)


def _change(key: Key, item: Served) -> Body:
    change: Body = {"rev": item.rev, "entity": key[0], "id": key[1]}
    if item.data is None:
        return change | {"op": "tombstone"}
    return change | {"op": "upsert", "data": item.data}


def _problem(op: Body) -> Body | None:
    type_, data = op.get("type"), op.get("data")
    if type_ not in FACTS | DOCUMENTS | {"retract"}:
        return {"code": "unknown_type", "detail": "The server does not know this type of op."}
    score = data.get("score", 0) if isinstance(data, dict) else None
    if type_ == "pain_report" and not (isinstance(score, int) and 0 <= score <= 10):
        return {"code": "invalid", "detail": "A score is a whole number from 0 to 10."}
    return None


def _digest(op: Body) -> str:
    said = json.dumps([op.get("type"), op.get("data")], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
