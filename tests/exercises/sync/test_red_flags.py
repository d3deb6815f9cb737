"""A red flag that a phone reports is judged at once, whatever is wrong with the report."""

from collections.abc import Callable
from typing import Any

from backend.accounts.models import AuditEvent, Patient, User
from exercises.tracking.models import Quarantined
from exercises.triage.models import Alert, AlertEvent
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]


def test_a_red_flag_answers_with_advice_raises_one_alert_and_pauses_the_plan(
    api: Api, settled: Patient, symptom: Make
) -> None:
    phone, path = api(settled), f"me/symptom-reports/{new_id()}"
    answer = phone.put(path, symptom("S-SADDLE", new_or_changed=True))
    advice = answer.json()["advice"]
    assert answer.status_code == 201
    assert advice["level"] == "emergency_now"
    assert advice["action"] == "call_emergency"
    assert advice["emergency_number"] == "112"
    because = advice["because"][0]
    assert because["rule"] == "RF-CES-SADDLE"
    assert because["matched"]
    assert because["sources"]
    assert because["version"]
    assert Alert.objects.get(patient=settled).rule == "RF-CES-SADDLE"
    assert AlertEvent.objects.get().step == "raised"
    assert AuditEvent.objects.filter(patient_id=settled.pk, action="alert.raised").count() == 1
    assert phone.get("me/plan").json()["state"] == "paused"
    today = phone.get("me/today").json()
    assert today["plan_state"] == "paused"
    assert today["occurrences"] == []
    assert today["advice"]["level"] == "emergency_now"


def test_a_replayed_red_flag_gets_the_same_advice_and_no_second_alert(
    api: Api, settled: Patient, symptom: Make
) -> None:
    phone, path = api(settled), f"me/symptom-reports/{new_id()}"
    first = phone.put(path, symptom("S-SADDLE"))
    again = phone.put(path, symptom("S-SADDLE"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["advice"] == first.json()["advice"]
    assert Alert.objects.count() == 1


def test_a_later_harmless_report_still_answers_with_the_standing_emergency(
    api: Api, settled: Patient, symptom: Make, pain: Make
) -> None:
    phone = api(settled)
    phone.put(f"me/symptom-reports/{new_id()}", symptom("S-SADDLE"))
    answer = phone.put(f"me/pain-reports/{new_id()}", pain(score=1))
    assert answer.json()["advice"]["because"][0]["rule"] == "RF-CES-SADDLE"


def test_a_malformed_red_flag_is_refused_kept_and_judged(
    api: Api, settled: Patient, symptom: Make
) -> None:
    fact_id = new_id()
    body = symptom("S-SADDLE", nonsense=True) | {"tz": "Mars/Olympus"}
    answer = api(settled).put(f"me/symptom-reports/{fact_id}", body)
    assert answer.status_code == 400
    assert answer.json()["advice"]["level"] == "emergency_now"
    kept = Quarantined.objects.get(pk=answer.json()["quarantined_id"])
    assert str(kept.fact_id) == fact_id
    assert Alert.objects.get().rule == "RF-CES-SADDLE"
    again = api(settled).put(f"me/symptom-reports/{fact_id}", body)
    assert again.json()["advice"] == answer.json()["advice"]
    assert (Alert.objects.count(), Quarantined.objects.count()) == (1, 1)


def test_a_red_flag_under_a_known_id_is_refused_kept_and_judged(
    api: Api, settled: Patient, symptom: Make
) -> None:
    phone, path = api(settled), f"me/symptom-reports/{new_id()}"
    phone.put(path, symptom("S-NIGHT-PAIN", eased_by_position=True))
    answer = phone.put(path, symptom("S-BLADDER-INCONT"))
    assert answer.status_code == 409
    assert answer.json()["advice"]["level"] == "emergency_now"
    assert Alert.objects.filter(rule="RF-CES-BLADDER").count() == 1


def test_a_malformed_denial_is_refused_and_raises_nothing(
    api: Api, settled: Patient, symptom: Make
) -> None:
    body = symptom("S-SADDLE", present=False) | {"tz": "Mars/Olympus"}
    answer = api(settled).put(f"me/symptom-reports/{new_id()}", body)
    assert answer.status_code == 400
    assert "advice" not in answer.json()
    assert not Alert.objects.exists()


def test_a_confirmed_retraction_lowers_the_level_and_leaves_a_review(
    api: Api, settled: Patient, symptom: Make
) -> None:
    phone, path = api(settled), f"me/symptom-reports/{new_id()}"
    phone.put(path, symptom("S-SADDLE"))
    bare = phone.post(f"{path}/retract", {})
    assert bare.json()["advice"]["level"] == "emergency_now"
    assert Alert.objects.get().status == "open"
    confirmed = phone.post(f"{path}/retract", {"confirmed_none": True})
    assert confirmed.status_code == 201
    assert confirmed.json()["advice"] is None
    alert = Alert.objects.get()
    assert (alert.status, alert.review_open) == ("retracted", True)
    assert phone.get("me/plan").json()["state"] == "active"
    again = phone.post(f"{path}/retract", {"confirmed_none": True})
    assert again.status_code == 200
    assert again.json()["id"] == confirmed.json()["id"]


def test_a_correction_does_not_unsay_a_red_flag(api: Api, settled: Patient, symptom: Make) -> None:
    phone, first = api(settled), new_id()
    phone.put(f"me/symptom-reports/{first}", symptom("S-SADDLE"))
    body = symptom("S-SADDLE", present=False) | {"amends": first}
    answer = phone.put(f"me/symptom-reports/{new_id()}", body)
    assert answer.json()["advice"]["level"] == "emergency_now"
    assert Alert.objects.get().status == "open"


def test_a_red_flag_whose_correction_came_first_is_still_judged(
    api: Api, settled: Patient, symptom: Make
) -> None:
    phone, first = api(settled), new_id()
    body = symptom("S-SADDLE", present=False) | {"amends": first}
    phone.put(f"me/symptom-reports/{new_id()}", body)
    answer = phone.put(f"me/symptom-reports/{first}", symptom("S-SADDLE"))
    assert answer.json()["advice"]["level"] == "emergency_now"


def test_advice_speaks_the_language_that_the_phone_asks_for(
    api: Api, settled: Patient, symptom: Make
) -> None:
    phone, path = api(settled), f"me/symptom-reports/{new_id()}"
    english = phone.put(path, symptom("S-SADDLE")).json()["advice"]
    german = phone.put(path, symptom("S-SADDLE"), Accept_Language="de-AT, en;q=0.5").json()[
        "advice"
    ]
    neither = phone.put(path, symptom("S-SADDLE"), Accept_Language="xx, *").json()["advice"]
    assert german["message"] != english["message"] == neither["message"]
    assert german["because"] == english["because"]
    assert "112" in german["message"]
