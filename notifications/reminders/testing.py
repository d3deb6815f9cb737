"""A test message, so that somebody sees whether her devices are reached."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from backend.accounts.limits import Limit, take
from backend.accounts.models import Patient
from backend.core.ids import uuid7
from notifications.reminders import selectors
from notifications.reminders.content import reminder_terms
from notifications.reminders.judging import TEST
from notifications.services.writing import Draft, message_id, write_messages
from notifications.terms import ChannelName

LASTS = timedelta(minutes=10)
HOUR_S = 3600.0


class TooManyTests(Exception):
    """The hour's allowance is used up; in `seconds` there is another."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too many test messages")
        self.seconds = seconds


def send_test(
    *, patient: Patient, channels: Sequence[ChannelName] | None, now: datetime
) -> tuple[UUID, list[ChannelName]]:
    """Writes a test message by `channels` (None: all that she wants); its id and the channels.

    Raises `TooManyTests`: the allowance is counted by one statement in the database.
    """
    wanted = selectors.preferences_of(patient.pk).channels if channels is None else channels
    chosen: list[ChannelName] = [name for name in selectors.CHANNELS if name in wanted]
    draft = Draft(
        chain=f"{patient.user_id}:{TEST}:{uuid7()}",
        recipient=patient.user_id,
        patient=patient.pk,
        audience="patient",
        kind=TEST,
        channels=tuple(chosen),
        due_at=now,
        expires_at=now + LASTS,
    )
    limit = Limit(amount=reminder_terms().tests_an_hour, seconds=HOUR_S)
    with transaction.atomic():
        wait = take(name=f"test-message:{patient.user_id}", limit=limit, now=now)
        if wait:
            raise TooManyTests(math.ceil(wait))
        write_messages([draft], now=now)
    return message_id(draft.key), chosen
