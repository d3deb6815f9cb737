"""Three devices of one patient, a network that loses, delays and repeats, and what must come of it.

The machine only ever uses the reference phone and the public API; at the end it looks into the
database for every single thing that a phone has sent.
"""

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from backend.accounts.models import Patient
from exercises.sync.models import DocumentVersion
from exercises.sync.retracting import retraction_id
from exercises.sync.services.intake import answer_intake
from exercises.tracking.days import summaries
from exercises.tracking.models import DayPain, Fact, Quarantined
from exercises.triage.services import evaluate_one
from tests.client import ApiClient
from tests.factories import make_patient
from tests.phones import Call, Later, NoAnswer, Phone, Refused, Store, in_process

INTAKE = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}
START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
DEVICES = 3
devices = st.integers(0, DEVICES - 1)
picks = st.integers(0, 1000)
faults = st.sampled_from(["", "", "", "request lost", "answer lost", "delayed", "killed"])


class Network:
    """A transport that fails as told, and remembers every push that ever left a phone."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self.fault = ""
        self.delayed: list[dict[str, Any]] = []
        self.arrived: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def __call__(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> tuple[int, dict[str, Any]]:
        fault, self.fault = self.fault, ""
        if fault == "delayed" and path == "sync/push" and body is not None:
            self.delayed.append(body)
        if fault in ("request lost", "delayed"):
            raise NoAnswer
        status, answer = self._call(method, path, body)
        if path == "sync/push" and body is not None:
            assert status == 200, answer
            self.arrived.append((body, answer))
        if fault in ("answer lost", "killed"):
            raise NoAnswer
        return status, answer

    def deliver(self, body: dict[str, Any]) -> dict[str, Any]:
        """A copy of a push arrives, whatever became of the others."""
        status, answer = self._call("POST", "sync/push", body)
        assert status == 200, answer
        self.arrived.append((body, answer))
        return answer


class Histories(RuleBasedStateMachine):
    """`make_client` signs a patient in; `set_clock` moves the server's clock."""

    make_client: Callable[[Patient], ApiClient]
    set_clock: Callable[[datetime], None]

    @initialize()
    def begin(self) -> None:
        """A patient with a plan, and three phones that hold nothing yet."""
        self.now = START
        type(self).set_clock(self.now)
        self.patient = make_patient(now=self.now)
        answer_intake(patient=self.patient, answers=INTAKE, now=self.now)
        self.network = Network(in_process(type(self).make_client(self.patient)))
        self.saved: dict[int, bytes] = {}
        self.numbers = count(1)
        self.facts: list[tuple[str, dict[str, Any], str]] = []
        self.visits: list[str] = []
        self.phones = [self._phone(Store(device_id=f"d{n}"), n) for n in range(DEVICES)]

    # --- what the person does ---------------------------------------------------------------

    @rule(on=devices, score=st.integers(0, 10), ago=st.integers(0, 40))
    def report_pain(self, on: int, score: int, ago: int) -> None:
        self._record(on, "pain_report", {"site": "knee", "kind": "avg24", "score": score}, ago)

    @rule(on=devices, code=st.sampled_from(["S-BUCKLE", "S-SADDLE", "S-KNEE-WARM"]), ago=picks)
    def report_symptom(self, on: int, code: str, ago: int) -> None:
        self._record(on, "symptom_report", {"symptoms": [{"code": code, "present": True}]}, ago % 9)

    @rule(on=devices)
    def log_session(self, on: int) -> None:
        self._record(on, "session", {"items": [{"exercise": "EX-19"}]}, 0)

    @rule(on=devices, score=st.sampled_from([11, "4", None]))
    def report_in_a_wrong_form(self, on: int, score: Any) -> None:
        self._record(on, "pain_report", {"site": "knee", "kind": "now", "score": score}, 0)

    @rule(on=devices)
    def report_what_the_server_does_not_know(self, on: int) -> None:
        self.phones[on].record("mood", {"is": next(self.numbers)}, self._id())

    @precondition(lambda self: self.facts)
    @rule(on=devices, which=picks, score=st.integers(0, 10))
    def say_something_else_under_a_known_id(self, on: int, which: int, score: int) -> None:
        type_, data, fact_id = self.facts[which % len(self.facts)]
        if type_ == "pain_report":
            self.phones[on].record(type_, {**data, "score": score}, fact_id)

    @precondition(lambda self: self.facts)
    @rule(on=devices, which=picks, score=st.integers(0, 10))
    def correct(self, on: int, which: int, score: int) -> None:
        type_, _, fact_id = self.facts[which % len(self.facts)]
        if type_ == "pain_report":
            data = {"site": "knee", "kind": "avg24", "score": score, "amends": fact_id}
            self._record(on, type_, data, 0)

    @precondition(lambda self: self.facts)
    @rule(on=devices, which=picks, confirmed=st.booleans())
    def withdraw(self, on: int, which: int, confirmed: bool) -> None:
        fact_id = self.facts[which % len(self.facts)][2]
        moment = {name: said for name, said in self._moment(0).items() if name != "local_date"}
        self.phones[on].retract(fact_id, {**moment, "confirmed_none": confirmed})

    @rule(on=devices, name=st.sampled_from(["Ada", "Bea", "Cleo"]))
    def change_the_name(self, on: int, name: str) -> None:
        self.phones[on].edit("profile", str(self.patient.pk), {"name": name})

    @rule(on=devices, age=st.integers(30, 60))
    def answer_the_intake(self, on: int, age: int) -> None:
        self.phones[on].edit("intake", str(self.patient.pk), {"answers": {"age": age}})

    @rule(on=devices, which=picks, day=st.integers(5, 28))
    def plan_a_visit(self, on: int, which: int, day: int) -> None:
        if not self.visits or which % 3 == 0:
            self.visits.append(self._id())
        visit = self.visits[which % len(self.visits)]
        body = {"state": "planned", "tz": "Europe/Berlin", "planned_on": f"2026-06-{day:02}"}
        self.phones[on].edit("visit", visit, body)

    # --- what the world does ----------------------------------------------------------------

    @rule(on=devices, fault=faults)
    def sync(self, on: int, fault: str) -> None:
        self.network.fault = fault
        try:
            self.phones[on].sync()
        except NoAnswer:
            if fault == "killed":
                self.phones[on] = self._phone(pickle.loads(self.saved[on]), on)  # noqa: S301
        self.network.fault = ""

    @precondition(lambda self: self.network.delayed)
    @rule(which=picks)
    def a_late_push_arrives(self, which: int) -> None:
        self.network.deliver(self.network.delayed.pop(which % len(self.network.delayed)))

    @precondition(lambda self: self.network.arrived)
    @rule(which=picks)
    def a_push_arrives_again(self, which: int) -> None:
        body, first = self.network.arrived[which % len(self.network.arrived)]
        head = self._head()
        again = self.network.deliver(body)
        assert self._head() == head
        for before, after in zip(first["results"], again["results"], strict=True):
            settled = ("quarantined", "discarded") if before["status"] == "quarantined" else ()
            as_before = before["status"].replace("applied", "duplicate")
            assert after["status"] in (as_before, *settled), (before, after)

    @rule(on=devices, which=picks)
    def repair(self, on: int, which: int) -> None:
        waiting = sorted(self.phones[on].rejections().items())
        if not waiting:
            return
        rejection, kept = waiting[which % len(waiting)]
        data = {"site": "knee", "kind": "avg24", "score": 3, **self._moment(0)}
        fresh_id = {"id": self._id()} if kept["problem"]["code"] == "different_content" else {}
        self._online(
            lambda: self.phones[on].repair(rejection, data, type="pain_report", **fresh_id)
        )

    @rule(on=devices, which=picks)
    def discard(self, on: int, which: int) -> None:
        waiting = sorted(self.phones[on].rejections())
        if waiting:
            self._online(lambda: self.phones[on].discard(waiting[which % len(waiting)]))

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        type(self).set_clock(self.now)
        evaluate_one(patient_id=self.patient.pk, now=self.now)

    # --- what must come of it ---------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "phones"):
            return
        for body in self.network.delayed:
            self.network.deliver(body)
        for _ in range(2):
            for phone in self.phones:
                phone.sync()
        self._nothing_is_lost()
        self._nothing_is_doubled()
        self._nothing_is_stale()

    def _nothing_is_lost(self) -> None:
        assert not any(phone.store.outbox for phone in self.phones)
        facts = {fact.id: fact for fact in Fact.objects.filter(patient=self.patient)}
        kept: dict[UUID, list[Any]] = {}
        for row in Quarantined.objects.filter(patient=self.patient):
            kept.setdefault(row.fact_id, []).append(json.loads(row.raw))
        edits = {
            (row.type, row.object_id, row.data)
            for row in DocumentVersion.objects.filter(patient=self.patient)
        }
        for body, _ in self.network.arrived:
            for op in body["ops"]:
                self._is_somewhere(op, facts, kept, edits)

    def _is_somewhere(
        self,
        op: dict[str, Any],
        facts: dict[UUID, Fact],
        kept: dict[UUID, list[Any]],
        edits: set[tuple[str, UUID, str]],
    ) -> None:
        object_id = UUID(op["id"])
        if op["type"] in ("profile", "intake", "visit"):
            assert (op["type"], object_id, json.dumps(op["data"])) in edits, op
        elif op["type"] == "retract":
            said = op["data"]["confirmed_none"]
            assert retraction_id(object_id, confirmed=said) in facts, op
        else:
            fact = facts.get(object_id)
            found = [*kept.get(object_id, []), *([fact.data] if fact else [])]
            assert any(_says(item, op["data"]) for item in found), op

    def _nothing_is_doubled(self) -> None:
        counted = Fact.objects.filter(
            patient=self.patient, type="pain_report", retracted_by=None, amended_by=None
        )
        rows = summaries(self.patient.pk, counted.values_list("local_date", "data"))
        for day in DayPain.objects.filter(patient=self.patient):
            row = rows.get((day.local_date, day.site))
            assert day.avg24_count == (row.avg24_count if row else 0)
            assert day.avg24_sum == (row.avg24_sum if row else 0)

    def _nothing_is_stale(self) -> None:
        fresh = Phone(Store(device_id="fresh"), self.network, page=37)
        fresh.sync()
        for phone in self.phones:
            assert phone.store.objects == fresh.store.objects
            assert phone.store.checksum() == fresh.store.checksum()

    # --- small things -----------------------------------------------------------------------

    def _phone(self, store: Store, number: int) -> Phone:
        def save(kept: Store) -> None:
            self.saved[number] = pickle.dumps(kept)

        save(store)
        return Phone(
            store, self.network, clock=lambda: self.now, new_id=self._id, save=save, page=20
        )

    def _record(self, on: int, type_: str, data: dict[str, Any], ago: int) -> None:
        said = {**data, **self._moment(ago)}
        fact_id = self.phones[on].record(type_, said, self._id())
        self.facts.append((type_, said, fact_id))

    def _moment(self, ago: int) -> dict[str, Any]:
        at = self.now - timedelta(days=ago, minutes=next(self.numbers))
        return {
            "occurred_at": at.isoformat(),
            "tz": "Europe/Berlin",
            "local_date": str((at + timedelta(hours=2)).date()),
        }

    def _id(self) -> str:
        return str(UUID(int=next(self.numbers), version=4))

    def _head(self) -> int:
        return Patient.objects.values_list("rev", flat=True).get(pk=self.patient.pk)

    def _online(self, call: Callable[[], object]) -> None:
        try:
            call()
        except Refused as refused:
            # Another device was quicker, or the id is taken by now.
            assert refused.status in (404, 409), refused.problem  # noqa: PT017
        except Later as error:
            raise AssertionError from error


def _says(found: Any, sent: dict[str, Any]) -> bool:
    """Whether a stored fact or a kept report says what was sent (defaults are added)."""
    if not isinstance(found, dict):
        return False
    return all(name in found and _same(found[name], said) for name, said in sent.items())


def _same(found: Any, said: Any) -> bool:
    if isinstance(said, list) and isinstance(found, list):
        return len(said) == len(found) and all(map(_same, found, said))
    if isinstance(said, dict) and isinstance(found, dict):
        return _says(found, said)
    if isinstance(said, str) and isinstance(found, str) and found != said:
        return _instant(found) is not None and _instant(found) == _instant(said)
    return bool(found == said)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
