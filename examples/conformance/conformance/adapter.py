"""How the kit drives the client under test: a few JSON calls to a test adapter that its team writes.

Every call is a POST of a JSON object and is answered with one; README.md says what each must do.
"""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Literal

SyncOutcome = Literal["ok", "no_answer", "later", "signed_out", "failed"]
SECONDS = 60


class AdapterError(Exception):
    """The adapter did not answer as README.md asks."""


@dataclass(frozen=True)
class Copy:
    """What the client says that it holds: the revision of each object, how many ops wait to be
    sent, and how many lost edits it has to show."""

    objects: dict[tuple[str, str], int]
    outbox: int
    conflicts: int


class Client:
    """The client under test, behind its adapter at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def start(self, *, server: str, token: str, device_id: str) -> None:
        """Begins with an empty store, signed in."""
        self._call("start", server=server, token=token, device_id=device_id)

    def restart(self) -> None:
        """Is killed, and starts again with what it had saved."""
        self._call("restart")

    def record(self, type_: str, data: dict[str, Any]) -> str:
        """Records a fact, without a network; its id."""
        return str(self._call("record", type=type_, data=data)["id"])

    def retract(self, object_id: str, data: dict[str, Any]) -> None:
        """Withdraws a fact."""
        self._call("retract", id=object_id, data=data)

    def edit(self, type_: str, object_id: str, data: dict[str, Any]) -> None:
        """Edits a document."""
        self._call("edit", type=type_, id=object_id, data=data)

    def repair(self, rejection_id: str, data: dict[str, Any]) -> None:
        """Sends corrected content for a rejection."""
        self._call("repair", rejection=rejection_id, data=data)

    def sync(self) -> SyncOutcome:
        """Syncs once."""
        outcome: SyncOutcome = self._call("sync")["outcome"]
        return outcome

    def copy(self) -> Copy:
        """What it holds."""
        said = self._call("store")
        objects = {(item["entity"], item["id"]): item["rev"] for item in said["objects"]}
        return Copy(objects, said["outbox"], said["conflicts"])

    def _call(self, name: str, **body: Any) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  (the address that the user gave)
            f"{self._url}/{name}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
                answer: dict[str, Any] = json.load(response)
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise AdapterError(f"POST {self._url}/{name}: {error}") from error
        return answer
