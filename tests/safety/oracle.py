"""What must have come of a history, in plain Python: nothing here asks the product's rules.

It knows the rules that one symptom alone decides, from the decision table of the specification.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

EMERGENCY, SAME_DAY = 5, 4
LATE_AFTER_HOURS = 90 * 24
NEW_ONLY = {
    "S-BLADDER-RETENTION": "RF-CES-BLADDER",
    "S-BLADDER-INCONT": "RF-CES-BLADDER",
    "S-BLADDER-SENS": "RF-CES-BLADDER",
    "S-BOWEL-INCONT": "RF-CES-BOWEL",
    "S-BOWEL-SENS": "RF-CES-BOWEL",
    "S-SADDLE": "RF-CES-SADDLE",
    "S-SEXUAL": "RF-CES-SEXUAL",
    "S-LEGPAIN-BOTH": "RF-CES-BILAT-PAIN",
}
ALWAYS = {
    "S-FACE-ARM-SPEECH": "RF-STROKE",
    "S-CHEST-PAIN": "RF-PE",
    "S-CANT-BEAR-WEIGHT": "RF-WB",
    "S-KNEE-DEFORM": "RF-TRAUMA-MAJOR",
    "S-KNEE-PUS": "RF-INF-KNEE",
}
SAME_DAY_RULES = frozenset({"RF-WB", "RF-INF-KNEE"})
ONSETS = frozenset({"sudden", "gradual", "chronic"})

Came = Literal["alert", "review"]
Key = tuple[str, str, bool]


def red_flags(sent: Any) -> frozenset[str]:
    """The rules that hold for a report, of whatever form, on what one of its symptoms says alone."""
    return frozenset(rule for code, attrs in _said(sent) for rule in _rules(code, attrs))


def level_of(rule: str, *, hours_late: float) -> int:
    """Its level: what first arrives after more than 90 days asks for a look the same day."""
    return SAME_DAY if rule in SAME_DAY_RULES or hours_late > LATE_AFTER_HOURS else EMERGENCY


@dataclass
class Expected:
    """What must be on record: for each red flag of each report, an alert or a review alone.

    Keyed by rule, report and whether it came late: where an id is used for something long ago and
    then for something of now, the second is an alert of its own.
    """

    came: dict[Key, Came] = field(default_factory=dict)
    levels: dict[Key, int] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)

    def reported(self, report: str, rules: frozenset[str], *, hours_late: float) -> None:
        """A valid report was stored for the first time."""
        came: Came = "review" if report in self.withdrawn else "alert"
        self._note(report, rules, came, hours_late)

    def refused(self, report: str, rules: frozenset[str], *, hours_late: float) -> None:
        """A report was refused for its form or its content, and judged all the same."""
        self._note(report, rules, "alert", hours_late)

    def _note(self, report: str, rules: frozenset[str], came: Came, hours_late: float) -> None:
        is_late = hours_late > LATE_AFTER_HOURS
        for rule in rules:
            timely, late = (rule, report, False), (rule, report, True)
            # What was withdrawn before needs no second review beside the first.
            is_graver = not is_late and rule not in SAME_DAY_RULES and came == "alert"
            if timely not in self.came and (late not in self.came or is_graver):
                key = late if is_late else timely
                self.came[key] = came
                self.levels[key] = level_of(rule, hours_late=hours_late)


def _rules(code: str, attrs: dict[str, Any]) -> Iterator[str]:
    if code in NEW_ONLY and attrs.get("new_or_changed") is not False:
        yield NEW_ONLY[code]
    if code in ALWAYS:
        yield ALWAYS[code]
    if code in ("S-NUMB-LEG", "S-WEAK-LEG") and attrs.get("extent") == "half_body":
        yield "RF-STROKE"
    onset = attrs.get("onset")
    is_known = isinstance(onset, str) and onset in ONSETS
    if code == "S-LEG-COLD-PALE" and (onset == "sudden" or not is_known):
        yield "RF-ALI"


def _said(sent: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    found = sent.get("symptoms", sent.get("symptom"))
    items = (
        [{"code": code, **said} for code, said in found.items()]
        if isinstance(found, dict)
        else found
    )
    for item in items:
        if item.get("present") is not False:
            attrs = item.get("attrs")
            yield item["code"].upper(), attrs if isinstance(attrs, dict) else {}
