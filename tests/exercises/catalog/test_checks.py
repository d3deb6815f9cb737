"""The site does not start on content that cannot be served."""

from typing import Never

import pytest

from exercises.catalog import checks
from exercises.catalog.catalog import ContentError


def test_good_content_passes_the_check() -> None:
    assert checks.check_content() == []


def test_bad_content_is_an_error_that_names_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Never:
        raise ContentError("phases.toml", "rehab.first_day", "leaves a gap or an overlap")

    monkeypatch.setattr(checks, "catalog", refuse)

    (error,) = checks.check_content(app_configs=None)

    assert error.id == "catalog.E001"
    assert "phases.toml at rehab.first_day" in error.msg
