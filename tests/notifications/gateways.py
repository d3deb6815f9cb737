"""Push services and webhooks of the tests' own: real HTTP on 127.0.0.1 that remembers what came."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers import free_port


@dataclass(frozen=True)
class Answer:
    """What the server says next; `hangs` seconds it says nothing."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: float = 0.0


@dataclass(frozen=True)
class Call:
    """One request that came in; `headers` by lower-case name."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Gateway:
    """A server that takes everything, unless `answers` (by path, first come) say otherwise."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[Call] = []
        self.answers: dict[str, list[Answer]] = {}
        self.released = threading.Event()

    def to(self, path: str) -> list[Call]:
        """What came to one path."""
        return [call for call in self.calls if call.path == path]

    def say(self, path: str, *answers: Answer) -> None:
        """The next answers on one path, the last of them for ever."""
        self.answers[path] = list(answers)

    def answer(self, call: Call) -> Answer:
        """What is said to `call`."""
        self.calls.append(call)
        given = self.answers.get(call.path)
        if not given:
            return self.usual(call)
        return given.pop(0) if len(given) > 1 else given[0]

    def usual(self, call: Call) -> Answer:
        """The answer when nothing else was asked for."""
        return Answer(201)


class FcmGateway(Gateway):
    """Plays Google: `/token` sells tokens, the rest takes messages and knows which device showed
    what, a repeat under the same collapse key replacing the first."""

    tokens = 0

    def usual(self, call: Call) -> Answer:
        if call.path == "/token":
            self.tokens += 1
            return Answer(200, {"access_token": f"token-{self.tokens}", "expires_in": 3600})
        return Answer(200, {"name": "projects/clinic/messages/1"})

    def messages(self) -> list[dict[str, Any]]:
        """The messages that came, in order."""
        sent = [call for call in self.calls if call.path.endswith("messages:send")]
        return [call.json["message"] for call in sent]

    def shown(self) -> set[tuple[str, str]]:
        """What people see: device and collapse key, each once."""
        return {(one["token"], one["android"]["collapse_key"]) for one in self.messages()}


@contextmanager
def serving(kind: type[Gateway] = Gateway) -> Iterator[Any]:
    """A running gateway on a free port."""
    gateway = kind(f"http://127.0.0.1:{free_port()}")
    server = ThreadingHTTPServer(("127.0.0.1", int(gateway.url.rpartition(":")[2])), _of(gateway))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        gateway.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def credentials(directory: Path, url: str) -> tuple[Path, rsa.RSAPublicKey]:
    """A service account's file whose tokens come from `url`, and the key that checks its
    assertions."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = directory / "credentials.json"
    path.write_text(
        json.dumps(
            {
                "project_id": "clinic",
                "client_email": "sender@clinic.example",
                "private_key": pem.decode(),
                "token_uri": f"{url}/token",
            }
        ),
        encoding="utf-8",
    )
    return path, key.public_key()


def _of(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = gateway.answer(Call(self.path, headers, self.rfile.read(length)))
            if answer.hangs:
                gateway.released.wait(answer.hangs)
            body = b"" if answer.body is None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler


__all__ = ["Answer", "Call", "FcmGateway", "Gateway", "credentials", "serving"]
