"""The reference phone of `examples/conformance`, speaking to the real views in this process."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "examples" / "conformance"))

from conformance.client import Diverged, Later, NoAnswer, Phone, Refused
from conformance.store import Conflict, Held, Op, Store

from tests.client import ApiClient

Call = Callable[[str, str, dict[str, Any] | None], tuple[int, dict[str, Any]]]


def in_process(client: ApiClient) -> Call:
    """A transport through Django's own handler: every middleware, no socket."""

    def call(method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        answer = client.get(path) if method == "GET" else client.post(path, body)
        return answer.status_code, answer.json() if answer.content else {}

    return call


__all__ = [
    "Call",
    "Conflict",
    "Diverged",
    "Held",
    "Later",
    "NoAnswer",
    "Op",
    "Phone",
    "Refused",
    "Store",
    "in_process",
]
