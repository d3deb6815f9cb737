"""Leave and backups: who answers for a patient right now."""

from datetime import datetime, timedelta

import pytest

from backend.accounts import access, rota
from backend.accounts.models import Clinic, Leave, Membership, Patient, User
from tests.factories import make_care, make_clinic, make_therapist

DAY = timedelta(days=1)


@pytest.fixture
def backup(clinic: Clinic, now: datetime) -> User:
    """Stands in for `therapist`."""
    return make_therapist(now=now, clinic=clinic, name="Bea Backup")


def away(
    user: User, clinic: Clinic, start: datetime, days: int | None = 7, backup: User | None = None
) -> Leave:
    membership = Membership.objects.get(user=user, clinic=clinic)
    end = None if days is None else start + days * DAY
    return Leave.objects.create(
        membership=membership, started_at=start, ended_at=end, backup=backup
    )


def sees(user: User, patient: Patient, now: datetime) -> bool:
    return access.patients_visible_to(user, now).filter(pk=patient.pk).exists()


def test_leave_holds_from_its_start_to_its_end_exclusive(
    therapist: User, clinic: Clinic, now: datetime
) -> None:
    away(therapist, clinic, now + DAY, days=2)
    during = [rota.on_leave(therapist, clinic, now + n * DAY) for n in range(4)]
    assert during == [False, True, True, False]


def test_leave_of_one_clinic_is_not_leave_of_another(therapist: User, now: datetime) -> None:
    second = make_clinic(now=now, name="Hill Clinic")
    assert not rota.on_leave(therapist, second, now)


def test_a_backup_answers_for_the_patients_while_she_covers_and_sees_them_then_alone(
    patient: Patient, therapist: User, backup: User, clinic: Clinic, now: datetime
) -> None:
    away(therapist, clinic, now + DAY, backup=backup)
    for at, responsible, seen in (
        (now, therapist, False),
        (now + DAY, backup, True),
        (now + 8 * DAY, therapist, False),
    ):
        assert rota.responsible_for(patient, at) == [responsible]
        assert sees(backup, patient, at) is seen
        assert sees(therapist, patient, at)


def test_the_backup_of_the_membership_stands_in_unless_the_leave_names_another(
    therapist: User, stranger: User, backup: User, clinic: Clinic, now: datetime
) -> None:
    Membership.objects.filter(user=therapist).update(backup=stranger)
    leave = away(therapist, clinic, now, days=None)
    assert rota.backup_of(therapist, clinic, now) == stranger
    Leave.objects.filter(pk=leave.pk).update(backup=backup)
    assert rota.backup_of(therapist, clinic, now) == backup


def test_whoever_is_not_on_leave_needs_no_backup(
    therapist: User, stranger: User, clinic: Clinic, now: datetime
) -> None:
    Membership.objects.filter(user=therapist).update(backup=stranger)
    assert rota.backup_of(therapist, clinic, now) is None


def test_a_backup_who_is_away_gone_or_shut_out_does_not_stand_in(
    patient: Patient, therapist: User, backup: User, clinic: Clinic, now: datetime
) -> None:
    away(therapist, clinic, now, backup=backup)
    assert rota.backup_of(therapist, clinic, now) == backup
    leave = away(backup, clinic, now)
    assert rota.backup_of(therapist, clinic, now) is None
    assert not sees(backup, patient, now)
    assert rota.responsible_for(patient, now) == [therapist]
    leave.delete()
    User.objects.filter(pk=backup.pk).update(is_active=False)
    assert rota.backup_of(therapist, clinic, now) is None
    User.objects.filter(pk=backup.pk).update(is_active=True)
    Membership.objects.filter(user=backup).update(ended_at=now)
    assert rota.backup_of(therapist, clinic, now) is None
    assert not sees(backup, patient, now)


def test_one_backup_for_two_therapists_of_a_patient_is_named_once(
    patient: Patient, therapist: User, backup: User, clinic: Clinic, now: datetime
) -> None:
    make_care(patient=patient, therapist=backup, clinic=clinic, now=now)
    away(therapist, clinic, now, backup=backup)
    assert rota.responsible_for(patient, now) == [backup]


def test_nobody_answers_for_a_patient_without_a_therapist(
    other_patient: Patient, now: datetime
) -> None:
    assert rota.responsible_for(other_patient, now) == []
