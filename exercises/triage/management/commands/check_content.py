"""Reads every text that patients read, and says what is wrong with it."""

import string
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exercises.catalog.content import catalog
from exercises.catalog.gaps import untranslated
from exercises.catalog.reading import text_problems
from exercises.catalog.texts import PatientText, patient_texts
from exercises.catalog.translation import ENGLISH
from exercises.triage.levels import Level
from exercises.triage.rules.pack import RulePack, default_pack

# Stands in for the telephone numbers of a country.
NUMBER = "112"


class Command(BaseCommand):
    help = (
        "Checks the texts of catalogue and rules: reading grade, verdicts, doses, promises, gaps."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        texts = [*patient_texts(catalog()), *rule_texts(default_pack())]
        gaps = [*untranslated(catalog()), *untold_rules(default_pack())]
        problems: list[object] = [*text_problems(texts)]
        problems += [f"{gap.file} at {gap.id}: a safety text that is English alone" for gap in gaps]
        for problem in problems:
            self.stderr.write(str(problem))
        if problems:
            raise CommandError(f"{len(problems)} of {len(texts)} texts need mending.")
        languages = ", ".join(sorted({text.language for text in texts}))
        self.stdout.write(f"{len(texts)} texts read ({languages}): all fit for patients.")


def untold_rules(pack: RulePack) -> Iterator[PatientText]:
    """What a rule says in no other words than the English ones."""
    english = pack.texts[ENGLISH]
    for language, file in pack.texts.items():
        if language == ENGLISH:
            continue
        for rule_id, words in english.rules.items():
            own = file.rules.get(rule_id)
            if own is None or own.title == words.title or own.message == words.message:
                yield PatientText(f"texts.{language}.toml", rule_id, words.title, language)


def rule_texts(pack: RulePack) -> Iterator[PatientText]:
    """What patients read of the rules, in every language."""
    for language, file in pack.texts.items():
        name = f"texts.{language}.toml"
        yield PatientText(name, "urgent_contact", file.urgent_contact, language)
        for text in (file.late.title, file.late.message):
            filled = _filled(text, file.urgent_contact)
            yield PatientText(name, "late", filled, language, is_alarm=True)
        for rule_id, words in file.rules.items():
            is_alarm = Level.of(pack.rules[rule_id].level) >= Level.URGENT_SAME_DAY
            for text in (words.title, words.message):
                filled = _filled(text, file.urgent_contact)
                yield PatientText(name, rule_id, filled, language, is_alarm=is_alarm)


def _filled(text: str, contact: str) -> str:
    values = {"emergency_number": NUMBER, "urgent_number": contact}
    return string.Formatter().vformat(text, (), values)
