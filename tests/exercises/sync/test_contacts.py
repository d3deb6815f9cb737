"""When which device was heard of: by one statement at most, whatever other processes wrote."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient
from exercises.sync.models import Device
from exercises.sync.services import contacts
from exercises.sync.services.contacts import SOON, note_pull, note_push

A_SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "_written", {})


def pushed(patient: Patient, now: datetime, version: str = "", *, is_heard: bool = False) -> int:
    """The number of statements that it took."""
    with CaptureQueriesContext(connection) as asked:
        note_push(
            patient=patient,
            device="phone",
            app_version=version,
            skew_ms=7,
            now=now,
            is_heard=is_heard,
        )
    return len(asked)


def heard(patient: Patient) -> datetime | None:
    return Patient.objects.values_list("last_synced_at", flat=True).get(pk=patient.pk)


def test_the_first_push_of_a_device_is_written_down(patient: Patient, now: datetime) -> None:
    pushed(patient, now, "1.0")
    found = Device.objects.get(patient=patient)
    assert (found.name, found.app_version, found.clock_skew_ms) == ("phone", "1.0", 7)
    assert (found.first_seen_at, found.last_seen_at, found.last_push_at) == (now, now, now)
    assert (found.last_pull_at, found.pulled_rev, heard(patient)) == (None, 0, now)


def test_a_later_push_is_one_statement_and_keeps_the_version_that_it_does_not_name(
    patient: Patient, now: datetime
) -> None:
    pushed(patient, now, "1.0")
    assert pushed(patient, now + SOON, is_heard=True) == 1
    found = Device.objects.get(patient=patient)
    assert (found.first_seen_at, found.last_push_at, found.app_version) == (now, now + SOON, "1.0")
    assert heard(patient) == now


def test_a_push_again_at_once_asks_nothing(patient: Patient, now: datetime) -> None:
    pushed(patient, now, "1.0")
    assert pushed(patient, now + SOON - A_SECOND, "1.0") == 0
    assert pushed(patient, now + SOON - A_SECOND) == 0
    assert Device.objects.get(patient=patient).last_push_at == now


@pytest.mark.parametrize("version", ["", "1.0"])
def test_what_another_process_wrote_a_moment_ago_is_not_written_again(
    patient: Patient, now: datetime, version: str
) -> None:
    pushed(patient, now, "1.0")
    contacts._written.clear()
    assert pushed(patient, now + SOON - A_SECOND, version) == 1
    assert Device.objects.get(patient=patient).last_push_at == now
    # Nor does this process take that for its own.
    pushed(patient, now + SOON, version)
    assert Device.objects.get(patient=patient).last_push_at == now + SOON


def test_another_version_is_written_down_at_once(patient: Patient, now: datetime) -> None:
    pushed(patient, now, "1.0")
    pushed(patient, now + A_SECOND, "1.1")
    found = Device.objects.get(patient=patient)
    assert (found.app_version, found.last_push_at) == ("1.1", now + A_SECOND)


def test_a_pull_says_how_far_the_device_holds_the_record(patient: Patient, now: datetime) -> None:
    pushed(patient, now, "1.0")
    for held, later in ((3, A_SECOND), (3, 2 * A_SECOND), (5, 3 * A_SECOND), (5, 2 * SOON)):
        note_pull(patient=patient, device="phone", held_rev=held, now=now + later)
        contacts._written.clear()
        found = Device.objects.get(patient=patient)
        written = A_SECOND if later == 2 * A_SECOND else later
        assert (found.pulled_rev, found.last_pull_at) == (held, now + written)
    assert (found.app_version, found.last_push_at) == ("1.0", now)
    assert heard(patient) == now + 2 * SOON


def test_what_is_remembered_has_a_bound(
    patient: Patient, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "MOST_REMEMBERED", 3)
    for number in range(10):
        note_pull(patient=patient, device=f"phone-{number}", held_rev=1, now=now)
        assert len(contacts._written) <= 3


def test_the_devices_that_were_silent_longest_are_forgotten(
    patient: Patient, now: datetime
) -> None:
    for number in range(22):
        at = now + number * SOON
        note_pull(patient=patient, device=f"phone-{number}", held_rev=1, now=at)
    kept = Device.objects.filter(patient=patient).values_list("name", flat=True)
    assert {*kept} == {f"phone-{number}" for number in range(2, 22)}
