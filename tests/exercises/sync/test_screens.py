"""The one screen as it was kept: always what would be made now."""

import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Patient, StoredSession, User
from backend.accounts.readers import Reader
from backend.core import release
from backend.core.localtime import local_date
from backend.core.wire import encode
from exercises.plans.selectors import open_plan
from exercises.sync.models import Screen
from exercises.sync.services import screens
from exercises.sync.today import today_view
from exercises.triage import services as triage
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]
SetClock = Callable[[datetime], None]
STEPS = 15
# The long drill looks at more lives.
LIVES = 40 if os.environ.get("STEPWISE_DRILL") == "1" else 3


def made_now(patient: Patient, language: str, now: datetime) -> bytes:
    """The screen computed from the record, without anything that was kept."""
    fresh = Patient.objects.select_related("user").get(pk=patient.pk)
    plan = open_plan(patient.pk)
    assert plan is not None
    day = local_date(now, fresh.user.time_zone)
    reader = Reader(fresh.user.country, language)
    return encode(today_view(patient=fresh, plan=plan, day=day, reader=reader, now=now))


class Life:
    """A patient's phone to which things happen at random."""

    def __init__(
        self, phone: ApiClient, patient: Patient, now: datetime, set_clock: SetClock, seed: int
    ) -> None:
        self.phone, self.patient, self.now = phone, patient, now
        self._set_clock = set_clock
        self._random = random.Random(seed)
        self.served = 0

    def live(self) -> None:
        """Something happens, or time passes, and both screens are looked at."""
        deeds = [self.report_pain, self.report_symptom, self.cool, self.exercise, self.move]
        if self._random.random() < 0.7:
            self._random.choice(deeds)()
        self.look()
        self.wait()
        self.look()

    def wait(self) -> None:
        """A moment, some hours, or right up to the instant at which a kept screen ends."""
        choice = self._random.random()
        kept = Screen.objects.filter(patient=self.patient).order_by("?").first()
        if choice < 0.4 and kept is not None and kept.good_until > self.now:
            before = self._random.choice([timedelta(0), timedelta(microseconds=1)])
            self.now = kept.good_until - before
        else:
            self.now += timedelta(minutes=self._random.choice([1, 20, 90, 121, 300, 1441, 4000]))
        self._set_clock(self.now)
        # As the scheduler does each minute.
        triage.evaluate_due(now=self.now)

    def look(self) -> None:
        for language in ("en", "de"):
            self.served += self._is_kept(language)
            answer = self.phone.get("me/today", Accept_Language=language)
            assert answer.content == made_now(self.patient, language, self.now)
            again = self.phone.get("me/today", Accept_Language=language)
            assert (again.content, again["ETag"]) == (answer.content, answer["ETag"])

    def report_pain(self) -> None:
        score = self._random.choice([0, 2, 4, 9])
        body = self._fact(site=self._random.choice(["knee", "leg", "back"]), kind="avg24")
        self._put("pain-reports", {**body, "score": score})

    def report_symptom(self) -> None:
        code = self._random.choice(["S-BUCKLE", "S-SADDLE", "S-SKIN-BLUE"])
        present = self._random.random() < 0.7
        self._put(
            "symptom-reports",
            self._fact(symptoms=[{"code": code, "present": present, "attrs": {}}]),
        )

    def cool(self, modality: str = "") -> None:
        ahead = timedelta(minutes=self._random.choice([0, 0, 45]))
        body = self._fact(
            modality=modality or self._random.choice(["ice", "heat"]), site="knee", minutes=15
        )
        self._put(
            "home-care", {**body, "occurred_at": (self.now + ahead).isoformat(), "wrapped": True}
        )

    def exercise(self) -> None:
        due = self.phone.get("me/today").json()["occurrences"]
        items = [{"prescription": item["prescription"], "pain_during": 2} for item in due[:2]]
        if items:
            self._put("sessions", self._fact(items=items))

    def move(self) -> None:
        held = self.phone.get("me")
        zone = self._random.choice(["Europe/Berlin", "Pacific/Auckland", "America/New_York"])
        body = {"time_zone": zone, "country": self._random.choice(["DE", "US"])}
        assert self.phone.patch("me", body, If_Match=held["ETag"]).status_code == 200

    def _fact(self, **more: Any) -> dict[str, Any]:
        day = str(local_date(self.now, "Europe/Berlin"))
        at = {"occurred_at": self.now.isoformat(), "tz": "Europe/Berlin", "local_date": day}
        return {**at, **more}

    def _put(self, kind: str, body: dict[str, Any]) -> None:
        answer = self.phone.put(f"me/{kind}/{new_id()}", body)
        assert answer.status_code == 201, answer.content

    def _is_kept(self, language: str) -> bool:
        session = screens.find_with_screen.first(self.phone.token, language, "")
        assert session is not None
        assert session.user is not None
        patient = session.user.patient
        day = local_date(self.now, session.user.time_zone)
        return screens.kept(session, patient, day, self.now) is not None


@pytest.mark.parametrize("seed", range(LIVES))
def test_whatever_happens_and_whenever_the_screen_is_what_would_be_made_now(
    seed: int, api: Api, settled: Patient, now: datetime, set_clock: SetClock
) -> None:
    life = Life(api(settled), settled, now, set_clock, seed)
    for _ in range(STEPS):
        life.live()
    assert life.served > STEPS // 4


def test_time_alone_changes_what_was_kept_when_a_pause_after_cold_ends(
    api: Api, settled: Patient, now: datetime, set_clock: SetClock
) -> None:
    life = Life(api(settled), settled, now, set_clock, 0)
    life.cool("ice")
    seen = set()
    for _ in range(14):
        life.look()
        seen.add(life.phone.get("me/today").content)
        life.now += timedelta(minutes=15)
        set_clock(life.now)
    assert len(seen) > 1
    assert life.served > 14


def test_the_second_look_costs_one_statement_and_so_does_not_modified(
    api: Api, settled: Patient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    phone = api(settled)
    first = phone.get("me/today")
    with django_assert_num_queries(1):
        second = phone.get("me/today")
    assert second.content == first.content
    assert second["Cache-Control"] == "no-store"
    for held in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        with django_assert_num_queries(1):
            again = phone.get("me/today", If_None_Match=held)
        assert (again.status_code, again["ETag"], again.content) == (304, first["ETag"], b"")
    for held in ('"other"', "", first["ETag"].strip('"')):
        assert phone.get("me/today", If_None_Match=held).content == first.content


def test_a_screen_whose_bytes_the_phone_holds_is_found_without_them(
    api: Api, settled: Patient
) -> None:
    phone = api(settled)
    tag = phone.get("me/today")["ETag"]
    found = [screens.find_with_screen.first(phone.token, None, held) for held in (tag, '"other"')]
    assert [vars(session)["screen_body"] is None for session in found] == [True, False]


def test_another_day_is_made_each_time_and_leaves_todays_alone(
    api: Api, settled: Patient, now: datetime
) -> None:
    phone = api(settled)
    phone.get("me/today")
    (kept,) = Screen.objects.all()
    tomorrow = str((now + timedelta(days=1)).date())
    assert phone.get(f"me/today?date={tomorrow}").json()["date"] == tomorrow
    assert [row.made_at for row in Screen.objects.all()] == [kept.made_at]


@pytest.mark.parametrize("changed", ["rev", "made_of", "made_at", "good_until", "day"])
def test_a_kept_screen_that_differs_in_anything_is_made_again(
    changed: str, api: Api, settled: Patient, now: datetime
) -> None:
    phone = api(settled)
    right = phone.get("me/today").content
    values: dict[str, Any] = {
        "rev": 0,
        "made_of": "other code",
        "made_at": now + timedelta(seconds=1),
        "good_until": now,
        "day": now.date() - timedelta(days=1),
    }
    Screen.objects.update(body='"stale"', **{changed: values[changed]})
    assert phone.get("me/today").content == right
    assert Screen.objects.get().body == right.decode()


def test_a_screen_that_cannot_be_kept_is_answered_all_the_same(
    api: Api, settled: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(Screen.objects, "bulk_create", fail)
    phone = api(settled)
    assert phone.get("me/today").status_code == 200
    assert not Screen.objects.exists()


def test_what_is_kept_opens_nothing_to_anybody_else(
    api: Api, settled: Patient, other_patient: Patient, therapist: User, now: datetime
) -> None:
    hers = api(settled)
    hers.get("me/today")
    assert api(other_patient).get("me/today").status_code == 404
    assert api(therapist).get("me/today").status_code == 403
    StoredSession.objects.filter(pk=hers.token).delete()
    assert hers.get("me/today").status_code == 401


def test_the_release_is_the_same_until_code_or_content_changes(
    tmp_path: Any, settings: Any
) -> None:
    settings.BASE_DIR = tmp_path
    for part in release.PARTS:
        (tmp_path / part).mkdir()
    code = tmp_path / "exercises" / "rules.toml"
    seen = set()
    for text in ("a = 1", "a = 2", "a = 1"):
        code.write_text(text)
        seen.add(release.fingerprint.__wrapped__())
    assert len(seen) == 2
