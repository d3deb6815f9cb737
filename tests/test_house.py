"""The repository itself: its rooms, its order, and what it promises about its own files."""

import re
import socket
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_socket import SocketConnectBlockedError

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("backend", "exercises", "notifications", "tests")
ASIDE = ("bench",)  # programs beside the product, which nothing of it imports
LONGEST_FILE, LONGEST_TEST = 300, 400
VAGUE = {"utils", "helpers", "common", "manager", "misc"}


def python_files() -> list[Path]:
    files = [path for package in (*PACKAGES, *ASIDE) for path in (ROOT / package).rglob("*.py")]
    return [path for path in files if "migrations" not in path.parts]


def configuration() -> dict[str, dict[str, dict[str, list[dict[str, list[str]]]]]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def layers() -> list[str]:
    contracts = configuration()["tool"]["importlinter"]["contracts"]
    (house,) = (contract for contract in contracts if contract["type"] == "layers")
    return [name.strip() for layer in house["layers"] for name in layer.split("|")]


def test_the_top_level_packages_are_exactly_four() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found == {*PACKAGES, *ASIDE}


def test_every_app_has_its_layer_and_both_lists_have_one_order() -> None:
    site = [name for name in layers() if name not in settings.LOCAL_APPS]
    assert [name for name in layers() if name in settings.LOCAL_APPS] == settings.LOCAL_APPS
    assert {name.removeprefix("backend.") for name in site} == {
        path.stem for path in (ROOT / "backend").glob("*.py") if path.stem != "__init__"
    } | {"settings"}


def test_every_folder_of_an_app_is_an_installed_app() -> None:
    folders = {path.parent for path in ROOT.glob("*/*/apps.py")} | {
        path.parent for path in ROOT.glob("*/apps.py")
    }
    assert {".".join(path.relative_to(ROOT).parts) for path in folders} == set(settings.LOCAL_APPS)


def test_no_file_is_longer_than_one_sitting() -> None:
    def lines(path: Path) -> int:
        return len(path.read_text(encoding="utf-8").splitlines())

    def limit(path: Path) -> int:
        return LONGEST_TEST if path.is_relative_to(ROOT / "tests") else LONGEST_FILE

    long = {
        str(path.relative_to(ROOT)): lines(path)
        for path in python_files()
        if lines(path) > limit(path)
    }
    assert long == {}


def test_modules_are_named_after_what_they_hold() -> None:
    vague = [str(path) for path in python_files() if {path.stem, path.parent.name} & VAGUE]
    assert vague == []


def test_every_requirement_is_locked_with_its_hash() -> None:
    for name in ("requirements", "requirements-dev"):
        asked = re.findall(r"^([a-z][\w-]*)", (ROOT / f"{name}.in").read_text(), re.MULTILINE)
        locked = (ROOT / f"{name}.txt").read_text()
        pins = re.findall(
            r"^([a-z][\w.-]*)(?:\[.*\])?==\S+(?: ;[^\n]*)? \\\n +--hash", locked, re.MULTILINE
        )
        assert set(asked) <= set(pins)
        assert "git+" not in locked


def test_the_published_schema_is_what_the_code_says(tmp_path: Path) -> None:
    call_command("spectacular", file=str(tmp_path / "openapi.yaml"))
    published = (ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8")
    assert published == (tmp_path / "openapi.yaml").read_text(encoding="utf-8")


def test_the_readme_names_the_commands_that_the_makefile_has() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", readme)) | set(
        re.findall(r"^make ([a-z-]+)", readme, re.MULTILINE)
    )
    assert {"run", "test"} <= named <= targets


def test_nothing_leaves_this_machine_during_tests() -> None:
    with (
        socket.socket() as connection,
        pytest.warns(UserWarning, match="192.0.2.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        connection.connect(("192.0.2.1", 80))
