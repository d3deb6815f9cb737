"""Tells operators that messages do not get out: once when it begins, and once when it is over."""

import logging
import smtplib
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection

from notifications.health import Health, health
from notifications.models import Incident

logger = logging.getLogger(__name__)

TEXTS = {
    "late": "Messages are due and do not get out.",
    "scheduler_silent": "The scheduler has given no sign of life.",
    "steps_given_up": "Steps of alerts could not be turned into messages and were given up.",
}
Post = Callable[[Callable[[], None]], None]


def watch(*, now: datetime, post: Post | None = None) -> Health:
    """Looks at delivery, and opens or closes incidents accordingly.

    Any process may look, so that a scheduler that is dead is noticed by the web: each incident is
    opened by one of them alone, which logs and mails it. `post` runs the mailing (by default here
    and now); mail that cannot be sent is tried again at the next look.
    """
    found = health(now)
    open_now = {incident.name: incident for incident in Incident.objects.filter(closed_at=None)}
    for name in found.problems:
        if name not in open_now and _begins(name, now):
            logger.error("delivery: %s", TEXTS[name])
    _end([name for name in open_now if name not in found.problems], now)
    if set(found.problems) and settings.OPERATORS:
        _mail(found.problems, now, post or (lambda work: work()))
    return found


def in_background(work: Callable[[], None]) -> None:
    """Runs it in a thread: a mail server that hangs must not hold up the scheduler."""
    threading.Thread(target=_with_own_connection(work), daemon=True).start()


def _begins(name: str, now: datetime) -> bool:
    # Whoever inserts the row tells; the constraint leaves one open incident of each name.
    made = Incident.objects.bulk_create([Incident(name=name, opened_at=now)], ignore_conflicts=True)
    return bool(made) and Incident.objects.filter(name=name, closed_at=None, opened_at=now).exists()


def _end(names: Iterable[str], now: datetime) -> None:
    for name in names:
        if Incident.objects.filter(name=name, closed_at=None).update(closed_at=now):
            logger.info("delivery: over: %s", TEXTS.get(name, name))


def _mail(names: Iterable[str], now: datetime, post: Post) -> None:
    for name in names:
        unmailed = Incident.objects.filter(name=name, closed_at=None, mailed_at=None)
        if unmailed.update(mailed_at=now):
            post(partial(_send, name))


def _send(name: str) -> None:
    text = f"{TEXTS[name]}\n\n{settings.PUBLIC_URL}/ops/delivery says more."
    mail = EmailMessage("Stepwise: messages do not get out", text, to=settings.OPERATORS)
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as error:
        logger.error("operators cannot be mailed: %s", type(error).__name__)  # noqa: TRY400
        Incident.objects.filter(name=name, closed_at=None).update(mailed_at=None)


def _with_own_connection(work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    return run
