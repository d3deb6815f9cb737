"""What a plan asks of its therapist stands on the patient's page."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from backend.accounts.models import Patient, User
from exercises.plans.selectors import open_plan
from exercises.sync.services.intake import answer_intake

Browse = Callable[[User | Patient], Any]
INTAKE = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}


def test_a_phase_that_lasts_too_long_is_a_task_until_the_therapist_acts(
    browse: Browse, patient: Patient, therapist: User, now: datetime
) -> None:
    answer_intake(patient=patient, answers=INTAKE, now=now)
    page = f"/dashboard/patients/{patient.pk}/"
    assert "lasts longer than planned" not in browse(therapist).get(page).content.decode()
    plan = open_plan(patient.pk)
    assert plan is not None
    plan.start_date -= timedelta(days=30)
    plan.care_started_on = plan.phase_since = plan.start_date
    plan.save()
    text = browse(therapist).get(page).content.decode()
    assert "lasts longer than planned" in text
    assert "review the whole plan" in text
