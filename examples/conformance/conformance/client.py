"""The reference phone: records offline, pushes, pulls, and ends up holding what the server holds.

    phone = Phone(Store(device_id="..."), call)
    phone.record("pain_report", {...})      # at once, without a network
    phone.sync()                            # whenever there is one

`call(method, path, body)` speaks to `/api/v1/` and returns the status and the JSON body; it raises
`NoAnswer` where none came, which says nothing about whether the request arrived.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from conformance.store import FACTS, WRITTEN, Conflict, Held, Key, Op, Store, as_sent

Call = Callable[[str, str, dict[str, Any] | None], tuple[int, dict[str, Any]]]

MOST_OPS = 500
MOST_BYTES = 480 * 1024  # a little below what the server takes, for the envelope


class NoAnswer(Exception):
    """No answer came. The request may have been carried out: it is sent again as it was."""


class Later(Exception):
    """The server asks to come back (429 or 5xx); everything is kept."""


class Refused(Exception):
    """The server refuses the request as a whole; a matter for the developer or for signing in."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}")
        self.status = status
        self.problem = problem


class Diverged(Exception):
    """Even a copy made from the beginning has another checksum: a bug, on one side or the other."""


def _keep_in_memory(_store: Store) -> None:
    """For a phone that may forget."""


def _now() -> datetime:
    return datetime.now(UTC)


class Phone:
    """One device of one patient. `save` is called wherever the store must be made durable."""

    def __init__(
        self,
        store: Store,
        call: Call,
        *,
        clock: Callable[[], datetime] = _now,
        new_id: Callable[[], str] = lambda: str(uuid4()),
        save: Callable[[Store], None] = _keep_in_memory,
        page: int = 500,
    ) -> None:
        self.store = store
        self._call = call
        self._clock = clock
        self._new_id = new_id
        self._save = save
        self._page = page

    # --- what the person does; none of it needs a network ----------------------------------

    def record(self, type_: str, data: dict[str, Any], object_id: str | None = None) -> str:
        """Records a fact; its id."""
        fact_id = object_id or self._new_id()
        self._queue(Op(self._op_id(), type_, fact_id, data))
        return fact_id

    def amend(self, type_: str, fact_id: str, data: dict[str, Any]) -> str:
        """Corrects a fact by another; the id of that."""
        return self.record(type_, {**data, "amends": fact_id})

    def retract(self, fact_id: str, data: dict[str, Any]) -> None:
        """Withdraws a fact; `data` says when, and for symptoms `confirmed_none`."""
        self._queue(Op(self._op_id(), "retract", fact_id, data))

    def edit(self, type_: str, object_id: str, data: dict[str, Any]) -> None:
        """Edits a document, or makes a new one."""
        pending = [op for op in self.store.outbox if (op.type, op.id) == (type_, object_id)]
        if pending and not pending[-1].attempted:
            # Nobody has seen the earlier edit yet: this one takes its place.
            pending[-1].data = data
            self._save(self.store)
            return
        held = self.store.objects.get((type_, object_id))
        op = Op(self._op_id(), type_, object_id, data, base_rev=held.rev if held else None)
        if pending:
            op.follows = pending[-1].op_id
        self._queue(op)

    # --- the loop ---------------------------------------------------------------------------

    def sync(self) -> None:
        """Pushes all that waits, pulls all that is new, and checks the copy. May be called at any
        time and any number of times."""
        self.push()
        self.pull()
        if self.store.outbox:  # a server that was restored was given back what it had lost
            self.push()
            self.pull()

    def push(self) -> None:
        """Sends the outbox, batch by batch, until nothing of it can be sent."""
        while batch := self._batch():
            for op in batch:
                op.attempted = True
            self._save(self.store)
            answer = self._send("POST", "sync/push", self._push_body(batch))
            for op, result in zip(batch, answer["results"], strict=True):
                self._settle(op, result)
            self.store.advice = answer["advice"] or self.store.advice
            self._save(self.store)

    def pull(self) -> None:
        """Brings the copy up to date; starts over where the server says so, or the checksum does."""
        try:
            matches = self._pull_to_end()
        except Refused as refused:
            if refused.status != 410:
                raise
            self._start_over(restored=refused.problem["reason"] == "restored")
            matches = self._pull_to_end()
        if not matches:
            self._start_over(restored=False)
            if not self._pull_to_end():
                raise Diverged
        self._heal()

    # --- what could not be accepted ---------------------------------------------------------

    def rejections(self) -> dict[str, dict[str, Any]]:
        """What waits to be repaired or discarded, by the id of the rejection."""
        held = self.store.objects.items()
        return {key[1]: item.data for key, item in held if key[0] == "rejection"}

    def repair(self, rejection_id: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Sends corrected content (`id=` where the id was taken, `type=` where it was wrong)."""
        body = {"data": data, **more}
        return self._send("POST", f"sync/rejections/{rejection_id}/repair", body)

    def discard(self, rejection_id: str) -> None:
        """Gives up what could not be accepted."""
        self._send("POST", f"sync/rejections/{rejection_id}/discard", None)

    # --- inside -----------------------------------------------------------------------------

    def _queue(self, op: Op) -> None:
        self.store.outbox.append(op)
        self._save(self.store)

    def _op_id(self) -> str:
        self.store.counter += 1
        return f"{self.store.device_id}.{self.store.counter}"

    def _batch(self) -> list[Op]:
        batch: list[Op] = []
        size = 0
        for op in self.store.outbox:
            if op.follows is not None:
                continue
            size += len(json.dumps(op.as_sent())) + 2
            if batch and (len(batch) == MOST_OPS or size > MOST_BYTES):
                break
            batch.append(op)
        return batch

    def _push_body(self, batch: list[Op]) -> dict[str, Any]:
        return {
            "device_id": self.store.device_id,
            "device_time": self._clock().isoformat(),
            "ops": [op.as_sent() for op in batch],
        }

    def _settle(self, op: Op, result: dict[str, Any]) -> None:
        """Every op leaves the outbox with its result: none is ever sent for ever."""
        self.store.outbox.remove(op)
        op.rev = result.get("rev")
        later = next((item for item in self.store.outbox if item.follows == op.op_id), None)
        if later is not None:
            later.follows = None
        if result["status"] in ("applied", "duplicate"):
            self.store.sent.append(op)
            if later is not None:
                later.base_rev = op.rev
        elif result["status"] == "conflict":
            self._lose(op, result["problem"].get("current"))

    def _lose(self, op: Op, current: dict[str, Any] | None) -> None:
        self.store.conflicts.append(Conflict(op.type, op.id, op.data, current))
        if current is not None:
            self.store.objects[op.type, op.id] = Held(current["rev"], current)

    def _pull_to_end(self) -> bool:
        """Pulls page by page; whether the copy has the checksum that it should have."""
        while True:
            asked = {"limit": self._page, "device_id": self.store.device_id}
            if self.store.cursor is not None:
                asked["cursor"] = self.store.cursor
            answer = self._send("GET", f"sync/pull?{urlencode(asked)}", None)
            for change in answer["changes"]:
                self._apply(change)
            self.store.cursor = answer["cursor"]
            self._save(self.store)
            if not answer["more"]:
                matches: bool = answer["checksum"] == self.store.checksum()
                return matches

    def _apply(self, change: dict[str, Any]) -> None:
        key: Key = (change["entity"], change["id"])
        if change["op"] == "tombstone":
            self.store.objects.pop(key, None)
        else:
            self.store.objects[key] = Held(change["rev"], change["data"])

    def _start_over(self, *, restored: bool) -> None:
        """The copy is set aside, not thrown away: a restored server may lack some of it."""
        store = self.store
        if store.before is None:
            store.before = store.objects
        store.objects, store.cursor = {}, None
        store.restored = store.restored or restored
        self._save(store)

    def _heal(self) -> None:
        """Gives a restored server back what it has lost, and forgets what is safe."""
        store = self.store
        if store.restored:
            store.outbox = [*self._lost(), *store.outbox]
        store.sent = [op for op in store.sent if not store.restored and not self._is_back(op)]
        store.before, store.restored = None, False
        self._save(store)

    def _lost(self) -> list[Op]:
        """Ops for what was accepted once and is not in the new copy. What is there, but was written
        otherwise, is for the person to decide: nobody can tell which of the two is newer."""
        lost = []
        for (entity, object_id), held in (self.store.before or {}).items():
            now, mine = self.store.objects.get((entity, object_id)), as_sent(entity, held.data)
            if now is None and (entity in FACTS or entity == "visit"):
                lost.append(Op(self._op_id(), entity, object_id, mine))
            elif now is not None and entity in WRITTEN and as_sent(entity, now.data) != mine:
                self.store.conflicts.append(Conflict(entity, object_id, mine, now.data))
        known = {(op.type, op.id) for op in lost}
        for op in self.store.sent:
            if not self._is_back(op) and (op.type, op.id) not in known:
                base = self._base_of(op)
                lost.append(Op(self._op_id(), op.type, op.id, op.data, base_rev=base))
        return lost

    def _is_back(self, op: Op) -> bool:
        """Whether what was accepted has been pulled."""
        if op.type == "retract":
            return any(
                key[0] == "retraction" and held.data["target"] == op.id
                for key, held in self.store.objects.items()
            )
        held = self.store.objects.get((op.type, op.id))
        return held is not None and (op.type in FACTS or held.rev >= (op.rev or 0))

    def _base_of(self, op: Op) -> int | None:
        held = self.store.objects.get((op.type, op.id))
        return held.rev if held and op.type not in FACTS else None

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        status, answer = self._call(method, path, body)
        if status == 429 or status >= 500:
            raise Later
        if status >= 400:
            raise Refused(status, answer)
        return answer
