"""The fast ways of a pull give what the clear ones give, over random histories."""

import json
import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from backend.accounts.models import Patient, User
from backend.accounts.readers import Reader
from exercises.sync import fact_changes
from exercises.sync.fact_wire import view_of
from exercises.sync.feed import Window, held
from exercises.sync.models import Holding
from exercises.sync.pull_wire import ChangeView
from exercises.sync.questionnaire_wire import score_view
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.scoring import score
from exercises.tracking.models import Fact, FactType
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id

Api = Callable[[User | Patient | None], ApiClient]
STEPS = 20
# The long drill looks at more lives.
LIVES = 40 if os.environ.get("STEPWISE_DRILL") == "1" else 3
FORMS = [
    {"instrument": "GROC", "version": "1", "answers": {"change": 2}},
    {"instrument": "GROC", "version": "1", "answers": {}},
]


class Life:
    """A phone that reports, corrects, withdraws and pulls at random."""

    def __init__(self, phone: ApiClient, now: datetime, seed: int) -> None:
        self.phone, self.now = phone, now
        self.cursor = ""
        self._random = random.Random(seed)
        self._told: list[str] = []

    def live(self) -> None:
        """Something of all that changes a record."""
        deeds = [self.report, self.report, self.correct, self.withdraw, self.fill_in, self.rename]
        self._random.choice([*deeds, self.send_nonsense])()

    def pull(self) -> dict[str, Any]:
        """All that is new, page by page; the last page."""
        page: dict[str, Any] = {"more": True}
        while page["more"]:
            since = f"&cursor={self.cursor}" if self.cursor else ""
            answer = self.phone.get(f"sync/pull?limit=3{since}")
            assert answer.status_code == 200, answer.content
            page = answer.json()
            self.cursor = page["cursor"]
        return page

    def report(self, **more: Any) -> None:
        note = self._random.choice(['"é"', "a\nb\u2028}", '"entity":"questionnaire"', "}}", "%s"])
        body = self._fact(site="knee", kind="avg24", score=3, note=note, **more)
        self._push("pain_report", body)

    def correct(self) -> None:
        if self._told:
            self.report(amends=self._told.pop(self._random.randrange(len(self._told))))

    def withdraw(self) -> None:
        if self._told:
            self._push("retraction", self._fact(target=self._random.choice(self._told)))

    def fill_in(self) -> None:
        self._push("questionnaire", self._fact(**self._random.choice(FORMS)))

    def send_nonsense(self) -> None:
        self._push("pain_report", self._fact(site="knee", kind="avg24", score=99))

    def rename(self) -> None:
        held = self.phone.get("me")
        body = {"name": f"Bea {self._random.random()}"}
        assert self.phone.patch("me", body, If_Match=held["ETag"]).status_code == 200

    def _fact(self, **more: Any) -> dict[str, Any]:
        return {
            "occurred_at": self.now.isoformat(),
            "tz": "Europe/Berlin",
            "local_date": str(self.now.date() - timedelta(days=self._random.choice([0, 1]))),
            **more,
        }

    def _push(self, kind: str, data: dict[str, Any]) -> None:
        op = {"op_id": new_id(), "type": kind, "id": new_id(), "data": data}
        body = {"device_id": "one", "device_time": self.now.isoformat(), "ops": [op]}
        assert self.phone.post("sync/push", body).status_code == 200
        self._told.append(op["id"])


@pytest.mark.parametrize("seed", range(LIVES))
def test_whatever_happens_the_checksum_is_that_of_all_that_stands(
    seed: int, api: Api, settled: Patient, now: datetime
) -> None:
    life = Life(api(settled), now, seed)
    for step in range(STEPS):
        life.live()
        if step % 3 == seed % 3:
            continue
        settled.refresh_from_db()
        clear = held(settled.pk, settled.rev)
        for _asked_again in range(2):
            found = life.pull()["checksum"]
            assert (found["count"], found["sum64"]) == (clear.count, clear.sum64)
        assert Holding.objects.get(patient=settled).rev == settled.rev


@pytest.mark.parametrize("seed", range(LIVES))
def test_a_pull_says_of_each_fact_what_its_own_answer_says(
    seed: int, api: Api, settled: Patient, now: datetime
) -> None:
    life = Life(api(settled), now, seed)
    for _ in range(STEPS):
        life.live()
    settled.refresh_from_db()
    window = Window(settled, Reader("DE", "en"), 0, settled.rev)
    found = fact_changes.facts(window, 1000)
    assert [(change.rev, json.loads(change.encoded)) for change in found] == [
        (fact.rev, told(fact)) for fact in Fact.objects.filter(patient=settled).order_by("rev")
    ]
    assert fact_changes.facts(window, 3) == found[:3]


def told(fact: Fact) -> dict[str, Any]:
    """A fact in a pull, the clear way."""
    data = view_of(fact)
    if fact.type == FactType.QUESTIONNAIRE:
        instrument = instruments().offered[fact.data["instrument"]]
        view = score_view(instrument, score(instrument, fact.data["answers"]))
        data["score"] = msgspec.to_builtins(view)
    change = ChangeView(rev=fact.rev, entity=fact.type, id=fact.id, op="upsert", data=data)
    found: dict[str, Any] = msgspec.to_builtins(change)
    return found


INSTANTS = {
    "2026-05-04 08:00:00.123456+00": "2026-05-04T08:00:00.123456Z",
    "2026-05-04 08:00:00.123456": "2026-05-04T08:00:00.123456Z",
    "2026-05-04 08:00:00.12+00": "2026-05-04T08:00:00.120000Z",
    "2026-05-04 08:00:00+00": "2026-05-04T08:00:00Z",
    "2026-05-04 08:00:00": "2026-05-04T08:00:00Z",
    "2026-05-04 08:00:00.123+02": "2026-05-04T08:00:00.123000+02:00",
}


@pytest.mark.parametrize("text", INSTANTS)
def test_an_instant_is_written_as_everywhere_however_the_database_writes_it(text: str) -> None:
    assert fact_changes.as_json(text) == f'"{INSTANTS[text]}"'


@pytest.mark.parametrize("field", ["made_of", "rev"])
def test_a_kept_checksum_of_something_else_is_added_up_anew(
    field: str, api: Api, settled: Patient, now: datetime
) -> None:
    life = Life(api(settled), now, 0)
    life.report()
    right = life.pull()["checksum"]
    other = {"made_of": "other code", "rev": 2**40}[field]
    Holding.objects.update(**{field: other}, facts=7, facts_sum="7" * 16, others=7)
    assert life.pull()["checksum"] == right
    assert Holding.objects.get().facts == 1
