"""The pages of a clinic over HTTP: its members, leave and invitations."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.joining import accept
from backend.accounts.models import (
    AuditEvent,
    CareRelationship,
    Clinic,
    Invitation,
    Leave,
    Membership,
    Patient,
    Role,
    User,
)
from backend.accounts.services import employ, invite
from tests.factories import make_clinic, make_patient, make_therapist, make_user

Browse = Callable[[User | Patient], Client]
CODE = re.compile(r"[A-Z2-9]{5}-[A-Z2-9]{5}")


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> User:
    user = make_user(now=now, name="Mara Manager")
    employ(user=user, clinic=clinic, role=Role.MANAGER, now=now)
    return user


@pytest.fixture
def visit(clinic: Clinic) -> Callable[..., str]:
    """`visit("lead")` is the path of that page of the clinic."""
    return lambda name, *args: reverse(f"dashboard:clinic_{name}", args=[clinic.pk, *args])


Visit = Callable[..., str]


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def test_a_manager_reads_who_works_here_and_no_patient(
    browse: Browse, manager: User, therapist: User, patient: Patient, visit: Visit
) -> None:
    text = page(browse(manager), visit("members"))
    assert "Theo Therapist" in text
    assert "1 patient ·" in text
    assert "Remove as therapist" in text
    assert patient.user.name not in text


def test_a_therapist_reads_the_members_and_changes_nothing(
    browse: Browse, therapist: User, stranger: User, visit: Visit
) -> None:
    client = browse(therapist)
    text = page(client, visit("members"))
    assert "Stella Stranger" in text
    assert "Remove" not in text
    for path in (
        visit("lead"),
        visit("backup", stranger.pk),
        visit("hand_over", stranger.pk),
        visit("end_membership", stranger.pk, "therapist"),
        visit("plan_leave"),
    ):
        assert client.post(path, {"person": str(stranger.pk)}).status_code == 403
    assert Membership.objects.filter(ended_at=None).count() == 2


def test_a_manager_of_another_clinic_finds_nothing(
    browse: Browse, manager: User, therapist: User, now: datetime
) -> None:
    hill = make_clinic(now=now, name="Hill Clinic")
    client = browse(manager)
    for name in ("members", "invitations", "lead", "plan_leave"):
        path = reverse(f"dashboard:clinic_{name}", args=[hill.pk])
        assert client.post(path).status_code in (404, 405)
        assert client.get(path).status_code in (404, 405)


def test_the_lead_and_the_backup_are_named_and_taken_back(
    browse: Browse, manager: User, therapist: User, stranger: User, clinic: Clinic, visit: Visit
) -> None:
    client = browse(manager)
    for _ in range(2):
        assert client.post(visit("lead"), {"person": str(therapist.pk)}).status_code == 302
    client.post(visit("backup", therapist.pk), {"person": str(stranger.pk)})
    clinic.refresh_from_db()
    assert clinic.service_lead == therapist
    text = page(client, visit("members"))
    assert "<strong>Theo Therapist</strong>" in text
    assert "Stella Stranger stands in" in text
    client.post(visit("lead"), {"person": ""})
    client.post(visit("backup", therapist.pk), {"person": ""})
    text = page(client, visit("members"))
    assert "nobody is named to stand in" in text
    assert "<strong>nobody is named</strong>" in text


def test_nobody_stands_in_for_herself_or_comes_from_elsewhere(
    browse: Browse, manager: User, therapist: User, now: datetime, visit: Visit
) -> None:
    client = browse(manager)
    own = client.post(visit("backup", therapist.pk), {"person": str(therapist.pk)}, follow=True)
    assert b"Choose another therapist" in own.content
    away = make_therapist(now=now, clinic=make_clinic(now=now, name="Hill"))
    lead = client.post(visit("lead"), {"person": str(away.pk)}, follow=True)
    assert b"Choose a therapist of this clinic." in lead.content
    for person in ("", "x", str(away.pk)):
        sent = {"person": person}
        moved = client.post(visit("hand_over", therapist.pk), sent, follow=True)
        assert b"Choose another therapist" in moved.content
    assert client.post(visit("backup", away.pk), {"person": ""}).status_code == 404


def test_a_leave_is_planned_and_ended(
    browse: Browse, manager: User, therapist: User, stranger: User, visit: Visit
) -> None:
    client = browse(manager)
    sent = {"person": str(therapist.pk), "first_day": "2026-05-04", "backup": str(stranger.pk)}
    assert client.post(visit("plan_leave"), sent).status_code == 302
    text = page(client, visit("members"))
    assert "Now, until further notice" in text
    assert "Away, Stella Stranger stands in" in text
    again = client.post(visit("plan_leave"), sent)
    assert again.status_code == 400
    assert b"She is away then already." in again.content
    leave = Leave.objects.get()
    for _ in range(2):
        assert client.post(visit("end_leave", leave.pk)).status_code == 302
    assert "Nobody is away" in page(client, visit("members"))


def test_a_leave_that_cannot_be_keeps_what_was_typed(
    browse: Browse, manager: User, therapist: User, visit: Visit
) -> None:
    client = browse(manager)
    sent = {"person": str(therapist.pk), "first_day": "2026-05-01", "last_day": "2026-04-30"}
    answer = client.post(visit("plan_leave"), sent)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "Today or later." in text
    assert 'value="2026-05-01"' in text
    own = sent | {"first_day": "2026-05-04", "last_day": "", "backup": str(therapist.pk)}
    assert b"Choose another therapist" in client.post(visit("plan_leave"), own).content
    early = sent | {"first_day": "2026-05-09", "last_day": "2026-05-08"}
    assert b"Not before the first day." in client.post(visit("plan_leave"), early).content
    assert not Leave.objects.exists()


def test_a_therapist_leaves_once_her_patients_are_handed_over(
    browse: Browse, manager: User, therapist: User, stranger: User, patient: Patient, visit: Visit
) -> None:
    client = browse(manager)
    end = visit("end_membership", therapist.pk, "therapist")
    assert b"still looks after 1 patients" in client.post(end, follow=True).content
    client.post(visit("hand_over", therapist.pk), {"person": str(stranger.pk)})
    assert CareRelationship.objects.get(patient=patient, ended_at=None).therapist == stranger
    assert client.post(end).status_code == 302
    assert client.post(end).status_code == 404
    assert "Theo Therapist" not in page(client, visit("members"))


def test_patients_may_be_left_without_a_therapist_and_a_clinic_not_without_a_manager(
    browse: Browse, manager: User, therapist: User, visit: Visit
) -> None:
    client = browse(manager)
    end = visit("end_membership", therapist.pk, "therapist")
    client.post(end, {"release": "yes"})
    assert not CareRelationship.objects.filter(ended_at=None).exists()
    own = client.post(visit("end_membership", manager.pk, "manager"), follow=True)
    assert b"Make somebody else a manager first." in own.content


def test_a_therapist_invites_a_patient_with_a_code_that_is_shown_once(
    browse: Browse, therapist: User, clinic: Clinic, now: datetime, visit: Visit
) -> None:
    client = browse(therapist)
    assert "No invitation is waiting." in page(client, visit("invitations"))
    answer = client.post(visit("invitations"))
    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    [code] = CODE.findall(answer.content.decode())
    assert not CODE.search(page(client, visit("invitations")))
    patient = make_patient(now=now)
    assert accept(user=patient.user, code=code, now=now).therapist == therapist
    assert "No invitation is waiting." in page(client, visit("invitations"))
    assert AuditEvent.objects.filter(action="invitation.made", actor_id=therapist.pk).exists()


def test_a_therapist_sees_and_revokes_her_own_invitations_alone(
    browse: Browse,
    therapist: User,
    stranger: User,
    manager: User,
    clinic: Clinic,
    now: datetime,
    visit: Visit,
) -> None:
    mine, _ = invite(clinic=clinic, therapist=therapist, now=now)
    hers, _ = invite(clinic=clinic, therapist=stranger, now=now)
    client = browse(therapist)
    text = page(client, visit("invitations"))
    assert "Patient of Theo Therapist" in text
    assert "Stella" not in text
    assert client.post(visit("revoke", hers.pk)).status_code == 404
    for _ in range(2):
        assert client.post(visit("revoke", mine.pk)).status_code == 302
    assert AuditEvent.objects.filter(action="invitation.revoked").count() == 1
    assert "Stella" in page(browse(manager), visit("invitations"))
    assert browse(manager).post(visit("revoke", hers.pk)).status_code == 302


def test_a_manager_invites_into_the_staff_and_for_a_therapist(
    browse: Browse, manager: User, therapist: User, visit: Visit
) -> None:
    client = browse(manager)
    for sent in ({"role": "auditor"}, {"role": "patient", "person": str(therapist.pk)}):
        answer = client.post(visit("invitations"), sent)
        assert answer.status_code == 201
        assert CODE.search(answer.content.decode())
    assert set(Invitation.objects.values_list("role", "therapist")) == {
        ("auditor", None),
        ("", therapist.pk),
    }
    for wrong, said in (
        ({"role": "patient"}, b"Name who looks after her."),
        ({"role": "owner"}, b"Select a valid choice"),
        ({"role": "patient", "person": "x"}, b"Select a valid choice"),
    ):
        answer = client.post(visit("invitations"), wrong)
        assert (answer.status_code, said in answer.content) == (400, True)


def test_the_pages_take_as_many_queries_for_many_as_for_few(
    browse: Browse,
    manager: User,
    therapist: User,
    clinic: Clinic,
    now: datetime,
    visit: Visit,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client = browse(manager)
    paths = [visit("members"), visit("invitations")]
    client.get(paths[0])
    usual = []
    for path in paths:
        with django_assert_max_num_queries(14) as counted:
            client.get(path)
        usual.append(len(counted))
    for number in range(8):
        colleague = make_therapist(now=now, clinic=clinic, name=f"Tina {number}")
        invite(clinic=clinic, therapist=colleague, now=now)
    for path, count in zip(paths, usual, strict=True):
        with django_assert_num_queries(count):
            client.get(path)
