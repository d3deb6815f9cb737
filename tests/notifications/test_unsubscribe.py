from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from backend.accounts.models import Patient
from exercises.triage.levels import Level
from notifications.channels.email import compose
from notifications.models import MailOptOut
from notifications.services import switch_mail_on
from tests.notifications.envelopes import envelope

pytestmark = pytest.mark.django_db


def mail(level: Level, patient: Patient) -> Any:
    return compose(envelope(level=level, recipient=patient.user_id, address="pia@example.org"))


@pytest.fixture
def link(patient: Patient) -> str:
    return urlsplit(mail(Level.PROMPT_DAYS, patient).extra_headers["List-Unsubscribe"][1:-1]).path


def test_an_ordinary_mail_can_be_switched_off_and_says_what_cannot(patient: Patient) -> None:
    ordinary = mail(Level.PROMPT_DAYS, patient)

    headers = ordinary.extra_headers
    link = headers["List-Unsubscribe"][1:-1]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.startswith("http://127.0.0.1:8000/mail/unsubscribe/")
    (page, kind) = ordinary.alternatives[0]
    assert kind == "text/html"
    for text in (ordinary.body, page):
        assert link in text
        assert "Messages about your safety still come." in text
    assert str(patient.pk) not in link


@pytest.mark.parametrize("level", [Level.URGENT_SAME_DAY, Level.EMERGENCY_NOW])
def test_a_safety_message_cannot_be_switched_off_and_says_so(
    patient: Patient, level: Level
) -> None:
    grave = mail(level, patient)

    assert "List-Unsubscribe" not in grave.extra_headers
    assert "about your safety" in grave.body
    assert "unsubscribe" not in grave.body


def test_following_the_link_asks_and_changes_nothing(client: Client, link: str) -> None:
    answer = client.get(link)

    assert answer.status_code == 200
    assert b"Switch off" in answer.content
    assert answer["Cache-Control"] == "no-store"
    assert not MailOptOut.objects.exists()


def test_one_click_switches_off_without_a_sign_in_and_again_is_harmless(
    link: str, patient: Patient
) -> None:
    strict = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = strict.post(
            link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200

    assert MailOptOut.objects.get().user == patient.user
    switch_mail_on(user=patient.user_id)
    assert not MailOptOut.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_link_does_nothing(client: Client, link: str, method: str) -> None:
    answer = getattr(client, method)(link[:-2] + "xx")

    assert answer.status_code == 404
    assert not MailOptOut.objects.exists()


def test_a_link_of_somebody_who_was_erased_does_nothing(
    client: Client, link: str, patient: Patient, now: datetime
) -> None:
    patient.user.delete()

    assert client.post(link).status_code == 200
    assert not MailOptOut.objects.exists()
