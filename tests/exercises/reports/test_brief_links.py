"""Links that open a brief without an account: made, listed, opened, ended."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import AuditEvent, Patient, User
from exercises.reports.models import BriefLink
from exercises.reports.services import MOST_LINKS, make_link
from tests.client import ApiClient
from tests.exercises.reports.records import HOSTILE

Api = Callable[[User | Patient | None], ApiClient]
SetClock = Callable[[datetime], None]
LINKS = "me/brief/links"


@pytest.fixture
def visitor(db: None, now: datetime, set_clock: SetClock) -> Client:
    """Somebody without an account."""
    set_clock(now)
    return Client()


def test_a_link_opens_the_brief_for_as_many_days_as_she_said(
    api: Api, asking: Patient, visitor: Client, now: datetime, set_clock: SetClock
) -> None:
    made = api(asking).post(LINKS, {"days": 2})
    assert made.status_code == 201, made.content
    assert made.json()["expires_at"] == "2026-05-06T08:00:00Z"
    path = made.json()["url"].partition("8000")[2]
    page = visitor.get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Pia Patient" in text
    assert "May I run again?" in text
    assert "6 May 2026" in text
    set_clock(now + timedelta(days=2, seconds=-1))
    assert visitor.get(path).status_code == 200
    set_clock(now + timedelta(days=2))
    assert visitor.get(path).status_code == 404


def test_a_link_is_kept_as_a_hash_and_listed_without_its_address(api: Api, asking: Patient) -> None:
    client = api(asking)
    made = client.post(LINKS, {}).json()
    token = made["url"].rstrip("/").rpartition("/")[2]
    assert len(token) >= 43
    link = BriefLink.objects.get()
    assert token not in str(vars(link))
    assert link.expires_at - link.created_at == timedelta(days=7)
    [listed] = client.get(LINKS).json()["items"]
    assert listed == {name: made[name] for name in ("id", "created_at", "expires_at")}


@pytest.mark.parametrize("body", [{"days": 0}, {"days": 31}, {"days": "7"}, {"day": 7}])
def test_a_link_lives_one_to_thirty_days(api: Api, asking: Patient, body: dict[str, Any]) -> None:
    assert api(asking).post(LINKS, body).status_code == 400
    assert not BriefLink.objects.exists()


def test_a_revoked_link_is_gone_at_once(api: Api, asking: Patient, visitor: Client) -> None:
    client = api(asking)
    made = client.post(LINKS, {}).json()
    path = made["url"].partition("8000")[2]
    assert visitor.get(path).status_code == 200
    assert client.delete(f"{LINKS}/{made['id']}").status_code == 204
    assert client.delete(f"{LINKS}/{made['id']}").status_code == 204
    assert visitor.get(path).status_code == 404
    assert client.get(LINKS).json()["items"] == []


def test_nobody_ends_or_lists_the_links_of_others(
    api: Api, asking: Patient, other_patient: Patient, therapist: User
) -> None:
    link = api(asking).post(LINKS, {}).json()["id"]
    assert api(other_patient).delete(f"{LINKS}/{link}").status_code == 404
    assert api(other_patient).get(LINKS).json()["items"] == []
    for method in ("get", "post"):
        assert getattr(api(therapist), method)(LINKS).status_code == 403
        assert getattr(api(None), method)(LINKS).status_code == 401
    assert BriefLink.objects.get().revoked_at is None


def test_the_same_call_under_its_key_makes_one_link(api: Api, asking: Patient) -> None:
    client = api(asking)
    first = client.post(LINKS, {"days": 3}, Idempotency_Key="one")
    again = client.post(LINKS, {"days": 3}, Idempotency_Key="one")
    assert (again.status_code, again.content) == (201, first.content)
    assert BriefLink.objects.count() == 1


def test_there_is_a_bound_on_links(api: Api, asking: Patient) -> None:
    client = api(asking)
    made = [client.post(LINKS, {}) for _ in range(MOST_LINKS)]
    assert {answer.status_code for answer in made} == {201}
    refused = client.post(LINKS, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_links")
    client.delete(f"{LINKS}/{made[0].json()['id']}")
    assert client.post(LINKS, {}).status_code == 201


def test_unknown_expired_and_revoked_look_the_same(
    asking: Patient, visitor: Client, now: datetime
) -> None:
    link, revoked = make_link(patient=asking, days=7, now=now)
    BriefLink.objects.filter(pk=link.pk).update(revoked_at=now)
    _, expired = make_link(patient=asking, days=1, now=now - timedelta(days=3))
    for end in ("", "brief.pdf"):
        answers = [visitor.get(f"/brief/{one}/{end}") for one in ("x" * 43, revoked, expired)]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        names = [set(answer.headers) - {"X-Request-ID"} for answer in answers]
        assert names[0] == names[1] == names[2]


def test_somebody_who_was_deactivated_is_not_shown(
    asking: Patient, visitor: Client, token: str
) -> None:
    User.objects.filter(pk=asking.pk).update(is_active=False)
    assert visitor.get(f"/brief/{token}/").status_code == 404


@pytest.mark.parametrize("end", ["", "brief.pdf"])
def test_nothing_of_it_is_kept_or_passed_on(visitor: Client, token: str, end: str) -> None:
    for path in (f"/brief/{token}/{end}", f"/brief/{'x' * 43}/{end}"):
        answer = visitor.get(path)
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert "Set-Cookie" not in answer
        assert not answer.cookies


def test_the_page_has_nothing_that_its_policy_forbids(visitor: Client, token: str) -> None:
    text = visitor.get(f"/brief/{token}/").content.decode()
    assert "<script" not in text
    assert "style=" not in text
    assert token not in text


def test_only_reading_is_possible(visitor: Client, token: str) -> None:
    assert visitor.head(f"/brief/{token}/").status_code == 200
    for method in (visitor.post, visitor.put, visitor.delete, visitor.patch):
        assert method(f"/brief/{token}/").status_code == 405


def test_each_opening_is_audited_and_in_her_access_log(
    api: Api, asking: Patient, visitor: Client, token: str
) -> None:
    visitor.get(f"/brief/{token}/")
    visitor.get(f"/brief/{token}/brief.pdf")
    events = AuditEvent.objects.filter(action="brief_link.opened")
    assert [(one.actor_id, one.patient_id) for one in events] == [(None, asking.pk)] * 2
    items = api(asking).get("me/access-log").json()["items"]
    opened = [item for item in items if item["action"] == "brief_link.opened"]
    assert [(item["role"], item["name"]) for item in opened] == [("link", "")] * 2
    assert opened[0]["what"] == "The page for your doctor, by a link that you made"
    assert not [item for item in items if item["action"] == "brief_link.made"]


def test_no_log_line_holds_the_link(
    visitor: Client, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    from backend.core.logs import PlainLines

    caplog.set_level(logging.DEBUG)
    visitor.get(f"/brief/{token}/")
    visitor.get(f"/brief/{token}x/")
    visitor.get(f"/brief/{token}")
    lines = [PlainLines().format(one) for one in caplog.records]
    assert not [line for line in lines if token[:20] in line]


def test_whoever_opens_too_often_waits_whether_there_is_a_brief_or_not(
    visitor: Client, token: str
) -> None:
    for one in (token, "x" * 43):
        answers = [visitor.head(f"/brief/{one}/").status_code for _ in range(21)]
        assert answers[:20] == [200 if one == token else 404] * 20
        assert answers[20] == 429
    assert visitor.get(f"/brief/{token}/")["Retry-After"]


def test_an_address_that_guesses_waits_too(visitor: Client, token: str) -> None:
    answers = [visitor.head(f"/brief/{number}/").status_code for number in range(61)]
    assert answers == [404] * 60 + [429]
    assert visitor.head(f"/brief/{token}/").status_code == 429
    assert visitor.head(f"/brief/{token}/", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_the_page_speaks_the_language_of_whoever_opens_it(visitor: Client, token: str) -> None:
    german = visitor.get(f"/brief/{token}/", headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="de">' in german
    assert "Blatt für den Arztbesuch" in german


def test_hostile_words_are_shown_as_words(
    api: Api, asking: Patient, visitor: Client, token: str
) -> None:
    User.objects.filter(pk=asking.pk).update(name=HOSTILE[:80])
    client = api(asking)
    tag = client.get("me/brief/questions")["ETag"]
    body = {"questions": [HOSTILE]}
    assert client.put("me/brief/questions", body, If_Match=tag).status_code == 200
    text = visitor.get(f"/brief/{token}/").content.decode()
    assert "<script" not in text
    assert "<img" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 }}") >= 2
