"""A phone and a therapist's program as they speak to a running server: plain HTTP."""

import re
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any, TypeVar

import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import free_port

T = TypeVar("T")


class Mailbox:
    """An SMTP server on 127.0.0.1 that keeps what it is given, with the moment of arrival."""

    def __init__(self) -> None:
        self.messages: list[tuple[float, str, EmailMessage]] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> "Mailbox":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        """What EMAIL_URL says for this server."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(  # noqa: N802  (aiosmtpd calls it by this name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        message = BytesParser(policy=default).parsebytes(envelope.original_content or b"")
        assert isinstance(message, EmailMessage)
        self.messages.append((time.monotonic(), envelope.rcpt_tos[0], message))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """What arrived for an address, oldest first."""
        return [message for _, rcpt, message in self.messages if rcpt == address]

    def code_for(self, address: str) -> str:
        """The sign-in or verification code of the latest mail to an address."""
        text = wait_until(lambda: self.to(address), seconds=15)[-1].get_body(("plain",))
        assert text is not None
        found = re.search(
            r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", text.get_content(), re.MULTILINE
        )
        assert found, text.get_content()
        return found.group(1)


class Caller:
    """Speaks JSON to one server, with a session token once signed in."""

    def __init__(self, base_url: str, token: str = "") -> None:
        self.base_url = base_url
        self.token = token

    def __call__(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """One request; answers status and body, whatever the status."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            named["X-Session-Token"] = self.token
        url = self.base_url + path
        answer = requests.request(method, url, json=body, headers=named, timeout=20)
        return answer.status_code, answer.json() if answer.content else {}

    def sign_up(self, mailbox: Mailbox, email: str, password: str) -> None:
        """Signs up over the public API with the code from the mail."""
        auth = "/api/auth/app/v1/auth"
        status, answer = self("POST", f"{auth}/signup", {"email": email, "password": password})
        assert status == 401, answer  # the e-mail address is not verified yet
        self.token = answer["meta"]["session_token"]
        code = mailbox.code_for(email)
        status, answer = self("POST", f"{auth}/email/verify", {"key": code})
        assert status == 200, answer
        self.token = answer["meta"].get("session_token", self.token)


def wait_until(found: Callable[[], T], *, seconds: float) -> T:
    """What `found` returns as soon as it is truthy; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = found()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.1)
