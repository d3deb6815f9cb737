"""Pages pass through all that protects them; calls of the API pass through what they need."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from backend.accounts.models import Patient, User
from backend.core.pages_only import PagesOnlyMiddleware, is_api
from tests.client import ApiClient
from tests.factories import PASSWORD

Api = Callable[[User | Patient | None], ApiClient]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/me/today", True),
        ("/api/v1/schema", True),
        ("/api/v1/docs", False),
        ("/api/auth/app/v1/auth/login", False),
        ("/api/v1", False),
        ("/dashboard/", False),
        ("/", False),
    ],
)
def test_the_api_is_what_programs_are_answered(path: str, expected: bool) -> None:
    assert is_api(path) is expected


def passed(path: str) -> set[str]:
    """What a request to `path` brings to a view of those things that page middlewares add."""
    seen: set[str] = set()

    def view(request: HttpRequest) -> HttpResponse:
        names = ("session", "user", "_messages", "htmx", "csp_nonce")
        seen.update(name for name in names if hasattr(request, name))
        return HttpResponse()

    PagesOnlyMiddleware(view)(RequestFactory().get(path))
    return seen


def test_only_pages_get_a_session_a_person_messages_and_a_nonce(db: None) -> None:
    everything = {"session", "user", "_messages", "htmx", "csp_nonce"}
    assert passed("/dashboard/") == passed("/api/auth/app/v1/config") == everything
    assert passed("/api/v1/me") == set()


def test_nothing_is_named_twice_or_left_out() -> None:
    named = [*settings.MIDDLEWARE, *settings.PAGE_MIDDLEWARE]
    assert len(named) == len(set(named))
    BaseHandler().load_middleware()


def test_a_form_without_its_token_is_refused(patient: Patient) -> None:
    client = Client(enforce_csrf_checks=True)
    form = {"login": patient.user.email, "password": PASSWORD}
    assert client.post("/accounts/login/", form).status_code == 403


def test_a_cookie_opens_no_call_of_the_api(patient: Patient, now: datetime) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": patient.user.email, "password": PASSWORD})
    assert client.get("/api/v1/me").status_code == 401


def test_an_answer_of_the_api_says_nothing_of_cookies_and_has_its_policy(
    api: Api, patient: Patient
) -> None:
    answer: Any = api(patient).get("me")
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert api(patient).get("nowhere")["Content-Security-Policy"]


def test_what_a_page_raises_is_answered_by_the_pages_own(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = PagesOnlyMiddleware(lambda _: HttpResponse())
    answers = iter(("outer", "inner"))

    class Answering:
        def __init__(self) -> None:
            self.name = next(answers)

        def process_view(self, _request: HttpRequest, *_view: Any) -> str:
            return self.name

        def process_exception(self, _request: HttpRequest, _error: Exception) -> str:
            return self.name

    monkeypatch.setattr(pages, "_made", [Answering(), Answering()])
    page, call = RequestFactory().get("/dashboard/"), RequestFactory().get("/api/v1/me")
    assert str(pages.process_view(page, None, (), {})) == "outer"
    assert str(pages.process_exception(page, ValueError())) == "inner"
    assert pages.process_exception(call, ValueError()) is None
