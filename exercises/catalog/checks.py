"""The system check that refuses to start on bad content. Imported by the app config."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from exercises.catalog.catalog import ContentError
from exercises.catalog.content import catalog


@register
def check_content(**_: Any) -> list[CheckMessage]:
    """`catalog.E001` names the file and the place that cannot be served."""
    try:
        catalog()
    except ContentError as error:
        hint = f"Mend exercises/catalog/content/{error.file}."
        return [Error(str(error), hint=hint, id="catalog.E001")]
    return []
