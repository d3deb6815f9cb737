"""The product does not start with words for symptoms that nobody asks about."""

from typing import Any

from django.core.checks import Error, register

from exercises.catalog import selectors as catalog
from exercises.conversation.reading import wording


@register()
def check_words(**_: Any) -> list[Error]:
    """Every code that a message is read for is a symptom of the catalogue."""
    known = {symptom.code for symptom in catalog.symptoms()}
    unknown = sorted(set(wording().named) - known)
    return [Error(f"words.toml: {code} is no symptom", id="conversation.E001") for code in unknown]
