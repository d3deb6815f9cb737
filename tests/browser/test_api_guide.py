"""The API guide in a real browser: it works with nothing but this server, under its policy."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_the_guide_shows_the_operations_and_breaks_no_policy(
    transactional_db: None, live_server: Any, window: Callable[..., Page], complaints: list[str]
) -> None:
    page = window()
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            request.url.startswith((live_server.url, "data:")) or elsewhere.append(request.url)
        ),
    )
    page.goto(f"{live_server.url}/api/v1/docs")
    for tag, operation in (("diary", "Report symptoms"), ("advice", "Prompts to see a doctor")):
        page.locator(f"#operations-tag-{tag}").get_by_role("button").click()
        expect(page.get_by_text(operation, exact=True)).to_be_visible()
    assert page.locator(".opblock-tag").count() >= 20
    assert page.locator(".opblock").count() >= 20
    assert complaints == []
    assert elsewhere == []
