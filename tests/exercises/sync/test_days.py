"""Every fact stays on the day that the person meant, whatever zone, clock and delay it comes with."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from backend.accounts.models import Patient, User
from exercises.tracking.models import DayPain, Fact
from exercises.triage.models import Alert
from tests.client import ApiClient
from tests.exercises.sync.pushing import op, push, statuses

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]
SetClock = Callable[[datetime], None]


def at(instant: str, tz: str, day: str, **more: Any) -> dict[str, Any]:
    moment = {"occurred_at": instant, "tz": tz, "local_date": day}
    return {"site": "knee", "kind": "avg24", "score": 4} | moment | more


def test_the_hour_that_a_clock_change_repeats_is_two_moments_of_one_day(
    api: Api, settled: Patient
) -> None:
    twice = [
        op("pain_report", at("2026-10-25T02:30:00+02:00", "Europe/Berlin", "2026-10-25")),
        op("pain_report", at("2026-10-25T02:30:00+01:00", "Europe/Berlin", "2026-10-25")),
        op("pain_report", at("2026-10-25T23:59:59+01:00", "Europe/Berlin", "2026-10-25")),
    ]
    assert statuses(push(api(settled), *twice)) == ["applied"] * 3
    facts = Fact.objects.filter(patient=settled, type="pain_report").order_by("occurred_at")
    assert [fact.date_disagrees for fact in facts] == [False] * 3
    assert facts[1].occurred_at - facts[0].occurred_at == timedelta(hours=1)
    assert DayPain.objects.get(local_date=date(2026, 10, 25), site="knee").avg24_count == 3


def test_a_traveller_keeps_the_days_of_the_places_where_she_was(api: Api, settled: Patient) -> None:
    client = api(settled)
    push(
        client,
        op("pain_report", at("2026-05-03T23:30:00+02:00", "Europe/Berlin", "2026-05-03")),
        op("pain_report", at("2026-05-04T06:40:00+09:00", "Asia/Tokyo", "2026-05-04")),
        op("pain_report", at("2026-05-03T11:50:00-10:00", "Pacific/Honolulu", "2026-05-03")),
    )
    days = DayPain.objects.filter(patient=settled).values_list("local_date", "avg24_count")
    assert dict(days) == {date(2026, 5, 3): 2, date(2026, 5, 4): 1}
    assert not Fact.objects.filter(date_disagrees=True).exists()


def test_a_session_fills_the_slot_of_the_day_that_it_names_however_late_it_comes(
    api: Api, settled: Patient, now: datetime, set_clock: SetClock
) -> None:
    client = api(settled)
    due = client.get("me/occurrences?from=2026-05-04&to=2026-05-04").json()["items"]
    done = next(item for item in due if item["slot"] == "evening")
    session = {
        "occurred_at": "2026-05-04T23:40:00+02:00",
        "tz": "Europe/Berlin",
        "local_date": "2026-05-04",
        "items": [{"prescription": done["prescription"], "slot": done["slot"]}],
    }
    set_clock(now + timedelta(days=90))
    assert statuses(push(client, op("session", session))) == ["applied"]
    after = client.get("me/occurrences?from=2026-05-04&to=2026-05-04").json()["items"]
    states = {item["key"]: item["state"] for item in after}
    assert states.pop(done["key"]) == "done"
    assert set(states.values()) == {"missed"}


@pytest.mark.parametrize("order", ["as it happened", "backwards, from two devices"])
def test_weeks_that_come_months_late_are_judged_as_if_they_had_come_in_time(
    api: Api, settled: Patient, pain: Make, now: datetime, set_clock: SetClock, order: str
) -> None:
    client = api(settled)
    reports = []
    for day in range(22):
        moment = now + timedelta(days=day)
        body = pain(score=6, occurred_at=moment.isoformat(), local_date=str(moment.date()))
        reports.append(op("pain_report", body))
    set_clock(now + timedelta(days=21, hours=1))
    if order == "as it happened":
        push(client, *reports)
    else:
        push(client, *reports[::-2], device_id="one")
        push(client, *reports[::2], *reports[1::2], device_id="two")
    alert = Alert.objects.get(patient=settled, rule="SD-PERSIST-3W")
    assert alert.status == "open"
    rows = DayPain.objects.filter(patient=settled, site="knee")
    assert {(row.avg24_sum, row.avg24_count) for row in rows} == {(6, 1)}
    assert rows.count() == 22


def test_a_correction_that_comes_months_late_corrects_its_own_day(
    api: Api, settled: Patient, now: datetime, set_clock: SetClock
) -> None:
    client = api(settled)
    first = op("pain_report", at("2026-05-04T09:00:00+02:00", "Europe/Berlin", "2026-05-04"))
    push(client, first)
    set_clock(now + timedelta(days=100))
    said = at(
        "2026-05-04T09:00:00+02:00", "Europe/Berlin", "2026-05-04", amends=first["id"], score=1
    )
    push(client, op("pain_report", said))
    row = DayPain.objects.get(patient=settled, site="knee")
    assert (row.local_date, row.avg24_sum, row.avg24_count) == (date(2026, 5, 4), 1, 1)
