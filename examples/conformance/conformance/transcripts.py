"""Golden transcripts: what a Stepwise server answers to pushes and pulls.

They are played on the scripted server and on real ones, so that what a client learns from the kit
holds outside it. Each is a function of a `Server`; it leaves a few reports in the patient's record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from conformance.client import Call
from conformance.kit import Verdict
from conformance.scenarios import Failed
from conformance.store import Held, Store

Body = dict[str, Any]


@dataclass
class Server:
    """The server under examination, signed in as a patient."""

    call: Call
    count: int = 0

    def op(self, type_: str, data: Body, object_id: str | None = None) -> Body:
        """An op with an id of its own."""
        self.count += 1
        return {
            "op_id": f"transcript.{uuid4().hex[:12]}.{self.count}",
            "type": type_,
            "id": object_id or str(uuid4()),
            "data": data,
        }

    def push(self, *ops: Body) -> list[Body]:
        """The results of a push that must be answered with 200."""
        body = {"device_id": "transcript", "device_time": _now(), "ops": [*ops]}
        status, answer = self.call("POST", "sync/push", body)
        _check(status == 200, f"a push was answered with {status}")
        results: list[Body] = answer["results"]
        _check([item["op_id"] for item in results] == [op["op_id"] for op in ops], "out of order")
        return results

    def pull(self, cursor: str | None = None, limit: int = 1000) -> Body:
        """One page of a pull that must be answered with 200."""
        status, answer = self.pull_status(cursor, limit)
        _check(status == 200, f"a pull was answered with {status}")
        return answer

    def pull_status(self, cursor: str | None, limit: int = 1000) -> tuple[int, Body]:
        """One page of a pull."""
        asked = {"limit": limit} | ({} if cursor is None else {"cursor": cursor})
        return self.call("GET", f"sync/pull?{urlencode(asked)}", None)


def one_by_one(server: Server) -> None:
    """A push answers for each op; sent again it changes nothing and says duplicate."""
    op = server.op("pain_report", _pain())
    (first,), (again,) = server.push(op), server.push(op)
    _check((first["status"], again["status"]) == ("applied", "duplicate"), f"{first} {again}")
    _check(first["rev"] == again["rev"], "the revision moved with a duplicate")


def one_bad_op_keeps_no_other_out(server: Server) -> None:
    """What cannot be accepted is kept as a rejection; the others of its push are applied."""
    ops = [server.op("pain_report", _pain(score)) for score in (3, 99, 5)]
    results = server.push(*ops)
    statuses = [result["status"] for result in results]
    _check(statuses == ["applied", "quarantined", "applied"], f"the statuses are {statuses}")
    rejection = results[1]["problem"]["rejection"]
    _check(("rejection", rejection) in _copy(server).objects, "a pull lacks the rejection")
    repair, right = f"sync/rejections/{rejection}/repair", {"data": _pain(6)}
    for expected in ("applied", "duplicate"):
        status, repaired = server.call("POST", repair, right)
        _check((status, repaired.get("status")) == (200, expected), f"repair: {status} {repaired}")
    held = _copy(server).objects
    _check(("rejection", rejection) not in held, "the rejection is still served")
    _check(("pain_report", ops[1]["id"]) in held, "the repaired report is not served")
    (late,) = server.push(ops[1])
    _check(late["status"] == "discarded", f"a repaired op sent again is {late['status']}")
    status, answer = server.call("POST", repair, {"data": _pain(7)})
    _check((status, answer["code"]) == (409, "different_content"), f"another repair is {status}")


def what_is_not_known_is_kept(server: Server) -> None:
    """An op of an unknown type is kept, not lost."""
    (result,) = server.push(server.op("hologram", {"shown": True}))
    _check(result["status"] == "quarantined", f"it is {result['status']}")
    _check(result["problem"]["code"] == "unknown_type", f"its code is {result['problem']['code']}")


def a_withdrawal_is_a_fact_too(server: Server) -> None:
    """A retraction names its report, and a pull serves it as an object of its own."""
    report = server.op("pain_report", _pain())
    when = {name: report["data"][name] for name in ("occurred_at", "tz")}
    first, second = server.push(report, server.op("retract", when, report["id"]))
    _check((first["status"], second["status"]) == ("applied", "applied"), f"{first} {second}")
    targets = [
        held.data["target"] for key, held in _copy(server).objects.items() if key[0] == "retraction"
    ]
    _check(report["id"] in targets, "a pull lacks the retraction")


def pages_end_with_a_checksum(server: Server) -> None:
    """Small pages give what one large page gives, and the last one's checksum is that of the copy."""
    server.push(*[server.op("pain_report", _pain()) for _ in range(7)])
    whole, paged = _copy(server), _copy(server, limit=3)
    _check(whole.objects.keys() == paged.objects.keys(), "pages of three give another copy")


def what_is_new_comes_after_the_cursor(server: Server) -> None:
    """A pull from the last cursor holds what was written since, and nothing else."""
    cursor = _copy(server).cursor
    op = server.op("pain_report", _pain())
    server.push(op)
    changes = server.pull(cursor)["changes"]
    named = [(change["entity"], change["id"]) for change in changes]
    _check(("pain_report", op["id"]) in named, f"the changes are {named}")
    revs = [change["rev"] for change in changes]
    _check(revs == sorted(revs), f"the revisions are {revs}")


def a_made_up_cursor_means_start_over(server: Server) -> None:
    """A cursor that the server did not write is answered with 410 and a reason."""
    status, problem = server.pull_status("made-up")
    said = (status, problem.get("code"), problem.get("reason"))
    _check(said == (410, "start_over", "unreadable"), f"it is answered with {said}")


def too_much_at_once_is_refused_whole(server: Server) -> None:
    """501 ops are refused with 413, and none of them is taken."""
    ops = [server.op("pain_report", _pain()) for _ in range(501)]
    body = {"device_id": "transcript", "device_time": _now(), "ops": ops}
    status, _ = server.call("POST", "sync/push", body)
    _check(status == 413, f"it is answered with {status}")
    _check(("pain_report", ops[0]["id"]) not in _copy(server).objects, "an op of it was taken")


TRANSCRIPTS: tuple[Callable[[Server], None], ...] = (
    one_by_one,
    one_bad_op_keeps_no_other_out,
    what_is_not_known_is_kept,
    a_withdrawal_is_a_fact_too,
    pages_end_with_a_checksum,
    what_is_new_comes_after_the_cursor,
    a_made_up_cursor_means_start_over,
    too_much_at_once_is_refused_whole,
)


def play(call: Call) -> list[Verdict]:
    """Plays every transcript on the server behind `call`."""
    return [_play(call, transcript) for transcript in TRANSCRIPTS]


def _play(call: Call, transcript: Callable[[Server], None]) -> Verdict:
    problem = ""
    try:
        transcript(Server(call))
    except (Failed, KeyError) as failure:
        problem = str(failure)
    return Verdict(transcript.__name__, " ".join((transcript.__doc__ or "").split()), problem)


def _copy(server: Server, limit: int = 1000) -> Store:
    store = Store(device_id="transcript")
    while True:
        page = server.pull(store.cursor, limit)
        for change in page["changes"]:
            if change["op"] == "upsert":
                key = (change["entity"], change["id"])
                store.objects[key] = Held(change["rev"], change["data"])
        store.cursor = page["cursor"]
        if not page["more"]:
            _check(page["checksum"] == store.checksum(), "the checksum is not that of the copy")
            return store


def _pain(score: int = 4) -> Body:
    return {
        "occurred_at": _now(),
        "tz": "UTC",
        "local_date": datetime.now(UTC).date().isoformat(),
        "site": "back",
        "kind": "worst24",
        "score": score,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise Failed(message)
