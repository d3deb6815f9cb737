"""Every page and every door sends the headers that keep a browser from doing harm."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from backend.accounts.models import Patient, User
from tests.factories import PASSWORD

Browse = Callable[[User | Patient], Client]
FORM = re.compile(r"<form\b[^>]*method=\"post\"[^>]*>.*?</form>", re.DOTALL | re.IGNORECASE)
# A script must come from a file of ours, or be data for one.
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\b(src=|type=\"application/json\"))[^>]*>")
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|javascript:")


def paths(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    """The address of every page that needs no name of a thing in it."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if "<" in path or "(" in path or "\\" in path:
            continue
        if isinstance(entry, URLPattern):
            yield path.replace("^", "").replace("$", "")
        else:
            yield from paths(entry, path)


PAGES = sorted(set(paths(get_resolver("backend.urls"))))


def test_the_walk_meets_the_pages() -> None:
    assert {"/accounts/login/", "/dashboard/", "/api/v1/docs", "/healthz"} <= set(PAGES)
    assert len(PAGES) > 60


def check(answer: Any, path: str) -> None:
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy, path
    assert "unsafe" not in policy, path
    assert "frame-ancestors 'none'" in policy, path
    assert answer["X-Content-Type-Options"] == "nosniff", path
    assert answer["X-Frame-Options"] == "DENY", path
    assert answer["Referrer-Policy"] == "same-origin", path
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin", path
    assert "camera=()" in answer["Permissions-Policy"], path
    if answer["Content-Type"].startswith("text/html"):
        check_page(answer.content.decode(), path)


def check_page(text: str, path: str) -> None:
    assert not INLINE_SCRIPT.search(text), path
    assert not INLINE.search(text), (path, INLINE.search(text))
    assert not re.search(r"(src|href)=\"(https?:)?//", text), path
    for form in FORM.findall(text):
        assert "csrfmiddlewaretoken" in form, (path, form)


def test_every_page_is_safe_for_a_stranger_a_patient_and_a_therapist(
    browse: Browse, therapist: User, patient: Patient
) -> None:
    reauthenticated = browse(therapist)
    reauthenticated.post("/accounts/reauthenticate/", {"password": PASSWORD})
    seen = 0
    for client in (Client(), browse(patient), reauthenticated):
        client.raise_request_exception = False
        for path in PAGES:
            if path == "/accounts/logout/":
                continue
            answer = client.get(path)
            # Without a scheduler, operators are told so.
            assert answer.status_code < 500 or path.startswith("/ops/"), path
            check(answer, path)
            seen += answer["Content-Type"].startswith("text/html") and answer.status_code == 200
    assert seen > 15


def test_errors_are_as_safe(db: None) -> None:
    for path in ("/nothing/", "/api/v1/nothing", "/api/auth/nothing"):
        check(Client().get(path), path)
    check(Client(enforce_csrf_checks=True).post("/accounts/login/", {}), "csrf")


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/", "/dashboard/"])
def test_a_form_without_its_token_does_nothing(therapist: User, browse: Browse, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = browse(therapist).cookies
    refused = client.post(path, {"login": therapist.email, "password": PASSWORD})
    assert refused.status_code in (403, 405)


def test_files_are_refused_in_forms(db: None) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = Client(raise_request_exception=False)
    file = SimpleUploadedFile("x.txt", b"x")
    assert client.post("/accounts/login/", {"login": "a", "file": file}).status_code == 400


def test_production_sends_cookies_over_https_alone_and_says_so_for_a_year(
    client: Client, settings: Any, therapist: User
) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_SSL_REDIRECT = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    assert client.get("/accounts/login/").status_code == 301
    assert client.get("/healthz").status_code == 200
    page = client.get("/accounts/login/", secure=True)
    assert page["Strict-Transport-Security"] == "max-age=31536000"
    body = {"login": therapist.email, "password": PASSWORD}
    client.post("/accounts/login/", body, secure=True)
    for name in ("sessionid", "csrftoken"):
        kept = client.cookies[name]
        assert kept["secure"], name
        assert kept["samesite"] == "Lax", name
    assert client.cookies["sessionid"]["httponly"]
