"""The system check that refuses to start on bad content. Imported by the app config."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from notifications.reminders.content import reminder_terms
from notifications.reminders.texts import LANGUAGES, texts_in
from notifications.terms import TermsError, terms
from notifications.wording import wording


@register
def check_content(**_: Any) -> list[CheckMessage]:
    """`notifications.E001` names the file and what is wrong in it."""
    try:
        terms(), wording(), reminder_terms()
        for language in LANGUAGES:
            texts_in(language)
    except TermsError as error:
        hint = "Mend the file in notifications/content/."
        return [Error(str(error), hint=hint, id="notifications.E001")]
    return []
