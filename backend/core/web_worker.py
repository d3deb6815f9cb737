"""How a web process takes requests: each thread waits for one, reads it and answers it.

gunicorn starts the processes, watches over them and reads HTTP. Its own threaded worker lets one
thread wait for all and hand each request to another one, which costs more than reading and answering
a small request. Here all threads wait at one poll (epoll), which wakes one of them for each
connection that is ready, the one that waited shortest. A connection that is idle holds no thread.
"""

import contextlib
import os
import select
import socket
import struct
import threading
import time
from datetime import datetime
from typing import Any

from gunicorn.http import errors, wsgi
from gunicorn.workers.base import Worker

from backend.core.web_connection import SILENCE, Connection

# A client that has connected and sends nothing is waited for (seconds).
FIRST_WORD = 10.0
# A stopping process answers what clients of open connections are sending just then (seconds).
LINGER = 2.0
HEARTBEAT = 1.0
OUT_OF_BREATH = 0.05
_ONCE = select.EPOLLIN | select.EPOLLONESHOT


class PollingWorker(Worker):
    """gunicorn's worker class, for HTTP/1.1 without TLS, which ends at the proxy."""

    @classmethod
    def check_config(cls, cfg: Any, _log: Any) -> None:
        """Raises RuntimeError where more is asked of it than it can."""
        if cfg.is_ssl:
            raise RuntimeError("TLS ends at the proxy.")

    def run(self) -> None:
        """Serves until gunicorn says that it is enough."""
        self._poll = select.epoll()
        self._idle: dict[int, Connection] = {}
        self._is_over = threading.Event()
        self._bell = os.eventfd(0)
        self._poll.register(self._bell, _ONCE)
        self._listeners = {one.fileno(): (one, one.getsockname()) for one in self.sockets}
        for listener in self.sockets:
            _set_limits(listener)
            self._poll.register(listener, _ONCE)
        threads = [
            threading.Thread(target=self._serve, daemon=True) for _ in range(self.cfg.threads)
        ]
        for thread in threads:
            thread.start()
        self._watch()
        self._stop(threads)

    def _watch(self) -> None:
        while self.alive and self.ppid == os.getppid():
            self._say_it_lives()
            # gunicorn writes into this pipe whenever a signal comes.
            if select.select([self.PIPE[0]], [], [], HEARTBEAT)[0]:
                os.read(self.PIPE[0], 64)
            self._close_idle(time.monotonic())
        self.alive = False

    def _say_it_lives(self) -> None:
        self.notify()  # type: ignore[no-untyped-call]

    def _stop(self, threads: list[threading.Thread]) -> None:
        for listener in self.sockets:
            self._poll.unregister(listener)
            listener.close()
        linger = time.monotonic() + LINGER
        while self._idle and time.monotonic() < linger:
            self._say_it_lives()
            time.sleep(0.05)
            self._close_idle(time.monotonic())
        self._close_idle(float("inf"))
        self._is_over.set()
        os.eventfd_write(self._bell, 1)
        deadline = time.monotonic() + self.cfg.graceful_timeout
        for thread in threads:
            while thread.is_alive() and time.monotonic() < deadline:
                self._say_it_lives()
                thread.join(0.1)

    def _close_idle(self, now: float) -> None:
        for number, connection in [*self._idle.items()]:
            # Whoever takes it out of the idle ones has it.
            if connection.until <= now and self._idle.pop(number, None) is not None:
                connection.close()

    def _serve(self) -> None:
        while not self._is_over.is_set():
            for number, _ in self._poll.poll(maxevents=1):
                try:
                    self._take(number)
                except Exception:
                    self.log.exception("Error in a thread of the web process")
        # The bell wakes one, who wakes the next.
        self._poll.modify(self._bell, _ONCE)

    def _take(self, number: int) -> None:
        listening = self._listeners.get(number)
        connection = self._accepted(*listening) if listening else self._idle.pop(number, None)
        if connection is not None:
            self._answer_all(connection)

    def _accepted(self, listener: socket.socket, name: Any) -> Connection | None:
        try:
            sock, peer = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            # Another process was quicker, or the client has gone.
            return None
        except OSError:
            # No more files may be open, for now.
            time.sleep(OUT_OF_BREATH)
            return None
        finally:
            # Somebody waits for the next one; a process that stops has closed it.
            with contextlib.suppress(OSError, ValueError):
                self._poll.modify(listener, _ONCE)
        connection = Connection(self.cfg, sock, peer, name)
        connection.until = time.monotonic() + FIRST_WORD
        return connection

    def _answer_all(self, connection: Connection) -> None:
        """Answers what has arrived; then the connection is closed or idle."""
        try:
            while connection.has_request():
                if not self._answer(connection):
                    return
                connection.until = time.monotonic() + self.cfg.keepalive
            self._let_idle(connection)
        except (EOFError, OSError):
            connection.close()

    def _let_idle(self, connection: Connection) -> None:
        if len(self._idle) >= self.cfg.worker_connections:
            connection.close()
            return
        self._idle[connection.sock.fileno()] = connection
        if connection.is_known:
            self._poll.modify(connection.sock, _ONCE)
        else:
            connection.is_known = True
            self._poll.register(connection.sock, _ONCE)

    def _answer(self, connection: Connection) -> bool:
        """Answers one request; whether the connection stays open."""
        request = None
        try:
            request = connection.next_request()
            stays = self._respond(connection, request)
        except (errors.NoMoreData, StopIteration, OSError):
            connection.close()
            return False
        except Exception as error:
            self.handle_error(request, connection.sock, connection.peer, error)  # type: ignore[no-untyped-call]
            connection.close_gently()
            return False
        if not connection.is_at_its_end():
            connection.close_gently()
            return False
        if not stays:
            connection.close()
        return stays

    def _respond(self, connection: Connection, request: Any) -> bool:
        response, environ = wsgi.create(
            request, connection, connection.peer, connection.server, self.cfg
        )
        environ["wsgi.multithread"] = True
        began = datetime.now()  # noqa: DTZ005  (gunicorn's log wants the difference)
        self._count()
        parts = self.wsgi(environ, response.start_response)
        if not self.alive:
            response.force_close()
        try:
            _send(response, parts, connection)
        except Exception as error:
            if not response.headers_sent or isinstance(error, OSError):
                raise
            # Another answer cannot follow in the middle of this one.
            self.log.exception("Error handling request")
            raise ConnectionAbortedError from error
        finally:
            self.log.access(response, request, environ, datetime.now() - began)  # noqa: DTZ005
            if hasattr(parts, "close"):
                parts.close()
        return not response.should_close()

    def _count(self) -> None:
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False


def _send(response: Any, parts: Any, connection: Connection) -> None:
    if isinstance(parts, wsgi.FileWrapper):
        response.write_file(parts)
    else:
        for part in parts:
            response.write(part)
            connection.flush()
    response.close()
    connection.flush()


def _set_limits(listener: socket.socket) -> None:
    """What the kernel keeps, without a call for each of them, of all connections that come in."""
    listener.setblocking(False)  # noqa: FBT003
    limit = struct.pack("ll", SILENCE, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
