"""The operators' pages are true: every variable, address and command in them is there."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "operations").glob("*.md"))
READERS = {"str", "int", "bool", "list", "db", "email", "days", "get", "setdefault", "getenv"}
# Django's and Python's own, set by us for our processes.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "PYTHONUNBUFFERED"}


def read_variables() -> set[str]:
    """Every name that code of the product reads from the environment, or names as one."""
    found: set[str] = set()
    for package in ("backend", "exercises", "notifications"):
        for path in (ROOT / package).rglob("*.py"):
            found |= _variables(ast.parse(path.read_text(encoding="utf-8")))
    return found - NOT_OURS


def _variables(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _is_environment(node.func):
            found.add(_text(node.args[0]))
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            found.add(_text(node.slice))
    return found - {""}


def _is_environment(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute) or function.attr not in READERS:
        return False
    return ast.unparse(function.value) in {"env", "os.environ", "os"}


def _text(node: ast.expr) -> str:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if is_text else ""  # type: ignore[attr-defined]


def documented() -> set[str]:
    page = (ROOT / "docs" / "operations" / "configuration.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE))
    return rows | set(re.findall(r"For drills alone.*?`([A-Z_]+)`", page))


def test_every_variable_that_is_read_is_documented_and_no_other() -> None:
    read = read_variables()
    assert "STEPWISE_SECRET_KEY" in read
    assert documented() == read


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_make_target_on_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= set(get_commands())
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_address_on_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert broken == []
    for address in re.findall(r"`(/(?:healthz|readyz|ops/delivery|metrics))`", text):
        try:
            resolve(address)
        except Resolver404:
            pytest.fail(f"{address} is not there")


def test_every_metric_that_an_alarm_watches_is_one() -> None:
    page = (ROOT / "docs" / "operations" / "monitoring.md").read_text(encoding="utf-8")
    source = (ROOT / "notifications" / "ops.py").read_text(encoding="utf-8")
    named = set(re.findall(r"`?(stepwise_[a-z_]+)", page))
    assert named
    assert named <= set(re.findall(r"\"(stepwise_[a-z_]+)\"", source))
