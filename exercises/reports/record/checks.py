"""Refuses to start while a column of the database is in no export and nobody said why."""

from typing import Any

from django.core.checks import CheckMessage, Error

from exercises.reports.record.listing import all_models, listing, problems


def check_listing(**_: Any) -> list[CheckMessage]:
    """An error for each model or field that is missing."""
    return [
        Error(text, id=f"reports.E{number:03}")
        for number, text in enumerate(problems(listing(), all_models()), 1)
    ]
