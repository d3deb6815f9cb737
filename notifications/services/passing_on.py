"""Passes on what has no address of its own: to every endpoint, webhook or person there is now."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from backend.accounts.rota import call_in
from exercises.triage.levels import Level
from notifications import endpoints
from notifications.models import Delivery, Message
from notifications.services.writing import Draft, write_deliveries, write_messages
from notifications.teams import NOBODY, Team, teams_of
from notifications.terms import terms


def is_passed_on(delivery: Delivery) -> bool:
    """Whether the delivery stands for others instead of being sent itself."""
    return delivery.target is None and delivery.channel in ("push", "team", "webhook")


def pass_on(deliveries: Sequence[Delivery], now: datetime) -> set[UUID]:
    """Writes what the deliveries stand for, inside the caller's transaction; those that reach
    nobody. A fixed number of queries."""
    found: dict[UUID, list[tuple[Delivery, str, UUID]]] = {}
    found |= _to_devices([one for one in deliveries if one.channel == "push"])
    found |= _to_webhooks([one for one in deliveries if one.channel == "webhook"])
    write_deliveries([each for several in found.values() for each in several], now=now)
    told = _to_people([one for one in deliveries if one.channel == "team"], now)
    return {one.pk for one in deliveries if not found.get(one.pk) and one.pk not in told}


def _to_devices(deliveries: Sequence[Delivery]) -> dict[UUID, list[tuple[Delivery, str, UUID]]]:
    people = {one.message.recipient_id for one in deliveries if one.message.recipient_id}
    live = endpoints.endpoints_of(people) if people else {}
    return {
        one.pk: [
            (one, endpoint.kind, endpoint.pk)
            for endpoint in live.get(one.message.recipient_id or one.pk, ())
        ]
        for one in deliveries
    }


def _to_webhooks(deliveries: Sequence[Delivery]) -> dict[UUID, list[tuple[Delivery, str, UUID]]]:
    clinics = {one.message.clinic_id for one in deliveries if one.message.clinic_id}
    live = endpoints.webhooks_of(clinics) if clinics else {}
    return {
        one.pk: [
            (one, "webhook", webhook.pk)
            for webhook in live.get(one.message.clinic_id or one.pk, ())
        ]
        for one in deliveries
    }


def _to_people(deliveries: Sequence[Delivery], now: datetime) -> set[UUID]:
    patients = {one.message.patient_id for one in deliveries if one.message.patient_id}
    teams = teams_of(patients, now)
    drafts = {
        one.pk: list(_escalations(one.message, _team(one.message, teams), now))
        for one in deliveries
    }
    written = [draft for several in drafts.values() for draft in several]
    write_messages(written, now=now)
    # What she is asked to look at she must be able to open.
    call_in(
        [(one.recipient, one.patient) for one in written if one.recipient and one.patient], now=now
    )
    return {pk for pk, several in drafts.items() if several}


def _team(message: Message, teams: dict[UUID, Team]) -> Team:
    return teams.get(message.patient_id, NOBODY) if message.patient_id else NOBODY


def _escalations(message: Message, team: Team, now: datetime) -> Iterator[Draft]:
    channels = terms().of(Level(message.level)).therapist_channels
    # Two steps that fall due together and lead to the same person are one message to her.
    cause = f"{message.alert_id}:{message.kind}:{message.due_at:%Y%m%d%H%M%S}"
    for person in team.at_step(message.about):
        yield Draft(
            chain=f"{person}:{cause}",
            recipient=person,
            patient=message.patient_id,
            audience="therapist",
            kind=message.kind,
            level=message.level,
            rule=message.rule,
            alert=message.alert_id,
            about=message.about,
            channels=channels,
            due_at=now,
        )
