"""Commits out of order never slip past a cursor (on PostgreSQL: it needs a second connection)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection

from backend.accounts.models import Patient
from exercises.tracking.models import Fact
from tests.exercises.sync.commits import Follower, slow_transactions, write

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="needs a second connection"),
]
WRITERS, COMMITS = 4, 15


def test_a_reader_misses_nothing_while_four_write(
    patient: Patient, other_patient: Patient, now: datetime
) -> None:
    ids = [patient.pk, other_patient.pk]

    def writer(seed: int) -> int:
        try:
            return write(ids, commits=COMMITS, seed=seed, now=now)
        finally:
            connection.close()

    follower = Follower(ids, limit=3)
    with slow_transactions(1), ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(writer, seed) for seed in range(WRITERS)]
        while not all(future.done() for future in writing):
            follower.poll()
        assert sum(future.result() for future in writing) == WRITERS * COMMITS
    follower.catch_up()
    for patient_id in ids:
        stored = Fact.objects.filter(patient=patient_id).values_list("id", "rev")
        assert {str(name): rev for name, rev in stored}.items() <= follower.seen[patient_id].items()
