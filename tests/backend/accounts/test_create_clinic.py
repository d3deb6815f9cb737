"""`manage.py create_clinic`."""

from datetime import datetime
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from backend.accounts.models import AuditEvent, Clinic, Membership
from tests.factories import make_user

EMAIL = "mara@example.org"


def create(name: str = "Harbour Clinic", zone: str = "Europe/Berlin", manager: str = EMAIL) -> str:
    out = StringIO()
    call_command("create_clinic", name, time_zone=zone, manager=manager, stdout=out)
    return out.getvalue()


def test_a_clinic_begins_with_its_manager(db: None, now: datetime) -> None:
    manager = make_user(now=now, email=EMAIL)
    said = create(manager=EMAIL.upper())
    clinic = Clinic.objects.get()
    assert str(clinic.pk) in said
    assert clinic.time_zone == "Europe/Berlin"
    held = Membership.objects.get()
    assert (held.user, held.clinic, held.role) == (manager, clinic, "manager")
    assert AuditEvent.objects.get().action == "clinic.founded"


def test_the_same_again_is_the_same_clinic(db: None, now: datetime) -> None:
    make_user(now=now, email=EMAIL)
    assert create() == create()
    assert Clinic.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"zone": "Berlin"}, {"manager": "nobody@example.org"}]
)
def test_what_does_not_fit_is_said_and_makes_nothing(
    db: None, now: datetime, wrong: dict[str, str]
) -> None:
    make_user(now=now, email=EMAIL)
    with pytest.raises(CommandError):
        create(**wrong)
    assert not Clinic.objects.exists()


def test_an_address_that_nobody_confirmed_makes_no_manager(db: None, now: datetime) -> None:
    make_user(now=now, email=EMAIL)
    EmailAddress.objects.update(verified=False)
    with pytest.raises(CommandError, match="confirmed"):
        create()
