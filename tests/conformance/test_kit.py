"""The conformance kit: the reference phone passes, and each careless client is caught."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conformance.client import Phone, Refused
from conformance.kit import examine, report
from conformance.reference import Http, adapting
from conformance.scenarios import SCENARIOS
from conformance.server import TOKEN, Script, serving
from conformance.store import Held, Op, Store
from conformance.transcripts import play

from backend.accounts.models import Patient, User
from tests.client import ApiClient

KIT = Path(__file__).resolve().parents[2] / "examples" / "conformance"


BY_NAME = {scenario.__name__: scenario for scenario in SCENARIOS}


def test_the_reference_phone_passes() -> None:
    with adapting() as url:
        verdicts = examine(url)
    assert not [verdict for verdict in verdicts if verdict.problem], report(verdicts)


class DropsRejections(Phone):
    """Shows a dialog once, and forgets what could not be accepted."""

    def _apply(self, change: dict[str, Any]) -> None:
        if change["entity"] != "rejection":
            super()._apply(change)


class DoublesLostAnswers(Phone):
    """Gives what it sends again a new id."""

    def _batch(self) -> list[Op]:
        batch = super()._batch()
        for op in batch:
            if op.attempted:
                op.id, op.op_id = self._new_id(), self._op_id()
        return batch


class ForgetsWhenSignedOut(Phone):
    """Clears its outbox with the session."""

    def push(self) -> None:
        try:
            super().push()
        except Refused as refused:
            if refused.status == 401:
                self.store.outbox.clear()
                self._save(self.store)
            raise


class StartsOverWithEmptyHands(Phone):
    """Clears everything when it has to start over, what it had not pushed included."""

    def _start_over(self, *, restored: bool) -> None:
        self.store.objects, self.store.cursor, self.store.sent = {}, None, []


class TrustsEveryPage(Phone):
    """Never looks at the checksum."""

    def _pull_to_end(self) -> bool:
        super()._pull_to_end()
        return True


class NeverBuries(TrustsEveryPage):
    """Ignores tombstones, and does not notice."""

    def _apply(self, change: dict[str, Any]) -> None:
        if change["op"] != "tombstone":
            super()._apply(change)


class KnowsEverything(Phone):
    """Throws away what it does not know."""

    def _apply(self, change: dict[str, Any]) -> None:
        if change["entity"] != "hologram":
            super()._apply(change)


class OverwritesSilently(Phone):
    """Takes the server's version of a document without a word about its own."""

    def _lose(self, op: Op, current: dict[str, Any] | None) -> None:
        if current is not None:
            self.store.objects[op.type, op.id] = Held(current["rev"], current)


class SavesNothing(Phone):
    """Keeps its outbox in memory."""

    def __init__(self, store: Store, call: Any, **more: Any) -> None:
        more.pop("save", None)
        super().__init__(store, call, **more)


class SendsEverythingAtOnce(Phone):
    """Knows no limits."""

    def _batch(self) -> list[Op]:
        return [op for op in self.store.outbox if op.follows is None]


@pytest.mark.parametrize(
    ("careless", "caught_by"),
    [
        (DropsRejections, "lives_with_partial_failure"),
        (DoublesLostAnswers, "asks_again_when_the_answer_is_lost"),
        (ForgetsWhenSignedOut, "keeps_what_waits_when_it_is_signed_out"),
        (StartsOverWithEmptyHands, "gives_a_restored_server_back_what_it_lost"),
        (TrustsEveryPage, "finds_out_that_a_change_is_missing"),
        (NeverBuries, "buries_what_was_deleted"),
        (KnowsEverything, "lives_with_what_it_does_not_know"),
        (OverwritesSilently, "tells_who_lost_an_edit"),
        (SavesNothing, "records_without_a_network"),
        (SendsEverythingAtOnce, "splits_what_is_too_much"),
    ],
)
def test_a_careless_client_is_caught(careless: type[Phone], caught_by: str) -> None:
    with adapting(careless) as url:
        (verdict,) = examine(url, [BY_NAME[caught_by]])
    assert verdict.problem


def test_the_scripted_server_keeps_the_transcripts() -> None:
    with serving(Script()) as base:
        verdicts = play(Http(base, TOKEN))
    assert not [verdict for verdict in verdicts if verdict.problem], report(verdicts)


def test_the_real_server_keeps_the_transcripts(
    patient: Patient, api: Callable[[User | Patient | None], ApiClient]
) -> None:
    client = api(patient)

    def call(method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        answer = client.get(path) if method == "GET" else client.post(path, body)
        return answer.status_code, answer.json()

    verdicts = play(call)
    assert not [verdict for verdict in verdicts if verdict.problem], report(verdicts)


def test_the_kit_runs_from_its_folder_and_says_what_failed() -> None:
    with adapting(OverwritesSilently) as url:
        done = subprocess.run(
            [sys.executable, "-m", "conformance", url],
            cwd=KIT,
            env={**os.environ, "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert "FAILS   tells who lost an edit" in done.stdout
    assert f"{len(SCENARIOS) - 1} passed, 1 failed" in done.stdout
