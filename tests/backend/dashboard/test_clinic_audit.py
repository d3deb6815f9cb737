"""The audit of a clinic on a page."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts import audit
from backend.accounts.models import AuditEvent, Clinic, Patient, Role, User
from backend.accounts.services import employ
from tests.factories import make_user

Browse = Callable[[User | Patient], Client]
DAY = timedelta(days=1)


@pytest.fixture
def where(clinic: Clinic) -> str:
    return reverse("dashboard:clinic_audit", args=[clinic.pk])


def member(clinic: Clinic, now: datetime, role: Role) -> User:
    user = make_user(now=now - 9 * DAY, name=f"Mona {role.label}")
    employ(user=user, clinic=clinic, role=role, now=now - 9 * DAY)
    return user


@pytest.fixture
def auditor(clinic: Clinic, now: datetime) -> User:
    return member(clinic, now, Role.AUDITOR)


def noted(user: User, action: str, now: datetime, patient: Patient | None = None) -> None:
    known = patient.pk if patient else None
    audit.record(actor_id=user.pk, action=action, patient_id=known, now=now)


def text_of(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_auditor_lands_on_the_audit_and_finds_nothing_clinical(
    browse: Browse, auditor: User, therapist: User, patient: Patient, now: datetime, where: str
) -> None:
    noted(therapist, "patient.read", now, patient)
    client = browse(auditor)
    assert client.get("/dashboard/", follow=True).request["PATH_INFO"] == where
    text = text_of(client, where)
    assert str(patient.pk) in text
    assert "Theo Therapist" in text
    assert patient.user.name not in text
    seen = AuditEvent.objects.filter(action="audit.read", actor_id=auditor.pk)
    assert {event.patient_id for event in seen} == {patient.pk}
    for path in ("/dashboard/work/", where.replace("audit", "members")):
        assert client.get(path).status_code == 403


def test_a_manager_reads_pseudonyms(
    browse: Browse, therapist: User, patient: Patient, clinic: Clinic, now: datetime, where: str
) -> None:
    noted(therapist, "patient.read", now, patient)
    client = browse(member(clinic, now, Role.MANAGER))
    text = text_of(client, where)
    assert "patient.read" in text
    assert str(patient.pk) not in text
    assert "Patient, by id" not in text
    # The filter is not hers: it is not heard.
    assert "patient.read" in text_of(client, where, patient=str(make_user(now=now).pk))


def test_each_filter_finds_its_own(
    browse: Browse,
    auditor: User,
    therapist: User,
    stranger: User,
    patient: Patient,
    now: datetime,
    where: str,
) -> None:
    noted(therapist, "patient.read", now, patient)
    noted(therapist, "invitation.made", now)
    noted(auditor, "report.exported", now - 3 * DAY)
    client = browse(auditor)

    def actions(**query: str) -> set[str]:
        known = ("patient.read", "invitation.made", "report.exported")
        text = text_of(client, where, **query)
        return {action for action in known if f"<code>{action}</code>" in text}

    assert actions() == {"patient.read", "invitation.made", "report.exported"}
    assert actions(actor=str(therapist.pk)) == {"patient.read", "invitation.made"}
    assert actions(actor=str(stranger.pk)) == set()
    assert actions(patient=str(patient.pk)) == {"patient.read"}
    assert actions(action="invitation") == {"invitation.made"}
    assert actions(last_day="2026-05-03") == {"report.exported"}
    assert actions(first_day="2026-05-02") == {"patient.read", "invitation.made"}


@pytest.mark.parametrize(
    "query",
    [{"actor": "x"}, {"patient": "x"}, {"action": "A'B"}, {"first_day": "soon"}],
)
def test_a_filter_that_is_none_is_said(
    browse: Browse, auditor: User, where: str, query: dict[str, str]
) -> None:
    answer = browse(auditor).get(where, query)
    assert answer.status_code == 400
    assert b"errorlist" in answer.content


def test_it_is_read_a_page_at_a_time(
    browse: Browse, auditor: User, now: datetime, where: str
) -> None:
    for number in range(60):
        noted(auditor, "invitation.made", now - timedelta(minutes=number))
    client = browse(auditor)
    page = client.get(where, {"action": "invitation"})
    assert len(page.context["page"].lines) == 50
    rest = client.get(f"{where}?{page.context['page'].next_query}")
    assert len(rest.context["page"].lines) == 10
    assert rest.context["page"].next_query == ""
    assert client.get(where, {"cursor": "made-up"}).status_code == 404


def test_queries_do_not_grow_with_the_events(
    browse: Browse,
    auditor: User,
    therapist: User,
    patient: Patient,
    now: datetime,
    where: str,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    noted(therapist, "patient.read", now, patient)
    client = browse(auditor)
    client.get(where)
    with django_assert_max_num_queries(13) as counted:
        client.get(where)
    usual = len(counted)
    for _ in range(9):
        noted(therapist, "patient.read", now, patient)
    with django_assert_num_queries(usual):
        client.get(where)
