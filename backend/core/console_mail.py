"""Mail on the console, for whoever tries Stepwise without a mail server: to whom, what, and no MIME."""

from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend


class ConsoleMail(EmailBackend):
    """Prints whom a mail is for, its subject and its plain text."""

    def write_message(self, message: EmailMessage) -> None:
        text = "\n".join(f"    {line}".rstrip() for line in _plain(message).splitlines())
        self.stream.write(f"Mail to {', '.join(message.to)}: {message.subject}\n{text}\n")


def _plain(message: EmailMessage) -> str:
    body: Any = message.body
    return str(body).strip()
