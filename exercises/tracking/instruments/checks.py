"""The system check that refuses to start on bad questionnaires. Imported by the app config."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from exercises.catalog.catalog import ContentError
from exercises.tracking.instruments.content import instruments


@register
def check_instruments(**_: Any) -> list[CheckMessage]:
    """`tracking.E001` names the file and the place that cannot be served."""
    try:
        instruments()
    except ContentError as error:
        hint = "Mend the questionnaires in exercises/tracking/content/instruments."
        return [Error(str(error), hint=hint, id="tracking.E001")]
    return []
