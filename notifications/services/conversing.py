"""Tells the other side that something was written: ordinary messages, with a neutral text."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from exercises.conversation.models import CareMessage
from exercises.conversation.selectors import unrelayed
from notifications.conversing import CARE_MESSAGE
from notifications.services.writing import Draft, write_messages
from notifications.teams import NOBODY, Team, teams_of

BATCH = 200
# Whoever has not opened the app by then finds it there all the same.
WORTH_SAYING = timedelta(days=14)


def relay_messages(*, now: datetime, limit: int = BATCH) -> int:
    """Writes the notifications of up to `limit` care messages, oldest first; how many messages.

    One transaction, and any number of relays may run, as with the steps of alerts (`relay`).
    """
    if not unrelayed().exists():
        return 0
    with transaction.atomic():
        rows = (
            unrelayed().select_related("patient").select_for_update(skip_locked=True, of=("self",))
        )
        taken = [*rows[:limit]]
        teams = teams_of({row.patient_id for row in taken}, now)
        drafts = [
            draft for row in taken for draft in _drafts(row, teams.get(row.patient_id, NOBODY))
        ]
        write_messages(drafts, now=now)
        CareMessage.objects.filter(pk__in=[row.pk for row in taken]).update(relayed_at=now)
    return len(taken)


def _drafts(message: CareMessage, team: Team) -> Iterator[Draft]:
    to_patient = not message.from_patient
    recipients = [message.patient.user_id] if to_patient else team.therapists
    for recipient in recipients:
        yield Draft(
            chain=f"{recipient}:{CARE_MESSAGE}:{message.patient_id}:{message.id}",
            recipient=recipient,
            patient=message.patient_id,
            audience="patient" if to_patient else "therapist",
            kind=CARE_MESSAGE,
            about=str(message.id),
            channels=("in_app", "push"),
            second=("email",) if to_patient else (),
            due_at=message.sent_at,
            expires_at=message.sent_at + WORTH_SAYING,
        )
