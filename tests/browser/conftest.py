"""A real Chromium over a live server. Where there is none the tests are left out, except under CI."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from backend.accounts.models import Clinic, User
from backend.core import clock
from backend.simulator.demo.clinic import Demo, DemoMaker
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.factories import make_clinic, make_therapist

Window = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The installed Chromium, without a window."""
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is not there; `make deps` installs Chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # Playwright's event loop runs in this thread, and Django then takes each query for one of it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about: errors of scripts, refused styles, missing files."""
    return []


@pytest.fixture
def window(chromium: Browser, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """`window(java_script_enabled=False)` opens a page whose complaints are collected."""
    contexts: list[BrowserContext] = []

    def opened(**options: bool) -> Page:
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                message.type in ("error", "warning") and complaints.append(message.text)
            ),
        )
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def instant(transactional_db: None) -> datetime:
    """The present: the server's clock is the real one."""
    return clock.now()


@pytest.fixture
def practice(instant: datetime) -> Clinic:
    """A clinic."""
    return make_clinic(now=instant)


@pytest.fixture
def reader(practice: Clinic, instant: datetime) -> User:
    """A therapist of the clinic."""
    return make_therapist(now=instant, clinic=practice, email="theo@example.org")


@pytest.fixture
def demo(transactional_db: None) -> Demo:
    """The demo clinic, made now."""
    return next(part for part in DemoMaker(clock.now()).make() if isinstance(part, Demo))


@pytest.fixture
def desk(live_server: Any, window: Window) -> Iterator[Callable[..., Page]]:
    """`desk(token)` is a page signed in with a session of the demo."""

    def opened(token: str, **options: bool) -> Page:
        page = window(**options)
        context: BrowserContext = page.context
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": token, "url": live_server.url}]
        )
        page.goto(f"{live_server.url}/dashboard/")
        return page

    return opened
