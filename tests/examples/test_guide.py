"""docs/build-an-app.md and docs/sync.md say what is so."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from django.urls import Resolver404, resolve

from exercises.sync.cursor import Reason
from exercises.sync.ops import SHAPES
from exercises.sync.wire import MAX_DEPTH, MAX_OPS, OpStatus

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "build-an-app.md").read_text(encoding="utf-8")
SYNC = (ROOT / "docs" / "sync.md").read_text(encoding="utf-8")
PATHS: dict[str, dict[str, object]] = yaml.load(
    (ROOT / "docs" / "openapi.yaml").read_bytes(), Loader=yaml.CSafeLoader
)["paths"]


def test_the_guide_shows_the_loop_that_runs() -> None:
    (shown,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert shown == (ROOT / "examples" / "first-app" / "loop.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [GUIDE, SYNC], ids=["guide", "sync"])
def test_every_call_that_is_named_exists(text: str) -> None:
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`? ]*)", text)
    assert named
    for method, path in named:
        if path.startswith("/auth"):
            assert is_served(f"/api/auth/app/v1{path}")
        else:
            shape = re.sub(r"\{\w+\}", "{}", f"/api/v1{path}")
            served = [known for known in PATHS if re.sub(r"\{\w+\}", "{}", known) == shape]
            assert served, path
            assert method.lower() in PATHS[served[0]], f"{method} {path}"


def is_served(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def test_the_rules_of_sync_name_each_code_and_each_limit() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", SYNC, re.MULTILINE))
    assert {*get_args(OpStatus), *get_args(Reason)} <= rows
    assert {f"`{entity}`" for entity in SHAPES} <= set(re.findall(r"`\w+`", SYNC))
    assert f"{MAX_OPS} ops, 512 KiB, {MAX_DEPTH} levels" in SYNC


def test_what_is_linked_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", GUIDE + SYNC)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
