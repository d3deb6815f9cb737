"""The visit brief in the dashboard."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.consents import answer as answer_consent
from backend.accounts.models import AuditEvent, Patient, User
from exercises.reports import brief_pdf
from exercises.reports.services import write_questions
from tests.backend.dashboard.records import make_alert, make_pain_days, make_plan

Browse = Callable[[User | Patient], Any]


@pytest.fixture
def told(patient: Patient, now: datetime) -> Patient:
    """A patient with a plan, pain of a week, an alert and a question."""
    make_plan(patient, start=now.date() - timedelta(days=9), now=now)
    make_pain_days(patient, last=now.date(), knee=[4] * 7)
    make_alert(patient, now=now, matched=[{"what": "symptom", "code": "S-SADDLE", "attrs": {}}])
    write_questions(patient=patient, questions=["May I <b>run</b>?"], base_version=0, now=now)
    return patient


def test_a_therapist_reads_the_brief_and_takes_it_along(
    browse: Browse, told: Patient, therapist: User
) -> None:
    page = browse(therapist).get(f"/dashboard/patients/{told.pk}/brief/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Numb or changed feeling in the saddle area" in text
    assert "May I &lt;b&gt;run&lt;/b&gt;?" in text
    assert f'href="/dashboard/patients/{told.pk}/brief.pdf"' in text
    assert 'aria-current="page"' in text
    assert "no-store" in page["Cache-Control"]
    pdf = browse(therapist).get(f"/dashboard/patients/{told.pk}/brief.pdf")
    assert (pdf.status_code, pdf["Content-Type"]) == (200, "application/pdf")
    looks = AuditEvent.objects.filter(action="brief.read", patient_id=told.pk)
    assert [look.actor_id for look in looks] == [therapist.pk] * 2


@pytest.mark.parametrize("page", ["brief/", "brief.pdf"])
def test_nobody_else_does(
    browse: Browse, told: Patient, therapist: User, stranger: User, page: str
) -> None:
    path = f"/dashboard/patients/{told.pk}/{page}"
    assert browse(stranger).get(path).status_code == 404
    assert browse(told).get(path).status_code in (302, 403)
    assert browse(therapist).post(path).status_code in (403, 405)
    assert not AuditEvent.objects.filter(actor_id=stranger.pk).exists()


def test_what_is_not_shared_is_not_shown(
    browse: Browse, told: Patient, therapist: User, now: datetime
) -> None:
    path = f"/dashboard/patients/{told.pk}/brief"
    for scope in ("notes", "diary"):
        answer_consent(patient_id=told.pk, scope=scope, granted=False, text_version=1, now=now)
        page = browse(therapist).get(f"{path}/")
        assert "run" not in page.content.decode().partition("<main")[2]
    assert page.status_code == 403
    assert "does not share the diary" in page.content.decode()
    assert browse(therapist).get(f"{path}.pdf").status_code == 403


def test_it_speaks_the_readers_language(browse: Browse, told: Patient, therapist: User) -> None:
    page = browse(therapist).get(
        f"/dashboard/patients/{told.pk}/brief/", headers={"Accept-Language": "de"}
    )
    assert '<article class="brief" lang="de">' in page.content.decode()


def test_where_no_pdf_can_be_made_the_page_is_offered(
    browse: Browse, told: Patient, therapist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise OSError(name)

    monkeypatch.setattr(brief_pdf, "import_module", missing)
    refused = browse(therapist).get(f"/dashboard/patients/{told.pk}/brief.pdf")
    assert refused.status_code == 503
    assert f'href="/dashboard/patients/{told.pk}/brief/"' in refused.content.decode()


def test_the_page_takes_the_same_queries_however_long_the_history(
    browse: Browse, told: Patient, therapist: User, now: datetime
) -> None:
    client, path = browse(therapist), f"/dashboard/patients/{told.pk}/brief/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for number in range(8):
        make_alert(told, now=now - timedelta(days=number))
    make_pain_days(told, last=now.date() - timedelta(days=10), knee=[5] * 30)
    assert queries() == few
