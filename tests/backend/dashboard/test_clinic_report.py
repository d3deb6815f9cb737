"""The service report on the pages."""

from collections.abc import Callable
from datetime import datetime

from django.test import Client
from django.urls import reverse

from backend.accounts.models import AuditEvent, Clinic, Role, User
from backend.accounts.services import employ
from tests.factories import make_care, make_patient, make_therapist, make_user


def test_the_page_and_its_csv_say_the_same(
    browse: Callable[[User], Client], clinic: Clinic, now: datetime
) -> None:
    therapist = make_therapist(now=now, clinic=clinic)
    for _ in range(6):
        make_care(patient=make_patient(now=now), therapist=therapist, clinic=clinic, now=now)
    manager = make_user(now=now)
    employ(user=manager, clinic=clinic, role=Role.MANAGER, now=now)
    client = browse(manager)
    page = client.get(reverse("dashboard:clinic_report", args=[clinic.pk]))
    assert b"May 2026" in page.content
    assert b"Why care ended" in page.content
    path = reverse("dashboard:clinic_report_csv", args=[clinic.pk])
    answer = client.get(path)
    assert answer["Content-Disposition"] == 'attachment; filename="service-report-2026-05-04.csv"'
    lines = answer.content.decode().splitlines()
    assert lines[0].startswith("month,enrolled,started,due,active,stopped_by_patient")
    assert lines[0].endswith(",ended_not_helping,ended_other,ended_unknown")
    assert lines[1:] == [
        "2026-05,6,0,0,0,0,0,0,,,,,,,",
        "all,6,0,0,0,0,0,0,0,0,0,0,0,0,0",
    ]
    assert AuditEvent.objects.filter(action="report.exported", actor_id=manager.pk).count() == 1


def test_a_clinic_without_patients_says_so(
    browse: Callable[[User], Client], stranger: User, clinic: Clinic
) -> None:
    page = browse(stranger).get(reverse("dashboard:clinic_report", args=[clinic.pk]))
    assert b"Nobody has been in care here yet." in page.content
