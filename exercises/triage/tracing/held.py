"""Which tests there are (pure): read from the files, so that a name that no test bears is found."""

import ast
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path


@cache
def known_tests(root: Path) -> frozenset[str]:
    """Every test function below `root`/tests as `path::name`, the path relative to `root`."""
    files = sorted((root / "tests").rglob("test_*.py"))
    return frozenset(f"{path.relative_to(root)}::{name}" for path in files for name in _names(path))


@cache
def scenarios_in(root: Path) -> Mapping[str, tuple[str, ...]]:
    """For each rule, the scenarios of tests/scenarios in which it must fire."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((root / "tests" / "scenarios").glob("*.json")):
        for scenario in json.loads(path.read_text("utf-8"))["scenarios"]:
            fired = {rule for point in scenario["checkpoints"] for rule in _must_fire(point)}
            for rule in fired:
                found[rule].append(scenario["id"])
    return {rule: tuple(names) for rule, names in found.items()}


def _names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name


def _must_fire(checkpoint: dict[str, dict[str, list[str]]]) -> list[str]:
    return checkpoint.get("expect", {}).get("must_fire", [])
