"""The test adapter of the reference phone: `python -m conformance.reference PORT`.

An app team writes the same few calls around its own client; the store here is what the phone saved,
so that a restart forgets whatever was not saved.
"""

import json
import pickle
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from conformance.client import Diverged, Later, NoAnswer, Phone, Refused
from conformance.store import Store

SECONDS = 30


class Http:
    """Calls of `/api/v1/` over HTTP, signed in with a session token."""

    def __init__(self, base: str, token: str) -> None:
        self._base = base
        self._token = token

    def __call__(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON body; raises `NoAnswer`."""
        request = urllib.request.Request(  # noqa: S310  (the address that the caller gave)
            self._base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-Session-Token": self._token},
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
                return response.status, _json(response.read())
        except urllib.error.HTTPError as error:
            return error.code, _json(error.read())
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise NoAnswer from error


class Adapter:
    """The calls of the kit, carried out by a phone of class `kind`."""

    def __init__(self, kind: type[Phone] = Phone) -> None:
        self._kind = kind
        self._saved = b""
        self._phone: Phone | None = None
        self._http: Http | None = None

    def act(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """One call of the kit."""
        if name == "start":
            self._http = Http(body["server"], body["token"])
            self._save(Store(device_id=body["device_id"]))
            self._begin()
            return {}
        if name == "restart":
            self._begin()
            return {}
        return self._act(self._running(), name, body)

    def _act(self, phone: Phone, name: str, body: dict[str, Any]) -> dict[str, Any]:
        match name:
            case "record":
                return {"id": phone.record(body["type"], body["data"])}
            case "retract":
                phone.retract(body["id"], body["data"])
            case "edit":
                phone.edit(body["type"], body["id"], body["data"])
            case "repair":
                phone.repair(body["rejection"], body["data"])
            case "sync":
                return {"outcome": _sync(phone)}
            case "store":
                return _store(phone.store)
        return {}

    def _begin(self) -> None:
        if self._http is None:
            raise ValueError("start comes first")
        store: Store = pickle.loads(self._saved)  # noqa: S301  (our own, of a moment ago)
        self._phone = self._kind(store, self._http, save=self._save)

    def _save(self, store: Store) -> None:
        self._saved = pickle.dumps(store)

    def _running(self) -> Phone:
        if self._phone is None:
            raise ValueError("start comes first")
        return self._phone


@contextmanager
def adapting(kind: type[Phone] = Phone, port: int = 0) -> Iterator[str]:
    """Serves an adapter on 127.0.0.1; gives its address."""
    adapter = Adapter(kind)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            text = json.dumps(adapter.act(self.path.strip("/"), body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _sync(phone: Phone) -> str:
    try:
        phone.sync()
    except NoAnswer:
        return "no_answer"
    except Later:
        return "later"
    except Refused as refused:
        return "signed_out" if refused.status == 401 else "failed"
    except Diverged:
        return "failed"
    return "ok"


def _store(store: Store) -> dict[str, Any]:
    objects = [
        {"entity": entity, "id": object_id, "rev": held.rev}
        for (entity, object_id), held in store.objects.items()
    ]
    return {"objects": objects, "outbox": len(store.outbox), "conflicts": len(store.conflicts)}


def _json(text: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


if __name__ == "__main__":
    with adapting(port=int(sys.argv[1])) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        sys.stdin.read()
