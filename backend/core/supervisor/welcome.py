"""What `make run` shows once the product answers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DEMO_FILE = "demo.json"


def welcome(*, base_url: str, data_dir: Path, demo: bool) -> str:
    """The addresses and, with `demo`, the sign-ins that `manage.py demo` left in `data_dir`."""
    lines = [
        "",
        "Stepwise is running. Ctrl-C stops it.",
        "",
        f"  Dashboard   {base_url}/dashboard/",
        f"  API         {base_url}/api/v1/",
        f"  API guide   {base_url}/api/v1/docs",
        f"  Data, logs  {data_dir}",
    ]
    if demo:
        lines += _sign_ins(data_dir / DEMO_FILE)
    return "\n".join([*lines, ""])


def _sign_ins(path: Path) -> list[str]:
    try:
        people = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ["", "  `manage.py demo` makes a demo clinic and prints its sign-ins."]
    return [
        "",
        "  Therapists, for the dashboard (`make code` prints the one-time code that it asks for)",
        *_therapists(people["therapists"]),
        *_staff(people.get("staff", [])),
        "",
        "  Patients, for the API",
        *_patients(people["patients"]),
        "",
        "  `manage.py demo --json` prints session tokens, too.",
    ]


def _therapists(people: list[dict[str, Any]]) -> Iterator[str]:
    for person in people:
        yield f"    {person['email']:<36} {person['password']}   secret {person['totp_secret']}"


def _staff(people: list[dict[str, Any]]) -> Iterator[str]:
    if people:
        yield from ("", "  The clinic's manager and auditor, for the dashboard")
        yield from _therapists(people)


def _patients(people: list[dict[str, Any]]) -> Iterator[str]:
    for person in people:
        yield f"    {person['email']:<36} {person['password']}   {person['story']}"
