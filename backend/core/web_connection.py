"""A client's connection, as gunicorn's parser reads from it and its answers are written to it."""

import socket
import time
from typing import Any

from gunicorn import http, util
from gunicorn.config import Config

# Of the first bytes of a request, which are nearly always all of it.
FIRST = 8192
# A sender that is silent for so long is gone, and so is a reader (seconds).
SILENCE = 15
# A request that takes longer to arrive than this was sent to hold a thread (seconds).
WHOLE = 60.0


class Connection:
    """Reads what has arrived at once, waits within limits for what has not, and sends the head of
    an answer together with the beginning of its body."""

    __slots__ = (
        "_arrived",
        "_deadline",
        "_held",
        "is_known",
        "parser",
        "peer",
        "server",
        "sock",
        "until",
    )

    def __init__(self, cfg: Config, sock: socket.socket, peer: Any, server: Any) -> None:
        self.sock, self.peer, self.server = sock, peer, server
        self.parser: Any = http.get_parser(cfg, self, peer)
        # Until when (monotonic seconds) it is waited for while nothing arrives.
        self.until = 0.0
        # Whether the poll has met it before.
        self.is_known = False
        self._arrived = b""
        self._deadline = 0.0
        self._held: list[bytes] = []

    def has_request(self) -> bool:
        """Whether the beginning of a request is here. Never waits; raises EOFError when the client
        has gone."""
        if self.parser.unreader.buf.getvalue():
            return True
        try:
            self._arrived = self.sock.recv(FIRST, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        if not self._arrived:
            raise EOFError
        return True

    def next_request(self) -> Any:
        """gunicorn's request; raises what its parser raises, and TimeoutError."""
        self._deadline = time.monotonic() + WHOLE
        return next(self.parser)

    def recv(self, size: int) -> bytes:
        """What the parser reads from."""
        if self._arrived:
            arrived, self._arrived = self._arrived, b""
            return arrived
        if time.monotonic() > self._deadline:
            raise TimeoutError
        try:
            return self.sock.recv(size)
        except BlockingIOError:
            raise TimeoutError from None

    def sendall(self, data: bytes) -> None:
        """Keeps `data` until `flush`."""
        self._held.append(data)

    def send(self, data: bytes) -> None:
        """Sends at once: the client waits to hear that it may go on."""
        self.sock.sendall(data)

    def flush(self) -> None:
        """Sends what was kept; raises OSError."""
        if self._held:
            held, self._held = b"".join(self._held), []
            self.sock.sendall(held)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """A file, after what was kept."""
        self.flush()
        return self.sock.sendfile(file, offset, count)

    def is_at_its_end(self) -> bool:
        """Whether the last request was read to the end, so that nothing of it is still coming."""
        reader = self.parser.mesg.body.reader
        return getattr(reader, "length", None) == 0

    def close(self) -> None:
        """Ends it at once; for a client of which nothing is still coming."""
        self.sock.close()

    def close_gently(self) -> None:
        """Ends it so that the client can read the answer although it is still sending."""
        util.close_graceful(self.sock)
