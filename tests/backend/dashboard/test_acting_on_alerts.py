"""What a therapist does about an alert, on its own page and on the patient's."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import AuditEvent, Patient, User
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertEvent, AlertStatus
from tests.backend.dashboard.records import make_alert

Browse = Callable[[User | Patient], Client]
VERBS = ("acknowledge", "act", "assign", "resolve", "reopen")
SCRIPT = "<script>alert('x')</script>"


@pytest.fixture
def alert(patient: Patient, therapist: User, now: datetime) -> Alert:
    return make_alert(patient, now=now)


def path_of(alert: Alert, verb: str = "alert") -> str:
    return reverse(f"dashboard:{verb}", args=[alert.patient_id, alert.pk])


def test_the_page_of_an_alert_shows_why_what_was_done_and_every_form(
    browse: Browse, therapist: User, alert: Alert
) -> None:
    client = browse(therapist)
    done = client.post(path_of(alert, "act"), {"action": "called", "reason": "At noon"})
    assert done["Location"] == f"/dashboard/patients/{alert.patient_id}/"
    answer = client.get(path_of(alert))
    text = answer.content.decode()
    assert answer.status_code == 200
    for verb in ("act", "assign", "resolve"):
        assert path_of(alert, verb) in text
    for verb in ("acknowledge", "reopen"):
        assert path_of(alert, verb) not in text
    assert "Called the patient" in text
    assert "At noon" in text
    assert "Acknowledged by Theo Therapist" in text
    assert AuditEvent.objects.filter(action="alert.read", actor_id=therapist.pk).exists()


def test_a_form_leads_back_to_where_it_was(browse: Browse, therapist: User, alert: Alert) -> None:
    client = browse(therapist)
    sent = {"action": "referred", "from": "alert"}
    assert client.post(path_of(alert, "act"), sent)["Location"] == path_of(alert)
    assert b"Noted what was done" in client.get(path_of(alert)).content


def test_the_patients_page_says_what_was_done(
    browse: Browse, therapist: User, alert: Alert
) -> None:
    client = browse(therapist)
    client.post(path_of(alert, "act"), {"action": "called", "reason": SCRIPT})
    client.post(path_of(alert, "assign"), {"to": str(therapist.pk)})
    text = client.get(f"/dashboard/patients/{alert.patient_id}/").content.decode()
    assert "Called the patient · Theo Therapist" in text
    assert "with Theo Therapist" in text
    assert SCRIPT not in text


@pytest.mark.parametrize(
    ("verb", "sent", "said"),
    [
        ("act", {"action": "no_action", "reason": " "}, "Say why nothing was done."),
        ("act", {"reason": "kept words"}, "Choose what you did."),
        ("act", {"action": "danced", "reason": "kept words"}, "Choose one of these."),
        ("assign", {"reason": "kept words"}, "Choose a colleague."),
        ("assign", {"to": "nobody", "reason": "kept words"}, "Choose a therapist of the clinic."),
        ("resolve", {"reason": ""}, "Say why you close this alert."),
        ("resolve", {"reason": "kept\x07words"}, "Use plain text without control characters."),
        ("resolve", {"reason": "kept words" * 60}, "at most 500 characters"),
    ],
)
def test_what_could_not_be_taken_is_said_and_what_was_typed_is_kept(
    browse: Browse, therapist: User, alert: Alert, verb: str, sent: dict[str, str], said: str
) -> None:
    answer = browse(therapist).post(path_of(alert, verb), sent)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert said in text
    assert 'role="alert"' in text
    assert "kept" not in sent["reason"] or f'value="{sent["reason"][:4]}' in text
    alert.refresh_from_db()
    assert alert.status == AlertStatus.OPEN
    assert not AlertEvent.objects.filter(alert=alert).exists()


def test_a_choice_made_stays_made_when_the_words_are_refused(
    browse: Browse, therapist: User, stranger: User, alert: Alert
) -> None:
    client = browse(therapist)
    long = "x" * 501
    acted = client.post(path_of(alert, "act"), {"action": "referred", "reason": long})
    assert b'value="referred"\n               required\n               checked' in acted.content
    passed = client.post(path_of(alert, "assign"), {"to": str(stranger.pk), "reason": long})
    assert f'value="{stranger.pk}" selected' in passed.content.decode()


@pytest.mark.parametrize("verb", VERBS)
def test_a_stranger_finds_nothing_and_a_look_changes_nothing(
    browse: Browse, therapist: User, stranger: User, alert: Alert, verb: str
) -> None:
    sent = {"reason": "mine", "action": "called", "to": str(stranger.pk)}
    assert browse(stranger).post(path_of(alert, verb), sent).status_code == 404
    assert browse(stranger).get(path_of(alert)).status_code == 404
    assert browse(therapist).get(path_of(alert, verb)).status_code == 405
    alert.refresh_from_db()
    assert (alert.status, alert.assigned_to) == (AlertStatus.OPEN, None)


@pytest.mark.parametrize(
    ("verb", "sent", "step"),
    [
        ("acknowledge", {}, "acknowledged"),
        ("act", {"action": "messaged", "reason": "wrote"}, "acted"),
        ("assign", {}, "assigned"),
        ("resolve", {"reason": "seen"}, "resolved"),
    ],
)
def test_a_double_click_is_harmless(
    browse: Browse,
    therapist: User,
    stranger: User,
    alert: Alert,
    verb: str,
    sent: dict[str, str],
    step: str,
) -> None:
    client = browse(therapist)
    for _ in range(2):
        answer = client.post(path_of(alert, verb), {"to": str(stranger.pk)} | sent)
        assert answer.status_code == 302
    assert AlertEvent.objects.filter(alert=alert, step=step).count() == 1


def test_a_resolved_alert_is_taken_back_up_once(
    browse: Browse, therapist: User, alert: Alert
) -> None:
    client = browse(therapist)
    client.post(path_of(alert, "resolve"), {"reason": "seen"})
    assert path_of(alert, "reopen") in client.get(path_of(alert)).content.decode()
    refused = client.post(path_of(alert, "reopen"), {"reason": ""})
    assert b"Say why you take this alert back up." in refused.content
    for _ in range(2):
        client.post(path_of(alert, "reopen"), {"reason": "it came back", "from": "alert"})
    assert b"This alert is open already." in client.get(path_of(alert)).content
    alert.refresh_from_db()
    assert alert.status == AlertStatus.OPEN
    assert AlertEvent.objects.filter(alert=alert, step="reopened").count() == 1


def test_what_is_over_says_so(
    browse: Browse, patient: Patient, therapist: User, now: datetime
) -> None:
    over = make_alert(patient, now=now, status=AlertStatus.CLEARED, review_open=False)
    client = browse(therapist)
    sent = {"action": "called", "reason": "x", "to": str(therapist.pk), "from": "alert"}
    for verb in ("acknowledge", "act", "assign", "resolve"):
        client.post(path_of(over, verb), sent)
        assert b"This alert was closed in the meantime." in client.get(path_of(over)).content


def test_of_an_unshared_diary_the_page_keeps_back_what_was_reported_and_written(
    browse: Browse, patient: Patient, therapist: User, now: datetime, api: Any
) -> None:
    matched: list[dict[str, Any]] = [
        {"what": "symptom", "code": "S-SADDLE", "attrs": {}, "local_date": "2026-05-04"}
    ]
    alert = make_alert(patient, now=now, matched=matched)
    lesser = make_alert(patient, now=now, level=Level.ROUTINE)
    client = browse(therapist)
    client.post(path_of(alert, "act"), {"action": "called", "reason": "she told me"})
    assert b"she told me" in client.get(path_of(alert)).content
    withdrawn = {"scope": "diary", "granted": False, "version": 1}
    assert api(patient).post("me/consents", withdrawn).status_code == 200
    text = client.get(path_of(alert)).content.decode()
    assert "she told me" not in text
    assert "S-SADDLE" not in text
    assert client.get(path_of(lesser)).status_code == 404


def test_the_page_costs_the_same_whatever_was_done(
    browse: Browse,
    therapist: User,
    alert: Alert,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client = browse(therapist)
    client.get(path_of(alert))
    with django_assert_max_num_queries(20) as counted:
        client.get(path_of(alert))
    cost = len(counted)
    for number in range(5):
        client.post(path_of(alert, "act"), {"action": "called", "reason": f"call {number}"})
    client.get(path_of(alert))
    with django_assert_num_queries(cost):
        client.get(path_of(alert))
