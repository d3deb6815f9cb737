"""Reads the rules, their constants and their texts, and refuses what does not fit (pure).

A pack is the content of one directory: `pack.toml` (release and constants), `rules/*.toml` and
`texts.<language>.toml`. Its version names the release and the exact content.
"""

import hashlib
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from backend.core.shaping import convert
from exercises.triage.rules import shapes
from exercises.triage.rules.base import Shape, Text
from exercises.triage.rules.checking import problems_of
from exercises.triage.rules.constants import Constants
from exercises.triage.rules.program import PackError, Program
from exercises.triage.rules.vocabulary import Vocabulary, load_vocabulary

CONTENT = Path(__file__).parents[1] / "content"
LANGUAGE = "en"
PLACEHOLDERS = frozenset({"emergency_number", "urgent_number"})

S = TypeVar("S", bound=msgspec.Struct)


class PackHead(Shape, frozen=True, kw_only=True):
    """pack.toml."""

    release: Text
    constants: Constants


@dataclass(frozen=True)
class RulePack:
    """A loaded pack: `rules` by id, `texts` by language, and the compiled `program`."""

    version: str
    rules: Mapping[str, shapes.Rule]
    constants: Constants
    texts: Mapping[str, shapes.TextFile]
    vocabulary: Vocabulary
    program: Program

    @cached_property
    def event_rules(self) -> frozenset[str]:
        """The rules that judge single reports: those that a phone can run alone."""
        return frozenset(rule.id for rule in self.rules.values() if rule.kind == "event")

    def texts_in(self, language: str) -> shapes.TextFile:
        """The texts of a language, English where there are none."""
        return self.texts.get(language, self.texts[LANGUAGE])

    def text(self, rule_id: str, language: str = LANGUAGE) -> shapes.RuleText:
        """What a rule says, in English where the language has no texts."""
        return self.texts_in(language).rules[rule_id]

    def message(
        self,
        rule_id: str,
        *,
        emergency_number: str,
        urgent_number: str = "",
        language: str = LANGUAGE,
        late: bool = False,
    ) -> str:
        """The patient's message with the numbers of her country; `urgent_number` "" is none."""
        texts = self.texts_in(language)
        message = texts.late.message if late else texts.rules[rule_id].message
        return message.format(
            emergency_number=emergency_number,
            urgent_number=urgent_number or texts.urgent_contact,
        )


@cache
def default_pack() -> RulePack:
    """The pack that comes with the product, read once."""
    return load_pack(CONTENT)


def load_pack(directory: Path, vocabulary: Vocabulary | None = None) -> RulePack:
    """Reads and checks a pack; raises `PackError` with everything that is wrong with it."""
    vocabulary = vocabulary or load_vocabulary()
    head = _read(directory / "pack.toml", PackHead)
    rules = _rules(directory)
    texts = {
        path.name.split(".")[1]: _read(path, shapes.TextFile)
        for path in sorted(directory.glob("texts.*.toml"))
    }
    problems = [
        *problems_of(rules.values(), head.constants, vocabulary),
        *_text_problems(texts, rules),
    ]
    if problems:
        raise PackError("\n".join(problems))
    return RulePack(
        version=_version(directory, head.release),
        rules=rules,
        constants=head.constants,
        texts=texts,
        vocabulary=vocabulary,
        program=Program(rules, head.constants),
    )


def _read(path: Path, shape: type[S]) -> S:
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
        return convert(content, shape)
    except (OSError, ValueError) as error:
        raise PackError(f"{path.name}: {error}") from error


def _rules(directory: Path) -> dict[str, shapes.Rule]:
    rules: dict[str, shapes.Rule] = {}
    for path in sorted((directory / "rules").glob("*.toml")):
        for rule in _read(path, shapes.RuleFile).rules:
            if rule.id in rules:
                raise PackError(f"{rule.id}: defined twice")
            if rule.level != path.stem:
                raise PackError(f"{rule.id}: level {rule.level} does not belong in {path.name}")
            rules[rule.id] = rule
    return rules


def _version(directory: Path, release: str) -> str:
    """The release and a hash of every file, so that an edit can never go unnoticed (hazard HZ-17)."""
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*.toml")):
        digest.update(path.relative_to(directory).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return f"{release}+{digest.hexdigest()[:12]}"


def _text_problems(
    texts: Mapping[str, shapes.TextFile], rules: Mapping[str, shapes.Rule]
) -> Iterator[str]:
    if LANGUAGE not in texts:
        yield f"texts.{LANGUAGE}.toml is missing"
    for language, file in texts.items():
        for rule_id in sorted(rules.keys() ^ file.rules.keys()):
            yield f"texts.{language}.toml: {rule_id} has a rule or a text, not both"
        messages = {rule_id: text.message for rule_id, text in file.rules.items()}
        for name, message in {**messages, "late": file.late.message}.items():
            if not _placeholders(message) <= PLACEHOLDERS:
                yield f"texts.{language}.toml: {name} uses an unknown placeholder"


def _placeholders(message: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}
    except ValueError:
        return {"unbalanced braces"}
