"""The whole story against a running product: real web, worker, scheduler, broker and SMTP."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import requests

from tests.e2e.phone import Caller, Mailbox, wait_until
from tests.e2e.processes import ROOT, Product, running_product

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

INTAKE = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Product, Mailbox]]:
    """One running product for the tests of this module."""
    with ExitStack() as stack:
        mailbox = stack.enter_context(Mailbox())
        # The `demo` fixture makes the clinic; one more at the start would only take longer.
        started = running_product(smtp=mailbox.url, env={"STEPWISE_DEMO": "no"})
        yield stack.enter_context(started), mailbox


@pytest.fixture(scope="module")
def demo(world: tuple[Product, Mailbox]) -> dict[str, Any]:
    """The demo clinic, made again beside the running product."""
    found: dict[str, Any] = json.loads(world[0].manage("demo", "--json"))
    return found


def _moment() -> dict[str, str]:
    now = datetime.now(UTC)
    return {"occurred_at": now.isoformat(), "tz": "UTC", "local_date": now.date().isoformat()}


def _patient_of(
    product: Product, mailbox: Mailbox, therapist: Caller, name: str
) -> tuple[Caller, str]:
    """Somebody new: signed up by e-mail, invited, her intake answered."""
    email = f"{name}-{uuid4().hex[:6]}@example.org"
    phone = Caller(product.base_url)
    phone.sign_up(mailbox, email, f"quite a long secret {uuid4()}")
    status, invitation = therapist("POST", "/api/v1/invitations", {})
    assert status == 201, invitation
    status, answer = phone("POST", f"/api/v1/invitations/{invitation['code']}/accept", {})
    assert status in (200, 201), answer
    status, answer = phone("PUT", "/api/v1/me/intake", {"answers": INTAKE})
    assert (status, answer["status"]) == (200, "complete"), answer
    return phone, email


def test_a_red_flag_goes_from_the_phone_to_patient_and_therapist(
    world: tuple[Product, Mailbox], demo: dict[str, Any]
) -> None:
    product, mailbox = world
    doctor = demo["therapists"][0]
    therapist = Caller(product.base_url, doctor["session_token"])
    phone, email = _patient_of(product, mailbox, therapist, "flora")

    status, today = phone("GET", "/api/v1/me/today")
    assert (status, today["phase"], today["day"]) == (200, "initial", 0)
    assert all(item["dose"] and item["stop_rules"] for item in today["occurrences"])
    status, _ = phone(
        "PUT",
        f"/api/v1/me/sessions/{uuid4()}",
        _moment() | {"items": [{"exercise": "EX-19", "done": {"sets": 2, "hold_s": 30}}]},
    )
    assert status == 201
    pain = _moment() | {"site": "knee", "kind": "avg24", "score": 4}
    assert phone("PUT", f"/api/v1/me/pain-reports/{uuid4()}", pain)[0] == 201

    mails = len(mailbox.to(email))
    report = _moment() | {
        "symptoms": [{"code": "S-SADDLE", "present": True, "attrs": {"new_or_changed": True}}]
    }
    started = time.monotonic()
    status, answer = phone("PUT", f"/api/v1/me/symptom-reports/{uuid4()}", report)
    assert (status, answer["advice"]["level"]) == (201, "emergency_now")
    assert phone("GET", "/api/v1/me/plan")[1]["state"] == "paused"

    mail = wait_until(lambda: mailbox.to(email)[mails:], seconds=10)[0]
    assert time.monotonic() - started < 10
    text = str(mail)
    assert "saddle" not in text.lower()
    # A delivery is told of once its row says so, a moment after the mail itself has gone out.
    decisions = wait_until(
        lambda: [
            delivery["decision"]
            for item in phone("GET", "/api/v1/me/notifications")[1]["items"]
            for delivery in item["deliveries"]
            if (item["rule"], delivery["channel"]) == ("RF-CES-SADDLE", "email")
        ],
        seconds=10,
    )
    assert decisions == ["send"]
    assert wait_until(lambda: mailbox.to(doctor["email"]), seconds=10)

    me = phone("GET", "/api/v1/me")[1]["id"]
    panel = therapist("GET", "/api/v1/patients")[1]["items"]
    row = next(item for item in panel if item["id"] == me)
    assert row["level"] == "emergency_now"
    assert panel.index(row) < sum(item["level"] == "emergency_now" for item in panel)
    alert = row["reasons"][0]["alert"]
    status, seen = therapist("POST", f"/api/v1/patients/{me}/alerts/{alert}/acknowledge")
    assert (status, seen["status"]) == (200, "acknowledged")


def test_the_loop_of_the_guide_records_offline_and_ends_in_sync(
    world: tuple[Product, Mailbox], demo: dict[str, Any], tmp_path: Path
) -> None:
    patient = demo["patients"][0]
    script = ROOT / "examples" / "first-app" / "loop.py"
    told = [
        subprocess.run(
            [
                sys.executable,
                script,
                world[0].base_url,
                patient["session_token"],
                tmp_path / "saved",
            ],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for _ in range(2)
    ]
    for lines in told:
        assert "4 reports wait" in lines
        assert "Not accepted" in lines
        assert "In sync" in lines
    held = [int(re.findall(r"In sync: (\d+) objects", lines)[-1]) for lines in told]
    assert held[1] >= held[0] + 4
    phone = Caller(world[0].base_url, patient["session_token"])
    assert phone("GET", "/api/v1/sync/status")[1]["pending_rejections"] == 0


def test_the_api_answers_while_the_broker_hangs_and_all_is_delivered_after(
    world: tuple[Product, Mailbox], demo: dict[str, Any]
) -> None:
    product, mailbox = world
    therapist = Caller(product.base_url, demo["therapists"][0]["session_token"])
    phone, email = _patient_of(product, mailbox, therapist, "hanna")
    before = len(mailbox.to(email))
    product.broker.pause()
    try:
        report = _moment() | {"symptoms": [{"code": "S-SADDLE", "present": True}]}
        started = time.monotonic()
        status, answer = phone("PUT", f"/api/v1/me/symptom-reports/{uuid4()}", report)
        assert (status, answer["advice"]["level"]) == (201, "emergency_now")
        assert phone("GET", "/api/v1/me/today")[0] == 200
        assert time.monotonic() - started < 5
        time.sleep(6)
        assert len(mailbox.to(email)) == before
    finally:
        product.broker.resume()
    assert wait_until(lambda: mailbox.to(email)[before:], seconds=60)


def test_what_was_due_while_the_broker_was_killed_is_delivered(
    world: tuple[Product, Mailbox], demo: dict[str, Any]
) -> None:
    product, mailbox = world
    therapist = Caller(product.base_url, demo["therapists"][0]["session_token"])
    phone, email = _patient_of(product, mailbox, therapist, "kira")
    before = len(mailbox.to(email))
    product.broker.kill()
    report = _moment() | {"symptoms": [{"code": "S-SADDLE", "present": True}]}
    status, _ = phone("PUT", f"/api/v1/me/symptom-reports/{uuid4()}", report)
    assert status == 201
    if hasattr(product.broker, "restart"):
        time.sleep(3)
        product.broker.restart()
    assert wait_until(lambda: mailbox.to(email)[before:], seconds=60)
    time.sleep(5)
    sent = {mail["Message-ID"] for mail in mailbox.to(email)[before:]}
    assert len(sent) == 1


@pytest.mark.parametrize(("hour", "decision"), [(12, "send"), (3, "hold")])
def test_pain_that_persists_asks_to_see_a_doctor_in_the_send_window(
    world: tuple[Product, Mailbox], demo: dict[str, Any], hour: int, decision: str
) -> None:
    product, mailbox = world
    therapist = Caller(product.base_url, demo["therapists"][0]["session_token"])
    phone, _ = _patient_of(product, mailbox, therapist, "petra")
    zone = _zone_where_it_is(hour)
    _move_to(phone, zone)
    today = datetime.now(ZoneInfo(zone)).date()
    answers = {
        "home_care_since": (today - timedelta(days=25)).isoformat(),
        "pain_at_episode_start": 6,
    }
    assert phone("PUT", "/api/v1/me/intake", {"answers": answers})[0] == 200
    advice = [_report_pain(phone, zone, days_ago=ago) for ago in (3, 2, 1, 0)][-1]
    assert advice["because"][0]["rule"] == "SD-PERSIST-3W"
    mail = wait_until(lambda: _mail_about(phone, "SD-PERSIST-3W"), seconds=20)
    assert mail["decision"] == decision


def _mail_about(phone: Caller, rule: str) -> dict[str, Any] | None:
    for item in phone("GET", "/api/v1/me/notifications")[1]["items"]:
        if item["rule"] == rule:
            # A channel is listed once it was decided on; the inbox may be first.
            mails = [each for each in item["deliveries"] if each["channel"] == "email"]
            return mails[0] if mails else None
    return None


def _report_pain(phone: Caller, zone: str, *, days_ago: int) -> dict[str, Any]:
    moment = datetime.now(ZoneInfo(zone)) - timedelta(days=days_ago)
    body = {
        "occurred_at": moment.isoformat(),
        "tz": zone,
        "local_date": moment.date().isoformat(),
        "site": "knee",
        "kind": "avg24",
        "score": 6,
    }
    status, answer = phone("PUT", f"/api/v1/me/pain-reports/{uuid4()}", body)
    assert status == 201, answer
    advice: dict[str, Any] = answer["advice"]
    return advice


def _zone_where_it_is(hour: int) -> str:
    """A zone in whose clocks it is that hour now; "Etc/GMT-5" is five hours east of Greenwich."""
    east = (hour - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def _move_to(phone: Caller, zone: str) -> None:
    url = f"{phone.base_url}/api/v1/me"
    tag = requests.get(url, headers={"X-Session-Token": phone.token}, timeout=20).headers["ETag"]
    status, answer = phone("PATCH", "/api/v1/me", {"time_zone": zone}, If_Match=tag)
    assert status == 200, answer
