"""Trace and hazard log as pages to read (pure)."""

from collections.abc import Iterable, Iterator, Sequence

from exercises.triage.tracing.hazards import Control, Hazard, HazardLog, Risk
from exercises.triage.tracing.places import KINDS, Places
from exercises.triage.tracing.trace import FactTrace, RuleTrace, Trace

GENERATED = "<!-- Written by `manage.py trace`; edits are lost. -->"
ABOUT_TRACE = (
    "What became of the {count} statements of the source articles: where each lives, which tests "
    "hold it there, and what patients read because of it. The same as data: "
    "[trace.json](trace.json). Tests are numbered in the next table."
)
ABOUT_RULES = (
    "Every rule is tested by its own examples (how many fire and how many do not); some are also "
    "played through the whole product as scenarios."
)
ABOUT_RISK = (
    "Severity and likelihood run from 1 (least) to 5; their product is the risk. The numbers are "
    "proposals: a clinical safety officer has yet to score them. The risk after counts on all "
    "controls, so it is not reached while one of them is planned."
)
WORDS = {"home_care": "home care"}


def trace_page(trace: Trace) -> str:
    """trace.md."""
    lines = [
        GENERATED,
        "",
        "# From the sources to the product",
        "",
        ABOUT_TRACE.format(count=len(trace.facts)),
        "",
        "## The tests",
        "",
        *_table(("place", "no.", "test"), _legend(trace)),
        "",
        "## Statements",
        "",
        *_table(
            ("id", "statement", "lives in", "tests", "message"),
            (_fact_row(trace, fact) for fact in trace.facts),
        ),
        "",
        "## Rules",
        "",
        ABOUT_RULES,
        "",
        *_table(
            ("rule", "level", "sources", "symptoms", "examples", "scenarios", "message"),
            map(_rule_row, trace.rules),
        ),
        "",
        "## Uses that nothing serves yet",
        "",
        *_not_yet(trace),
    ]
    return "\n".join(lines) + "\n"


def hazard_page(log: HazardLog) -> str:
    """hazard-log.md."""
    officer = log.safety_officer or "none named yet"
    lines = [
        GENERATED,
        "",
        "# Hazard log",
        "",
        f"Status: {log.status}. Clinical safety officer: {officer}.",
        "",
        ABOUT_RISK,
        "",
        *_table(
            ("hazard", "", "risk before", "risk after", "controls built", "planned"),
            map(_hazard_row, log.hazards),
        ),
    ]
    for hazard in log.hazards:
        lines += ["", *_hazard_section(hazard)]
    return "\n".join(lines) + "\n"


def _numbers(trace: Trace) -> dict[str, str]:
    names = dict.fromkeys(name for names in trace.held_by.values() for name in names)
    return {name: f"T{number}" for number, name in enumerate(names, start=1)}


def _legend(trace: Trace) -> Iterator[Sequence[str]]:
    numbers = _numbers(trace)
    for kind, names in trace.held_by.items():
        for name in names:
            yield WORDS.get(kind, kind), numbers[name], f"`{name}`"


def _fact_row(trace: Trace, fact: FactTrace) -> Sequence[str]:
    numbers = _numbers(trace)
    place = f"dropped: {fact.dropped_because}" if fact.dropped_because else _places(fact.places)
    tests = " ".join(numbers[name] for name in fact.tests)
    return fact.id, fact.statement, place, tests, "; ".join(fact.messages)


def _places(places: Places) -> str:
    parts = (
        f"{WORDS.get(kind, kind)} {', '.join(places[kind])}" for kind in KINDS if kind in places
    )
    return "; ".join(parts)


def _rule_row(rule: RuleTrace) -> Sequence[str]:
    return (
        rule.id,
        rule.level,
        " ".join((*rule.facts, *rule.references)),
        " ".join(rule.symptoms),
        f"{len(rule.fires)} / {len(rule.stays_silent)}",
        ", ".join(rule.scenarios),
        f"**{rule.title}** {rule.message}",
    )


def _not_yet(trace: Trace) -> Iterator[str]:
    waiting: dict[str, list[str]] = {}
    for fact in trace.facts:
        for use in fact.not_yet:
            waiting.setdefault(use, []).append(fact.id)
    for use, ids in sorted(waiting.items()):
        yield f"- {use}: {', '.join(ids)}"
    if not waiting:
        yield "None."


def _risk(risk: Risk) -> str:
    return f"{risk.severity} x {risk.likelihood} = {risk.score}"


def _hazard_row(hazard: Hazard) -> Sequence[str]:
    built = sum(control.state == "built" for control in hazard.controls)
    planned = len(hazard.controls) - built
    return (
        hazard.id,
        hazard.title,
        _risk(hazard.before),
        _risk(hazard.after),
        str(built),
        str(planned or ""),
    )


def _hazard_section(hazard: Hazard) -> Iterator[str]:
    yield f"## {hazard.id} {hazard.title}"
    yield ""
    yield f"Cause: {hazard.cause}"
    yield ""
    yield f"Harm: {hazard.harm}"
    yield ""
    yield f"Risk: {_risk(hazard.before)} before, {_risk(hazard.after)} after."
    yield ""
    for control in hazard.controls:
        yield from _control(control)


def _control(control: Control) -> Iterator[str]:
    planned = "**planned:** " if control.state == "planned" else ""
    yield f"- {planned}{control.says}"
    for name in control.tests:
        yield f"  - `{name}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _line(head)
    yield _line(["---"] * len(head))
    yield from map(_line, rows)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
