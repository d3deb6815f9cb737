"""Both sides of the numbers that only a diary can show."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from backend.accounts.models import Patient, User
from exercises.tracking.facts import HomeCare
from exercises.tracking.models import FactType
from exercises.triage.loading import warmed_by_heat
from exercises.triage.phasing import recent_tolerance
from exercises.triage.rules.record import SymptomFact
from tests.exercises.triage.diary import DAY, START, Diary, at

SetClock = Callable[[datetime], None]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def diary(patient: Patient, therapist: User) -> Diary:
    return Diary(patient)


@pytest.mark.parametrize(("ago", "counts"), [(0, True), (3, True), (4, False)])
def test_a_session_counts_for_the_gate_for_three_days(diary: Diary, ago: int, counts: bool) -> None:
    diary.session(2, "EX-01", during=9, morning=4)
    found = recent_tolerance(diary.plan, START + (2 + ago) * DAY)
    assert (found.pain_during, found.next_morning) == ((9, 4) if counts else (None, None))


@pytest.mark.parametrize(
    ("after", "tagged"),
    [(-MINUTE, False), (0 * MINUTE, True), (135 * MINUTE, True), (136 * MINUTE, False)],
)
def test_a_warm_knee_is_put_down_to_heat_for_two_hours(
    diary: Diary, patient: Patient, after: timedelta, tagged: bool
) -> None:
    body = HomeCare(
        modality="heat", site="knee", minutes=15, wrapped=False,
        occurred_at=at(1, 10), tz="Europe/Berlin", local_date=START + DAY,
    )  # fmt: skip
    diary._tell(FactType.HOME_CARE, body, at(1, 10))
    moment = at(1, 10) + after
    warm = SymptomFact(
        source_id="w", order=0, code="S-KNEE-WARM", present=True, attrs={}, occurred_at=moment,
        local_date=moment.date(), received_at=moment,
    )  # fmt: skip
    (found,) = warmed_by_heat(patient.pk, [warm])
    assert (found.attrs.get("after_heat_pack") is True) is tagged
