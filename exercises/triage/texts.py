"""The words of the rules, with the numbers of the patient's country."""

from dataclasses import dataclass
from typing import Literal

from exercises.catalog import selectors as catalog
from exercises.triage.levels import Level
from exercises.triage.rules.pack import default_pack

Action = Literal["call_emergency", "same_day", "within_days", "book", "inform"]


# What is asked of the patient follows from the level alone.
_ACTIONS: dict[Level, Action] = {
    Level.EMERGENCY_NOW: "call_emergency",
    Level.URGENT_SAME_DAY: "same_day",
    Level.PROMPT_DAYS: "within_days",
    Level.SEE_DOCTOR_SOON: "book",
    Level.ROUTINE: "inform",
}


@dataclass(frozen=True)
class RuleText:
    """What a patient reads (`title`, `message`), what her therapist reads, and what to do."""

    title: str
    message: str
    therapist: str
    action: Action
    emergency_number: str


def text_of(rule_id: str, *, country: str, language: str, late: bool = False) -> RuleText:
    """The wording of a rule. `late`: the report arrived so long after that it may be over, which
    asks whether it is still so, and for a look today rather than an ambulance."""
    pack = default_pack()
    numbers = catalog.emergency_numbers(country)
    text = pack.text(rule_id, language)
    message = pack.message(
        rule_id,
        emergency_number=numbers.emergency,
        urgent_number=numbers.urgent_advice,
        language=language,
        late=late,
    )
    level = Level.URGENT_SAME_DAY if late else Level.of(pack.rules[rule_id].level)
    return RuleText(
        title=pack.texts_in(language).late.title if late else text.title,
        message=message,
        therapist=text.therapist,
        action=_ACTIONS[level],
        emergency_number=numbers.emergency,
    )
