"""Whatever holds at once, the patient reads one message, the highest; her therapist sees all."""

from collections.abc import Callable
from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest

from backend.accounts.models import Patient, User
from backend.accounts.services import make_session_token
from exercises.sync.services.intake import answer_intake
from exercises.triage.levels import Level
from exercises.triage.models import Alert
from exercises.triage.rules.pack import default_pack
from notifications.models import Message
from notifications.services import drain
from tests.client import ApiClient
from tests.notifications.rows import Recorder

INTAKE = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}
# For each level a symptom that raises it alone, lowest first.
SAYING: dict[Level, tuple[str, str, dict[str, Any]]] = {
    Level.ROUTINE: ("RT-CONSTIPATION", "S-CONSTIPATION", {}),
    Level.SEE_DOCTOR_SOON: ("SD-CLAUD", "S-CLAUDICATION", {}),
    Level.PROMPT_DAYS: ("PR-NIGHT", "S-NIGHT-PAIN", {"eased_by_position": False}),
    Level.URGENT_SAME_DAY: ("RF-DVT", "S-CALF-SWELL", {"one_leg": True}),
    Level.EMERGENCY_NOW: ("RF-CES-SADDLE", "S-SADDLE", {}),
}
SETS = [levels for size in range(1, 6) for levels in combinations(SAYING, size)]
PROMISES = ("will call you", "will phone you", "will contact you", "ruft sie an", "meldet sich bei")


@pytest.fixture
def phone(
    patient: Patient, therapist: User, now: datetime, set_clock: Callable[[datetime], None]
) -> ApiClient:
    set_clock(now)
    answer_intake(patient=patient, answers=INTAKE, now=now)
    return ApiClient(make_session_token(patient.user, now))


def report(phone: ApiClient, now: datetime, *levels: Level) -> Any:
    """One report that says what raises each of the levels."""
    said = [SAYING[level] for level in levels]
    body = {
        "occurred_at": now.isoformat(),
        "tz": "Europe/Berlin",
        "local_date": now.date().isoformat(),
        "symptoms": [{"code": code, "present": True, "attrs": attrs} for _, code, attrs in said],
    }
    answer = phone.put(f"me/symptom-reports/{uuid4()}", body)
    assert answer.status_code == 201
    return answer.json()["advice"]


@pytest.mark.parametrize("levels", SETS, ids=lambda levels: "+".join(x.code for x in levels))
@pytest.mark.parametrize("apart", [None, "rising", "falling"])
def test_the_patient_reads_one_message_the_highest(
    phone: ApiClient, patient: Patient, now: datetime, levels: tuple[Level, ...], apart: str | None
) -> None:
    order = levels[::-1] if apart == "falling" else levels
    parts = [order] if apart is None else [(level,) for level in order]
    for number, part in enumerate(parts):
        standing = [level for earlier in parts[:number] for level in earlier]
        spoken = report(phone, now, *part)
        assert spoken["level"] == max(part).code
        assert [item["rule"] for item in spoken["because"]] == [
            SAYING[level][0] for level in sorted(part, reverse=True)
        ]
        today = phone.get("me/today").json()["advice"]
        assert today["level"] == max([*standing, *part]).code
    found = Alert.objects.filter(patient=patient).values_list("rule", flat=True)
    assert {*found} == {SAYING[level][0] for level in levels}


@pytest.mark.parametrize("levels", SETS, ids=lambda levels: "+".join(x.code for x in levels))
def test_of_what_was_raised_together_one_message_goes_to_the_patient(
    phone: ApiClient, patient: Patient, now: datetime, levels: tuple[Level, ...]
) -> None:
    channels = {"email": Recorder(), "in_app": Recorder()}
    report(phone, now, *levels)
    drain(now=now, channels=channels)
    heard = {
        envelope.message
        for channel in channels.values()
        for envelope in channel.to(patient.user.email)
    }
    said = Message.objects.filter(pk__in=heard).values_list("rule", flat=True)
    assert [*said] == [SAYING[max(levels)][0]]


def test_no_message_promises_that_somebody_will_call() -> None:
    texts = [text for file in default_pack().texts.values() for text in file.rules.values()]
    assert not [
        text.title for text in texts if any(words in text.message.lower() for words in PROMISES)
    ]
