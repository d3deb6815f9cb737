"""Writers whose transactions overlap and commit in any order, and a reader who follows by cursor."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import msgspec

from backend.accounts.models import Patient
from backend.accounts.readers import Reader
from exercises.sync.feed import page
from exercises.sync.ops import read_ops
from exercises.sync.services import at_once
from exercises.sync.services.pushing import push
from exercises.triage import services as triage

SLOWEST_S = 0.006


@contextmanager
def slow_transactions(seed: int) -> Iterator[None]:
    """Holds each writing transaction open for a random moment after its revision was taken, and waits as
    long between reading and writing where a report is stored at once."""
    chance = random.Random(seed)

    def slow(real: Callable[..., Any]) -> Callable[..., Any]:
        def judge(**arguments: Any) -> Any:
            found = real(**arguments)
            time.sleep(chance.random() * SLOWEST_S)
            return found

        return judge

    with (
        patch.object(triage, "judge", slow(triage.judge)),
        patch.object(at_once, "foresee", slow(at_once.foresee)),
    ):
        yield


def write(patient_ids: Sequence[UUID], *, commits: int, seed: int, now: datetime) -> int:
    """So many pushes of one report each, to patients at random; how many were committed."""
    chance = random.Random(seed)
    patients = Patient.objects.select_related("user")
    for number in range(commits):
        patient = patients.get(pk=chance.choice(patient_ids))
        ops = read_ops([_op(number, now)], skew_ms=None, now=now)
        answers = push(patient=patient, ops=ops, now=now)
        assert answers.by_index[0].status == "applied"
    return commits


class Follower:
    """Polls the feed of each patient and keeps what it was given."""

    def __init__(self, patient_ids: Sequence[UUID], limit: int = 20) -> None:
        self.cursors = dict.fromkeys(patient_ids, 0)
        self.seen: defaultdict[UUID, dict[str, int]] = defaultdict(dict)
        self.pages = 0
        self._limit = limit

    def poll(self) -> None:
        """One page of each patient."""
        for patient_id, after in self.cursors.items():
            patient = Patient.objects.get(pk=patient_id)
            found = page(
                patient=patient,
                reader=Reader("DE", "en"),
                after=after,
                head=patient.rev,
                limit=self._limit,
            )
            for change in found.changes:
                view = msgspec.json.decode(change.encoded)
                self.seen[patient_id][view["id"]] = view["rev"]
            self.cursors[patient_id] = found.last
            self.pages += 1

    def catch_up(self) -> None:
        """Polls until there is nothing new."""
        before: dict[UUID, int] = {}
        while before != self.cursors:
            before = dict(self.cursors)
            self.poll()


def _op(number: int, now: datetime) -> dict[str, Any]:
    at = now - timedelta(minutes=number)
    return {
        "op_id": str(number),
        "type": "session",
        "id": str(uuid4()),
        "data": {
            "occurred_at": at.isoformat(),
            "tz": "UTC",
            "local_date": str(at.date()),
            "items": [{"exercise": "EX-19"}],
        },
    }
