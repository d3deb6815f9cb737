"""E-mail over the configured server, with a text that says nothing about anybody's health."""

import smtplib

from notifications.channels.contract import Envelope, Refused, Unavailable
from notifications.channels.email.composing import compose

# Replies of a server that will be the same tomorrow (RFC 5321, section 4.2.1).
PERMANENT = range(500, 600)


class Email:
    """Sends one mail; its Message-ID is the delivery's own, so a repeat can be told."""

    def send(self, envelope: Envelope) -> None:
        """Raises `Refused` when the server says no for good, `Unavailable` otherwise."""
        try:
            compose(envelope).send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            raise _failure(max(codes, default=0), error) from None
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, error) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(type(error).__name__) from None


def _failure(code: int, error: Exception) -> Exception:
    kind = Refused if code in PERMANENT and not _is_ours(error) else Unavailable
    return kind(f"{type(error).__name__} {code}")


def _is_ours(error: Exception) -> bool:
    # A wrong password or a refused sender is the operator's to mend, not the recipient's fault.
    return isinstance(
        error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused | smtplib.SMTPHeloError
    )
