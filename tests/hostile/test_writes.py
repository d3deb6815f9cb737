"""Whatever is sent to a write: a clear refusal, never a 500, and nothing half-written.

In the suite every write gets a handful and one write of each module the whole corpus, since they
read bodies by the same code; the drill `hostile` (STEPWISE_DRILL=1) gives everything to every write.
"""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.hostile import corpus
from tests.hostile.examples import EXAMPLES, Example
from tests.hostile.mutations import with_text, wrong_bodies
from tests.hostile.world import World, row_counts, taken_back, written_since
from tests.routes import api_doors

RETRIES = {"never", "later", "after_fix", "after_auth"}
Fault = tuple[str, str]
EVERYTHING = os.environ.get("STEPWISE_DRILL") == "1"
# A symptom that a refused report names all the same is kept, judged and answered.
JUDGED = "PUT me/symptom-reports/<uuid:fact_id>"
# A code that does not work is counted, whatever else is wrong with the request.
COUNTED = {"POST invitations/<str:code>/accept": {"accounts_limitbucket"}}
KEPT = {"tracking_quarantined", "triage_alert", "triage_alertevent", "triage_doctorprompt"}


def test_a_hostile_request_is_refused_and_writes_nothing(world: World) -> None:
    known: set[str] = set()

    def tried(route: str, example: Example) -> Iterator[Fault]:
        method = route.partition(" ")[0]
        few = is_known(module(route), known)
        who, path, valid, headers = world.request(example)
        left_out = example.may_be_left_out
        for attack in corpus.attacks(valid, few=few, may_be_left_out=left_out):
            answer = world.answer(
                who, method, path, attack.body, headers | attack.headers, attack.content_type
            )
            yield attack.name, fault(answer, attack.statuses)

    assert not (found := faults(tried)), found


def test_a_body_that_is_wrong_in_one_place_is_refused_and_writes_nothing(world: World) -> None:
    known: set[str] = set()

    def tried(route: str, example: Example) -> Iterator[Fault]:
        who, path, valid, headers = world.request(example)
        members = set() if EVERYTHING else known
        for name, body in wrong_bodies(json.loads(valid or b"{}"), example, members):
            answer = world.answer(who, route.partition(" ")[0], path, body, headers)
            yield name, fault(answer, (400,))

    assert not (found := faults(tried)), found


def test_hostile_headers_are_survived(world: World) -> None:
    known: set[str] = set()

    def tried(route: str, example: Example) -> Iterator[Fault]:
        method = route.partition(" ")[0]
        who, path, valid, headers = world.request(example)
        for name, odd in corpus.HEADERS.items():
            yield name, fault(world.answer(who, method, path, valid, headers | odd), (401,))
        if is_known(module(route), known):
            return
        for name, odd in corpus.ODD_HEADERS.items():
            yield name, fault(world.answer(who, method, path, b"[", headers | odd), (400,))

    assert not (found := faults(tried)), found


def test_odd_text_is_stored_and_served_as_it_was_sent(world: World) -> None:
    known: set[str] = set()
    wrong = []
    for route, example in EXAMPLES.items():
        few = not example.reads or (module(route) in known and not EVERYTHING)
        texts = {"mixed": corpus.MIXED} if few else corpus.VERBATIM
        for pointer in example.texts:
            known.add(module(route))
            for name, text in texts.items():
                if found := verbatim_fault(world, route, example, pointer, text):
                    wrong.append(f"{route} {pointer} {name}: {found}")
    assert not wrong, "\n".join(wrong)


def test_an_unknown_path_is_refused_as_a_problem(world: World) -> None:
    for path in ("no/such/route", "me/", "//", "me/pain-reports/1", "me%00", "..%2f..%2fetc"):
        assert fault(world.answer("patient", "POST", path, b"{}"), (404,)) == "", path


def is_known(name: str, known: set[str]) -> bool:
    """Whether `name` had its turn; in the drill nothing counts as known."""
    was_known = name in known and not EVERYTHING
    known.add(name)
    return was_known


def module(route: str) -> str:
    """The module of the code behind a route."""
    return api_doors()[route.partition(" ")[2]].__module__


def faults(tried: Callable[[str, Example], Iterator[Fault]]) -> str:
    """Tries every write; the faults found, one a line."""
    lines = []
    for route, example in EXAMPLES.items():
        with taken_back():
            # What the example needs is written with its first answer.
            tries = tried(route, example)
            found = [next(tries)]
            before = row_counts()
            found += tries
            lines += [f"{route}: {name[:120]}: {what}" for name, what in found if what]
            written = written_since(before)
            if written.keys() - (KEPT if route == JUDGED else COUNTED.get(route, set())):
                lines.append(f"{route} wrote {written}")
    return "\n".join(lines)


def fault(answer: Any, statuses: tuple[int, ...]) -> str:
    """What is wrong with a refusal; "" when it is as clear as it should be."""
    if answer.status_code not in statuses:
        return f"{answer.status_code} {answer.content[:300]!r}"
    if answer["Content-Type"] != "application/problem+json":
        return f"it is {answer['Content-Type']}"
    body = json.loads(answer.content)
    if body["status"] != answer.status_code or body["retry"] not in RETRIES:
        return f"it says {body['status']} and retry {body['retry']}"
    if not (body["code"] and body["detail"] and body["trace_id"]):
        return f"it says too little: {body}"
    return "" if answer["Cache-Control"] == "no-store" else "a cache may keep it"


def verbatim_fault(world: World, route: str, example: Example, pointer: str, text: str) -> str:
    """What is wrong with how `text` is taken and served at `pointer`."""
    if pointer not in ("/note", "/name") and not text.strip():
        return ""  # a reason of white space alone may be none
    with taken_back():
        world.names["new"] = str(uuid5(NAMESPACE_URL, text))
        who, path, valid, headers = world.request(example)
        sent = with_text(json.loads(valid), pointer, text)
        answer = world.answer(who, route.partition(" ")[0], path, sent, headers)
        if answer.status_code not in (200, 201):
            return str(answer.content)
        if not example.reads:
            return ""
        served = world.answer(who, "GET", world.filled(example.reads)).json()
        return "" if _holds(served, text) else f"served as {served}"


def _holds(value: Any, text: str) -> bool:
    if isinstance(value, dict):
        return any(_holds(item, text) for item in value.values())
    if isinstance(value, list):
        return any(_holds(item, text) for item in value)
    return bool(value == text)
