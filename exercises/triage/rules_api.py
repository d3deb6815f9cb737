"""The rules as a therapist may read them: what each is for, where it comes from, when it fires."""

from functools import cache
from typing import Any, Literal

import msgspec
from django.http import HttpResponse
from msgspec import UNSET, UnsetType
from rest_framework.request import Request

from backend.accounts.doors import TherapistDoor
from backend.core.api import respond
from backend.core.conditional import etag, unchanged
from backend.core.cursors import PAGE_QUERY, page
from backend.core.problems import FieldError, not_found
from backend.core.schema import describe
from backend.core.wire import Wire, invalid
from exercises.triage.levels import Level
from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.shapes import LevelCode, Rule, RuleText
from exercises.triage.sources import of_rule

Kind = Literal["event", "trend", "profile"]
Clears = Literal["clinician", "condition"]
_TAGS = ("rules",)
_LEVELS: dict[LevelCode, int] = {
    level.code: level.value  # type: ignore[misc]  # the codes of the levels are these words
    for level in Level
}


class RuleSource(Wire, frozen=True, kw_only=True):
    """A fact of the articles or a reference that a rule stands on."""

    id: str
    title: str
    url: str | UnsetType = UNSET


class RuleSummary(Wire, frozen=True, kw_only=True):
    """A rule in a line. `clears` says who ends its alerts; `proposed` that no source gives one of
    its numbers or conditions. `therapist` is what her alert says."""

    id: str
    level: LevelCode
    kind: Kind
    clears: Clears
    proposed: bool
    title: str
    therapist: str


class RuleExample(Wire, frozen=True, kw_only=True):
    """A short history, in words and as the rule's tests play it, and whether the rule fires."""

    says: str
    fires: bool
    history: dict[str, Any]


class RuleView(RuleSummary, frozen=True, kw_only=True):
    """One rule as the pack of `version` has it. `message` is the patient's, with the places of the
    emergency numbers in braces; `condition` the rule as data."""

    version: str
    message: str
    sources: list[RuleSource]
    examples: list[RuleExample]
    condition: dict[str, Any]


class RuleList(Wire, frozen=True, kw_only=True):
    """A page of rules, the highest level first."""

    version: str
    items: list[RuleSummary]
    next_cursor: str | None


class RuleDoor(TherapistDoor):
    """The rules that judge now; the texts in the reader's language."""

    @property
    def language(self) -> str:
        return self.reader.language.partition("-")[0]


class Rules(RuleDoor):
    @describe(
        "The rules that judge reports and trends",
        response=RuleList,
        errors=(401, 403),
        query=PAGE_QUERY | {"level": (str, "Those of this level alone")},
        tags=_TAGS,
    )
    def get(self, request: Request) -> HttpResponse:
        level = request.GET.get("level", "")
        if level and level not in _LEVELS:
            raise invalid([FieldError("/level", "invalid", "Not a level.")])
        found = [rule for rule in _ordered() if level in ("", rule.level)]
        rows, cursor = page(request._request, found)
        items = [RuleSummary(**_summary(rule, self.language)) for rule in rows]
        return respond(RuleList(version=default_pack().version, items=items, next_cursor=cursor))


class OneRule(RuleDoor):
    @describe(
        "One rule with its sources and examples",
        response=RuleView,
        status=(200, 304),
        errors=(401, 403, 404),
        tags=_TAGS,
    )
    def get(self, request: Request, rule_id: str) -> HttpResponse:
        pack = default_pack()
        rule = pack.rules.get(rule_id)
        if rule is None:
            raise not_found()
        tag = etag(pack.version, rule.id, self.language)
        return unchanged(request._request, tag) or respond(
            rule_view(rule, self.language), headers={"ETag": tag}
        )


def rule_view(rule: Rule, language: str) -> RuleView:
    """The rule with everything that stands behind it."""
    return RuleView(
        **_summary(rule, language),
        version=default_pack().version,
        message=_text(rule, language).message,
        sources=[RuleSource(**source) for source in of_rule(rule.id)],
        examples=[
            RuleExample(says=one.says, fires=one.fires, history=_plain(one, "says", "fires"))
            for one in rule.examples
        ],
        condition={
            name: value
            for name, value in _plain(rule).items()
            if name in ("clauses", "when", "per_reason")
        },
    )


@cache
def _ordered() -> tuple[Rule, ...]:
    rules = default_pack().rules.values()
    return tuple(sorted(rules, key=lambda rule: (-_LEVELS[rule.level], rule.id)))


def _summary(rule: Rule, language: str) -> dict[str, Any]:
    text = _text(rule, language)
    return {
        "id": rule.id,
        "level": rule.level,
        "kind": rule.kind,
        "clears": rule.clears,
        "proposed": rule.proposed,
        "title": text.title,
        "therapist": text.therapist,
    }


def _text(rule: Rule, language: str) -> RuleText:
    return default_pack().text(rule.id, language)


def _plain(value: msgspec.Struct, *without: str) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return {name: item for name, item in plain.items() if name not in without}
