"""What an inbox item says: the rule's words in the frame of the message's kind."""

from dataclasses import dataclass

from exercises.catalog.selectors import emergency_numbers
from exercises.conversation.reading import wording as care_words
from exercises.triage.texts import text_of
from notifications.conversing import CARE_MESSAGE
from notifications.models import Message
from notifications.reminders.texts import reminder_text, speaks_of
from notifications.wording import wording

GENERIC = "There is a message for you."


@dataclass(frozen=True)
class ItemText:
    """What an inbox item says."""

    title: str
    body: str


def item_text(message: Message, *, country: str, language: str, late: bool) -> ItemText:
    """The title and body of a message in the words of today's rules.

    `country` is the patient's; `late` says that the report was old when it arrived. A rule or kind
    that no longer exists leaves a text that says only that there is a message.
    """
    if speaks_of(message.kind):
        return ItemText(*reminder_text(message.kind, message.content.get("also", {}), language))
    try:
        words = _words(message, country, language, late=late)
        frame = wording().item[message.audience][_frame_name(message)]
    except KeyError:
        return ItemText(GENERIC, GENERIC)
    return ItemText(frame.title.format_map(words), frame.body.format_map(words))


def _words(message: Message, country: str, language: str, *, late: bool) -> dict[str, str]:
    if message.kind == CARE_MESSAGE:
        said = care_words().texts_in(language)
        return {"title": said.told_title, "message": said.told}
    if not message.rule:
        return {"count": str(len(message.content.get("items", ())))}
    rule = text_of(message.rule, country=country, language=language, late=late)
    return {
        "title": rule.title,
        "message": rule.message,
        "therapist": rule.therapist,
        "emergency_number": emergency_numbers(country).emergency,
    }


def _frame_name(message: Message) -> str:
    return "nobody_on_duty" if message.content.get("nobody_on_duty") else message.kind
