"""What the files under `deploy/` say, parsed by the rules of the programs that read them."""

import configparser
import json
import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order: name and arguments, continued lines joined."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    pairs = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(name, arguments) for name, arguments in pairs]


def image_command() -> list[str]:
    """What the image runs when nothing else is said."""
    (command,) = (text for name, text in instructions() if name == "CMD")
    return [str(part) for part in json.loads(command)]


def image_healthcheck() -> list[str]:
    """How the image asks whether it is well."""
    (text,) = (text for name, text in instructions() if name == "HEALTHCHECK")
    return [str(part) for part in json.loads(text.partition(" CMD ")[2])]


def compose() -> dict[str, Any]:
    """The compose file, its anchors resolved."""
    content: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return content


def container_commands() -> dict[str, list[str]]:
    """The command of each service that is our own image."""
    services = compose()["services"]
    return {
        name: service.get("command") or image_command()
        for name, service in services.items()
        if service["image"] == "stepwise:latest"
    }


def unit(path: Path) -> configparser.ConfigParser:
    """A systemd unit; of keys that stand several times, the last is kept."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser


def unit_commands() -> dict[str, list[str]]:
    """What each unit starts."""
    return {path.stem: shlex.split(unit(path)["Service"]["ExecStart"]) for path in UNITS}


def example() -> dict[str, str]:
    """The variables that env.example sets."""
    text = (DEPLOY / "env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))
