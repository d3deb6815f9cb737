"""The demo clinic: six stories that stand where they should, made again at will."""

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker

from backend.accounts.access import caseload
from backend.accounts.models import Clinic, Patient, User
from backend.core import clock
from backend.core.localtime import local_date
from backend.simulator.demo.clinic import CLINIC
from backend.simulator.demo.stories import last_clock_change, stories
from backend.simulator.observing import observe
from exercises.tracking.models import Fact
from exercises.triage.models import Alert, AlertEvent
from notifications.models import Delivery
from tests.client import ApiClient

NOW = datetime(2026, 5, 6, 8, 41, tzinfo=UTC)
STANDS = {
    "recovering": ("none", "active", "rehab", set()),
    "plateau": ("see_doctor_soon", "active", "initial", {"SD-PERSIST-3W"}),
    "flare": ("routine", "active", "rehab", {"RT-FLARE"}),
    "cauda_equina": (
        "emergency_now",
        "paused",
        "initial",
        {"RF-CES-BLADDER", "RF-CES-SADDLE"},
    ),
    "silent": ("routine", "active", "rehab", {"RT-DATA-GAP"}),
    "traveller": ("none", "active", "rehab", set()),
}


def make(now: datetime, data: Path) -> dict[str, Any]:
    """The demo clinic as of `now`, and what the command prints."""
    out = StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: now)
        patch.setattr(settings, "DATA_DIR", data)
        call_command("demo", json=True, stdout=out)
    made: dict[str, Any] = json.loads(out.getvalue())
    return made


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, directory: Path
) -> Iterator[dict[str, Any]]:
    """One demo clinic for all tests of this module that only look at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make(NOW, directory)
        transaction.set_rollback(True)


def patients(demo: dict[str, Any]) -> dict[str, Patient]:
    return {
        one["story"]: Patient.objects.select_related("user").get(pk=one["id"])
        for one in demo["patients"]
    }


def test_it_prints_every_sign_in_and_leaves_them_for_the_supervisor(
    demo: dict[str, Any], directory: Path
) -> None:
    assert set(demo) == {"patients", "therapists", "staff"}
    assert [one["story"] for one in demo["patients"]] == list(STANDS)
    for one in demo["patients"]:
        assert set(one) == {"id", "story", "email", "password", "session_token"}
        assert authenticate(email=one["email"], password=one["password"]) is not None
        assert ApiClient(one["session_token"]).get("me").status_code == 200
    for one in demo["therapists"]:
        assert set(one) == {"id", "email", "password", "session_token", "totp_secret"}
        assert Authenticator.objects.get(user=one["id"]).type == Authenticator.Type.TOTP
        assert ApiClient(one["session_token"]).get("alerts").status_code == 200
    assert [one["role"] for one in demo["staff"]] == ["manager", "auditor"]
    for one, path in zip(demo["staff"], ("clinics", "audit"), strict=True):
        assert Authenticator.objects.get(user=one["id"]).type == Authenticator.Type.TOTP
        assert ApiClient(one["session_token"]).get(path).status_code == 200
        assert ApiClient(one["session_token"]).get("patients").status_code == 403
    kept = directory / "demo.json"
    assert json.loads(kept.read_text()) == demo
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def stands(demo: dict[str, Any], now: datetime) -> dict[str, tuple[str, str, str, set[str]]]:
    found = {}
    for name, patient in patients(demo).items():
        seen = observe(patient, now)
        open_rules = {alert.rule for alert in seen.alerts if alert.status == "open"}
        found[name] = (seen.level, seen.plan_state, seen.phase, open_rules)
    return found


def test_every_story_stands_where_it_should(demo: dict[str, Any]) -> None:
    assert stands(demo, NOW) == STANDS


def test_every_story_stands_where_it_should_just_after_midnight(db: None, tmp_path: Path) -> None:
    # London's clocks are an hour ahead of UTC on this day.
    now = datetime.combine(NOW.date(), time(0, 5), ZoneInfo("Europe/London")).astimezone(UTC)
    assert stands(make(now, tmp_path), now) == STANDS


def test_the_first_therapist_looks_after_all_and_the_lead_is_another(
    demo: dict[str, Any],
) -> None:
    first, second = (User.objects.get(pk=one["id"]) for one in demo["therapists"])
    assert caseload(first, NOW).count() == 6
    assert caseload(second, NOW).count() == 0
    assert first.memberships.get().clinic.service_lead == second


def test_only_the_emergency_is_left_to_be_said(
    demo: dict[str, Any],
) -> None:
    found = patients(demo)
    unsaid = AlertEvent.objects.filter(relayed_at=None)
    assert {event.alert.patient_id for event in unsaid} == {found["cauda_equina"].pk}
    assert {event.alert.rule for event in unsaid} == {"RF-CES-BLADDER", "RF-CES-SADDLE"}
    assert all(timedelta(0) < NOW - event.at < timedelta(minutes=10) for event in unsaid)
    assert not Delivery.objects.filter(state="waiting", due_at__lte=NOW).exists()
    assert Delivery.objects.filter(message__patient=found["plateau"], state="sent").exists()


def test_making_it_again_replaces_it_and_touches_nobody_else(
    demo: dict[str, Any], other_patient: Patient, tmp_path: Path
) -> None:
    counts = (User.objects.count(), Fact.objects.count(), Alert.objects.count())
    again = make(NOW, tmp_path)
    assert (User.objects.count(), Fact.objects.count(), Alert.objects.count()) == counts
    assert Clinic.objects.filter(name=CLINIC).count() == 1
    assert Patient.objects.filter(pk=other_patient.pk).exists()
    old, new = demo["patients"][0], again["patients"][0]
    assert old["email"] == new["email"]
    assert ApiClient(old["session_token"]).get("me").status_code == 401


def test_the_histories_are_full_and_lie_in_the_past(
    demo: dict[str, Any],
) -> None:
    found = patients(demo)
    for name, patient in found.items():
        facts = Fact.objects.filter(patient=patient)
        assert facts.filter(type="session").count() > 10, name
        assert facts.filter(type="pain_report").count() > 25, name
        assert not facts.filter(occurred_at__gt=NOW).exists()
        assert not facts.filter(date_disagrees=True).exists()
        assert not facts.exclude(advice_alerts=None).filter(received_at__gt=NOW).exists()


@pytest.mark.parametrize("month", range(1, 13))
def test_the_traveller_crosses_a_clock_change_in_every_season(month: int) -> None:
    now = datetime(2026, month, 20, 12, 0, tzinfo=UTC)
    zone, change = last_clock_change(local_date(now, "Europe/London"))
    (story,) = (one for one in stories(now) if one.name == "traveller")
    days = {step.at.date() for step in story.steps}
    assert {change - timedelta(days=1), change, change + timedelta(days=1)} <= days
    assert timedelta(0) < now.date() - change < timedelta(days=160), zone
    assert [step.at for step in story.steps] == sorted(step.at for step in story.steps)


def test_the_traveller_writes_in_several_zones(
    demo: dict[str, Any],
) -> None:
    traveller = patients(demo)["traveller"]
    zones = set(Fact.objects.filter(patient=traveller).values_list("tz", flat=True))
    assert {"Europe/London", "Asia/Tokyo"} < zones


def test_there_is_no_demo_in_production(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PRODUCTION", True)
    before = User.objects.count()
    with pytest.raises(CommandError, match="no demo clinic in production"):
        call_command("demo")
    assert User.objects.count() == before
