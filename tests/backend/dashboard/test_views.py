"""The therapists' pages over HTTP."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import AuditEvent, Clinic, Patient, User
from exercises.tracking.models import FactType
from exercises.triage.levels import Level
from exercises.triage.models import AlertEvent, AlertStatus
from tests.backend.dashboard.records import (
    heard,
    make_alert,
    make_fact,
    make_pain_days,
    make_plan,
    make_prescription,
)
from tests.factories import make_care, make_patient

Browse = Callable[[User | Patient], Client]
PANEL = "/dashboard/"
TODAY = date(2026, 5, 4)
SCRIPT = "<script>alert('x')</script>"


def page_of(patient: Patient) -> str:
    return f"/dashboard/patients/{patient.pk}/"


def test_the_panel_lists_the_patients_in_care_with_their_reasons(
    browse: Browse, therapist: User, patient: Patient, other_patient: Patient, now: datetime
) -> None:
    make_alert(patient, now=now - timedelta(hours=2))
    page = browse(therapist).get(PANEL)
    text = page.content.decode()
    assert page.status_code == 200
    assert page["Cache-Control"].count("no-store") == 1
    assert "Pia Patient" in text
    assert "Emergency" in text
    assert "2 h ago" in text
    assert "Mon 4 May 2026, 08:00" in text  # 06:00 UTC in the therapist's zone
    assert "Olga Other" not in text


def test_a_caseload_of_nobody_says_so(browse: Browse, stranger: User) -> None:
    assert b"No patients yet" in browse(stranger).get(PANEL).content


def test_the_search_finds_by_name_and_keeps_the_order(
    browse: Browse, therapist: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    second = make_patient(now=now, name="Zoe Zimmer")
    make_care(patient=second, therapist=therapist, clinic=clinic, now=now)
    text = browse(therapist).get(PANEL, {"sort": "name", "q": "zim"}).content.decode()
    assert "Zoe Zimmer" in text
    assert "Pia Patient" not in text
    assert "sort=name&amp;q=zim" in text


def test_an_unknown_order_is_the_default_one(browse: Browse, therapist: User) -> None:
    assert browse(therapist).get(PANEL, {"sort": "shoe_size"}).status_code == 200


def test_a_refresh_that_finds_nothing_new_sends_and_audits_nothing(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    client = browse(therapist)
    tag = client.get(PANEL).context["tag"]
    before = AuditEvent.objects.count()
    again = client.get(PANEL, {"seen": tag}, headers={"HX-Request": "true"})
    assert (again.status_code, AuditEvent.objects.count()) == (204, before)
    make_alert(patient, now=now)
    changed = client.get(PANEL, {"seen": tag}, headers={"HX-Request": "true"})
    assert changed.status_code == 200
    assert b"<html" not in changed.content
    assert b'hx-swap-oob="innerHTML"' in changed.content
    assert AuditEvent.objects.filter(action="panel.read", patient_id=patient.pk).count() == 2


def test_a_refresh_after_signing_out_loads_the_whole_page(db: None) -> None:
    answer = Client().get(PANEL, headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    "path", [PANEL, "/dashboard/patients/0190a000-0000-7000-8000-000000000000/"]
)
def test_whoever_has_not_signed_in_is_sent_to_sign_in(db: None, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/dashboard/")


def test_a_patient_gets_a_page_that_says_for_whom_it_is(browse: Browse, patient: Patient) -> None:
    for path in (PANEL, page_of(patient)):
        answer = browse(patient).get(path)
        assert answer.status_code == 403
        assert b"For therapists only" in answer.content


def test_another_therapists_patient_looks_like_a_page_that_does_not_exist(
    browse: Browse, stranger: User, patient: Patient, now: datetime
) -> None:
    alert = make_alert(patient, now=now)
    client = browse(stranger)
    missing = client.get("/dashboard/patients/0190a000-0000-7000-8000-000000000000/")
    found = client.get(page_of(patient))
    assert (missing.status_code, found.status_code) == (404, 404)
    assert b"Nothing here" in found.content
    for verb in ("acknowledge", "resolve"):
        path = reverse(f"dashboard:{verb}", args=[patient.pk, alert.pk])
        assert client.post(path, {"reason": "mine"}).status_code == 404
    alert.refresh_from_db()
    assert alert.status == AlertStatus.OPEN


def test_an_alert_is_found_under_its_own_patient_alone(
    browse: Browse, therapist: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    second = make_patient(now=now)
    make_care(patient=second, therapist=therapist, clinic=clinic, now=now)
    alert = make_alert(second, now=now)
    path = reverse("dashboard:acknowledge", args=[patient.pk, alert.pk])
    assert browse(therapist).post(path).status_code == 404


def test_the_patients_page_shows_plan_pain_and_reports_and_is_audited(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    plan = make_plan(patient, start=TODAY - timedelta(days=12), now=now)
    make_prescription(plan)
    make_pain_days(patient, last=TODAY, knee=[6, 5, 4])
    make_alert(patient, now=now)
    answer = browse(therapist).get(page_of(patient))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Initial · day 12" in text
    assert 'role="img"' in text
    assert "Knee: 3 days logged, 6 on 2 May, 4 on 4 May, highest 6." in text
    assert "https://example.org/guideline" in text
    assert AuditEvent.objects.filter(
        action="patient.read", patient_id=patient.pk, actor_id=therapist.pk, at=now
    ).exists()


def test_a_patient_without_anything_gets_words_for_each_absence(
    browse: Browse, therapist: User, patient: Patient
) -> None:
    text = browse(therapist).get(page_of(patient)).content.decode()
    assert "That is not an all-clear" in text
    assert "Nothing is known, which is not the same as no pain" in text
    assert "Never reported" in text
    assert "Nothing was reported in these 14 days" in text
    assert '<svg class="chart' not in text


def test_acknowledging_twice_is_acknowledging_once(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    alert = make_alert(patient, now=now)
    client = browse(therapist)
    path = reverse("dashboard:acknowledge", args=[patient.pk, alert.pk])
    for _ in range(2):
        answer = client.post(path)
        assert answer["Location"] == page_of(patient)
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by) == (AlertStatus.ACKNOWLEDGED, therapist)
    assert AlertEvent.objects.filter(alert=alert, step="acknowledged").count() == 1
    text = client.get(page_of(patient)).content.decode()
    assert "Acknowledged by Theo Therapist, just now" in text
    assert path not in text


def test_acknowledging_asks_for_the_forms_token(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    alert = make_alert(patient, now=now)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browse(therapist).cookies
    answer = strict.post(reverse("dashboard:acknowledge", args=[patient.pk, alert.pk]))
    assert answer.status_code == 403
    assert b"Please try again" in answer.content


def test_a_page_is_not_acknowledged_by_reading_it(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    alert = make_alert(patient, now=now)
    path = reverse("dashboard:acknowledge", args=[patient.pk, alert.pk])
    assert browse(therapist).get(path).status_code == 405


def test_an_alert_is_resolved_with_a_reason_and_never_without(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    alert = make_alert(patient, now=now)
    client = browse(therapist)
    path = reverse("dashboard:resolve", args=[patient.pk, alert.pk])
    refused = client.post(path, {"reason": "  "})
    assert refused.status_code == 400
    assert b"Say why you close this alert." in refused.content
    assert b'aria-invalid="true"' in refused.content
    for _ in range(2):
        assert client.post(path, {"reason": "Seen at the hospital"}).status_code == 302
    alert.refresh_from_db()
    assert alert.status == AlertStatus.RESOLVED
    assert AlertEvent.objects.filter(alert=alert, step="resolved").count() == 1
    assert b"Earlier alerts (1)" in client.get(page_of(patient)).content


def test_a_withdrawn_alert_stays_until_it_is_reviewed(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    alert = make_alert(patient, now=now, status=AlertStatus.RETRACTED)
    client = browse(therapist)
    text = client.get(PANEL).content.decode()
    assert "withdrawn by the patient, still to be reviewed" in text
    assert "No open alert" in text
    client.post(reverse("dashboard:resolve", args=[patient.pk, alert.pk]), {"reason": "A mistake"})
    assert "withdrawn by the patient" not in client.get(PANEL).content.decode()


def test_what_others_typed_is_text_and_never_markup(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    patient.user.name = SCRIPT
    patient.user.save()
    matched: list[dict[str, Any]] = [
        {"what": "symptom", "code": SCRIPT, "attrs": {SCRIPT: SCRIPT}, "local_date": "2026-05-04"}
    ]
    make_alert(patient, now=now, matched=matched)
    make_fact(
        patient,
        kind=FactType.SYMPTOM,
        day=TODAY,
        now=now,
        data={"symptoms": [], "answered_no": [], "note": SCRIPT},
    )
    client = browse(therapist)
    for path in (PANEL, f"{PANEL}?q={SCRIPT}", page_of(patient)):
        text = client.get(path).content.decode()
        assert SCRIPT not in text
        assert "&lt;script&gt;" in text


def test_pages_carry_no_inline_style_or_script(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    make_pain_days(patient, last=TODAY, knee=[6, 5, 4])
    make_alert(patient, now=now)
    client = browse(therapist)
    for answer in (
        Client().get("/accounts/login/"),
        client.get(PANEL),
        client.get(page_of(patient)),
    ):
        text = answer.content.decode()
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert " style=" not in text
        assert "<style" not in text
        assert "<script>" not in text
        assert "onclick" not in text


@pytest.mark.parametrize("path", [PANEL, "one"])
def test_queries_do_not_grow_with_patients_or_reports(
    browse: Browse,
    therapist: User,
    patient: Patient,
    clinic: Clinic,
    now: datetime,
    path: str,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    def add(number: int) -> None:
        for index in range(number):
            one = make_patient(now=now)
            make_care(patient=one, therapist=therapist, clinic=clinic, now=now)
            plan = make_plan(one, start=TODAY - timedelta(days=9), now=now)
            make_prescription(plan)
            make_pain_days(one, last=TODAY - timedelta(days=20 * (index % 2)), knee=[4, 5])
            make_alert(one, now=now, level=Level.ROUTINE)
            make_alert(patient, now=now, level=Level.ROUTINE)
            heard(one, at=now)

    add(2)
    make_plan(patient, start=TODAY, now=now)
    where = PANEL if path == PANEL else page_of(patient)
    client = browse(therapist)
    client.get(where)  # The first request of a session notes that it was used.
    with django_assert_max_num_queries(9 if path == PANEL else 60) as counted:
        client.get(where)
    queries = len(counted)
    add(18)
    client.get(where)  # What was kept of the rows is made anew by the first who looks.
    with django_assert_num_queries(queries):
        client.get(where)


def test_a_broken_page_tells_what_to_do_without_it(
    browse: Browse, therapist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("backend.dashboard.views.panel.panel_page", fail)
    client = browse(therapist)
    client.raise_request_exception = False
    answer = client.get(PANEL)
    assert answer.status_code == 500
    assert b"Something broke on our side" in answer.content


def test_the_table_names_each_absence_and_joins_days_of_the_same_kind(
    browse: Browse, therapist: User, patient: Patient, now: datetime
) -> None:
    make_plan(patient, start=TODAY - timedelta(days=9), now=now)
    make_pain_days(patient, last=TODAY - timedelta(days=5), knee=[6, 5])
    heard(patient, at=now - timedelta(days=2))
    make_alert(patient, now=now - timedelta(days=1), level=Level.ROUTINE)
    table = browse(therapist).get(page_of(patient)).context["parts"].pain.rows
    assert [(row.days, row.values or row.absence, len(row.alerts)) for row in table] == [
        ("4 May", "not synced since", 0),
        ("3 May", "not synced since", 1),
        ("2 May", "not synced since", 0),
        ("30 Apr to 1 May", "not logged", 0),
        ("29 Apr", ("5", "\N{EN DASH}", "\N{EN DASH}"), 0),
        ("28 Apr", ("6", "\N{EN DASH}", "\N{EN DASH}"), 0),
        ("25 to 27 Apr", "not logged", 0),
        ("21 to 24 Apr", "before the plan", 0),
    ]
