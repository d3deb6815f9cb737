"""The work list, and the workload of a clinic."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts import consents
from backend.accounts.clinics import Actor, plan_leave
from backend.accounts.models import AuditEvent, Clinic, Membership, Patient, Role, User
from backend.accounts.services import employ, invite
from exercises.conversation.services import read_messages, send_message
from exercises.triage.levels import Level
from exercises.triage.models import AlertStatus
from exercises.triage.workload import workload_of
from tests.backend.dashboard.records import make_alert, make_plan
from tests.factories import make_care, make_clinic, make_patient, make_therapist, make_user

Browse = Callable[[User | Patient], Client]
WORK = "/dashboard/work/"
DAY = timedelta(days=1)
TODAY = date(2026, 5, 4)


def text_of(client: Client, path: str = WORK) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def section(text: str, name: str) -> str:
    return text.partition(f'<h2 id="{name}">')[2].partition("</section>")[0]


def test_alerts_stand_where_they_are_in_their_life(
    browse: Browse, therapist: User, patient: Patient, other_patient: Patient, now: datetime
) -> None:
    make_alert(patient, now=now)
    make_alert(patient, now=now, status=AlertStatus.RETRACTED)
    make_alert(patient, now=now, level=Level.ROUTINE, status=AlertStatus.ACKNOWLEDGED)
    make_alert(other_patient, now=now)
    text = text_of(browse(therapist))
    assert "Emergency" in section(text, "unacknowledged")
    assert section(text, "reviews").count("Pia Patient") == 1
    assert "Routine" in section(text, "in-hand")
    assert "Olga Other" not in text
    assert "2 to look at" in text
    seen = AuditEvent.objects.filter(action="work_list.read")
    assert [event.patient_id for event in seen] == [patient.pk]


def test_nothing_to_do_is_no_all_clear(browse: Browse, stranger: User) -> None:
    text = text_of(browse(stranger))
    assert "That is not an all-clear." in text
    assert "No plan asks for anything." in text


def test_a_plan_that_waits_is_listed_while_the_diary_is_shared(
    browse: Browse, api: Any, therapist: User, patient: Patient, now: datetime
) -> None:
    make_plan(patient, start=TODAY - 40 * DAY, now=now)
    client = browse(therapist)
    assert "Pia Patient" in section(text_of(client), "tasks")
    assert api(therapist).get("tasks").json()["items"]
    consents.answer(patient_id=patient.pk, scope="diary", granted=False, text_version=1, now=now)
    assert "No plan asks for anything." in text_of(client)
    assert api(therapist).get("tasks").json()["items"] == []


def test_messages_wait_until_somebody_of_the_team_has_read_them(
    browse: Browse, therapist: User, stranger: User, patient: Patient, now: datetime
) -> None:
    client = browse(therapist)
    assert "Messages nobody has read" not in text_of(client)
    sent = send_message(
        patient=patient, message_id=uuid4(), text="A question", by=patient.user, now=now
    )
    text = text_of(client)
    assert "1 new message" in section(text, "unread")
    assert "A question" not in text
    assert "Messages nobody has read" not in text_of(browse(stranger))
    read_messages(patient=patient, upto=sent.message, by=therapist, now=now)
    assert "Messages nobody has read" not in text_of(client)


def test_invitations_are_listed_once_they_have_waited(
    browse: Browse, therapist: User, clinic: Clinic, now: datetime
) -> None:
    invite(clinic=clinic, therapist=therapist, now=now - 4 * DAY)
    client = browse(therapist)
    assert "Invitations nobody took up" not in text_of(client)
    invite(clinic=clinic, therapist=therapist, now=now - 6 * DAY)
    assert "6 days ago" in section(text_of(client), "stale")


def test_it_says_who_stands_in_for_whom(
    browse: Browse, therapist: User, stranger: User, clinic: Clinic, now: datetime
) -> None:
    member = Membership.objects.get(user=therapist)
    actor = Actor(therapist, clinic, now)
    plan_leave(actor=actor, member=member, first=TODAY, last=TODAY + 2 * DAY, backup=stranger)
    third = make_therapist(now=now, clinic=clinic)
    away = make_therapist(now=now, clinic=make_clinic(now=now))
    assert "You stand in for Theo Therapist, until 6 May 2026." in text_of(browse(stranger))
    own = "You are away from Harbour Clinic, until 6 May 2026: Stella Stranger stands in for you."
    assert own in text_of(browse(therapist))
    others = "Theo Therapist is away, until 6 May 2026: Stella Stranger stands in."
    assert others in text_of(browse(third))
    assert "is away" not in text_of(browse(away))


def test_only_therapists_have_a_work_list(
    browse: Browse, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    manager = make_user(now=now)
    employ(user=manager, clinic=clinic, role=Role.MANAGER, now=now)
    for person in (patient, manager):
        assert browse(person).get(WORK).status_code == 403


def test_the_workload_counts_by_therapist_level_and_age(
    therapist: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    second = make_therapist(now=now, clinic=clinic)
    hers = make_patient(now=now)
    make_care(patient=hers, therapist=second, clinic=clinic, now=now)
    make_alert(patient, now=now)
    make_alert(patient, now=now - DAY, level=Level.ROUTINE)
    make_alert(patient, now=now - 3 * DAY, level=Level.ROUTINE, status=AlertStatus.ACKNOWLEDGED)
    make_alert(patient, now=now, status=AlertStatus.RESOLVED)
    make_alert(hers, now=now - 2 * DAY, level=Level.URGENT_SAME_DAY)
    found = workload_of(clinic, now)
    load = found[therapist.pk]
    assert load.by_level == {Level.EMERGENCY_NOW: 1, Level.ROUTINE: 2}
    assert (load.under_a_day, load.one_to_three_days, load.older) == (1, 1, 1)
    assert (load.total, load.unacknowledged) == (3, 2)
    assert found[second.pk].by_level == {Level.URGENT_SAME_DAY: 1}


def test_without_the_diary_the_workload_counts_what_stays_visible(
    therapist: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    make_alert(patient, now=now)
    make_alert(patient, now=now, level=Level.ROUTINE)
    consents.answer(patient_id=patient.pk, scope="diary", granted=False, text_version=1, now=now)
    assert workload_of(clinic, now)[therapist.pk].by_level == {Level.EMERGENCY_NOW: 1}


def test_another_clinics_care_is_not_in_the_workload(
    therapist: User, patient: Patient, now: datetime
) -> None:
    make_alert(patient, now=now)
    assert workload_of(make_clinic(now=now, name="Hill"), now) == {}


def test_a_manager_reads_how_many_people_and_no_alert(
    browse: Browse, therapist: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    make_alert(patient, now=now)
    manager = make_user(now=now)
    employ(user=manager, clinic=clinic, role=Role.MANAGER, now=now)
    path = reverse("dashboard:clinic_workload", args=[clinic.pk])
    text = text_of(browse(manager), path)
    assert "1 patient in care." in text
    assert "Emergency" not in text
    full = text_of(browse(therapist), path)
    assert "Emergency" in full
    assert "Pia Patient" not in full


@pytest.mark.parametrize("which", ["work", "workload"])
def test_queries_do_not_grow_with_the_work(
    browse: Browse,
    therapist: User,
    clinic: Clinic,
    now: datetime,
    which: str,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    path = WORK if which == "work" else reverse("dashboard:clinic_workload", args=[clinic.pk])

    def add(number: int) -> None:
        for _ in range(number):
            one = make_patient(now=now)
            make_care(patient=one, therapist=therapist, clinic=clinic, now=now)
            make_plan(one, start=TODAY - 40 * DAY, now=now)
            make_alert(one, now=now)
            invite(clinic=clinic, therapist=therapist, now=now - 6 * DAY)

    add(2)
    client = browse(therapist)
    client.get(path)
    with django_assert_max_num_queries(22) as counted:
        client.get(path)
    usual = len(counted)
    add(6)
    with django_assert_num_queries(usual):
        client.get(path)
