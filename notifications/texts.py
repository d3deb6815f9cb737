"""What an inbox item says: the rule's words in the frame of the message's kind."""

from dataclasses import dataclass

from exercises.triage.texts import text_of
from notifications.models import Message
from notifications.wording import wording

GENERIC = "There is a message for you."


@dataclass(frozen=True)
class ItemText:
    """What an inbox item says."""

    title: str
    body: str


def item_text(message: Message, *, country: str, language: str, late: bool) -> ItemText:
    """The title and body of a message in the words of today's rules.

    `country` is the patient's; `late` says that the report was old when it arrived. A rule that
    no longer exists leaves a text that says only that there is a message.
    """
    try:
        rule = text_of(message.rule, country=country, language=language, late=late)
    except KeyError:
        return ItemText(GENERIC, GENERIC)
    words = {"title": rule.title, "message": rule.message, "therapist": rule.therapist}
    frame = wording().item[message.audience][message.kind]
    return ItemText(frame.title.format_map(words), frame.body.format_map(words))
