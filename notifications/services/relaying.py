"""Turns the steps of alerts into messages: the outbox of `exercises.triage` is read here."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from backend.core.crashpoints import reached
from exercises.triage.levels import Level
from exercises.triage.models import AlertEvent
from notifications import selectors
from notifications.bulk import look_up_by_index
from notifications.endpoints import people_with_push, webhooks_of
from notifications.models import Delivery, DeliveryState, RelayTrouble
from notifications.policy import plus_days
from notifications.services.writing import Draft, write_messages
from notifications.teams import NOBODY, Team, teams_of
from notifications.terms import Escalation, LevelTerms, terms

logger = logging.getLogger(__name__)

BATCH = 200
BEGINNINGS = ("raised", "reopened")
# What the therapist also hears of, in the inbox alone, when the alert was a red flag.
NEWS = ("retracted", "sought_care", "declined")


def relay(
    *, now: datetime, limit: int = BATCH, patient: UUID | None = None, urgent: bool = False
) -> int:
    """Writes the messages of up to `limit` steps, oldest first, and says how many steps that were.

    One transaction: a step is marked together with its messages. Any number of relays may run:
    PostgreSQL passes over rows that another one holds, SQLite has a single writer, and a message
    that exists is not written again. A step that cannot be read is set aside and tried again
    later, so that it stands in nobody's way. With `patient`, only of her alerts: for a history
    that is played on a clock of its own. With `urgent`, of red flags alone.
    """
    if not (selectors.is_any_urgent(now) if urgent else selectors.is_any_relayable(now)):
        return 0
    wanted = selectors.urgent_events(now) if urgent else selectors.relayable_events(now, patient)
    with transaction.atomic():
        look_up_by_index()
        events = _take(wanted, limit)
        reached("relay.after_select")
        teams = teams_of([event.alert.patient_id for event in events], now)
        drafts, stuck = _drafts_of(events, teams)
        write_messages(chain.from_iterable(drafts.values()), now=now)
        reached("relay.after_insert")
        AlertEvent.objects.filter(pk__in=drafts).update(relayed_at=now)
        _set_aside(stuck, now)
        reached("relay.before_commit")
    reached("relay.after_commit")
    return len(drafts)


def _take(wanted: QuerySet[AlertEvent], limit: int) -> list[AlertEvent]:
    rows = wanted.select_related("alert__patient__user")
    return list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])


def _drafts_of(
    events: list[AlertEvent], teams: dict[UUID, Team]
) -> tuple[dict[int, list[Draft]], list[AlertEvent]]:
    drafts, stuck = {}, []
    hooked = webhooks_of({clinic for team in teams.values() for clinic in team.clinics})
    reachable = people_with_push(event.alert.patient.user_id for event in events)
    for event in events:
        team = teams.get(event.alert.patient_id, NOBODY)
        try:
            told = [*_drafts(event, team), *_to_clinics(event, team, hooked)]
            drafts[event.pk] = [_first_where_no_push(draft, reachable) for draft in told]
        except DatabaseError:
            raise
        except Exception as error:
            # One row that cannot be read must not keep everybody else's alerts from being said.
            logger.error(  # noqa: TRY400  (a traceback may quote the row)
                "step %s cannot be relayed: %s", event.pk, type(error).__name__
            )
            stuck.append(event)
    return drafts, stuck


def _first_where_no_push(draft: Draft, reachable: set[UUID]) -> Draft:
    # Who has no device is mailed together with the rest, not a moment later; a device that is
    # registered before the message goes out gets it as well.
    if draft.audience != "patient" or draft.recipient in reachable:
        return draft
    return replace(draft, channels=(*draft.channels, *draft.second), second=(), second_after=None)


def _set_aside(events: list[AlertEvent], now: datetime) -> None:
    rules = terms().relay
    before = RelayTrouble.objects.in_bulk([event.pk for event in events]) if events else {}
    for event in events:
        attempts = before[event.pk].attempts + 1 if event.pk in before else 1
        wait = timedelta(seconds=rules.backoff_seconds * 2 ** (attempts - 1))
        given_up = attempts >= rules.attempts
        RelayTrouble.objects.update_or_create(
            event=event,
            defaults={
                "attempts": attempts,
                "next_try_at": now + wait,
                "dead_at": now if given_up else None,
            },
        )
        if given_up:
            logger.error("step %s is given up after %d attempts", event.pk, attempts)


def _drafts(event: AlertEvent, team: Team) -> Iterator[Draft]:
    if event.step in BEGINNINGS:
        yield from _beginnings(event, team)
    elif event.step in NEWS and event.alert.level >= Level.URGENT_SAME_DAY:
        for therapist in team.therapists:
            yield _to_person(event, therapist, event.step, ("in_app",))
    elif event.step == "assigned" and event.assignee_id not in (None, event.by_id):
        channels = terms().of(Level(event.alert.level)).therapist_channels
        yield _to_person(event, event.assignee_id, event.step, channels)


def _beginnings(event: AlertEvent, team: Team) -> Iterator[Draft]:
    level = terms().of(Level(event.alert.level))
    if event.step == "raised" or not _is_still_waiting(event):
        yield _to_patient(event, level, team)
    for therapist in team.therapists:
        yield _to_person(event, therapist, "alert", level.therapist_channels)
    if team.everyone:
        yield from (_to_team(event, escalation) for escalation in level.escalate)


def _to_patient(event: AlertEvent, level: LevelTerms, team: Team) -> Draft:
    is_grave = event.alert.level >= Level.URGENT_SAME_DAY
    later = timedelta(minutes=level.second_after_minutes)
    return replace(
        _to_person(event, event.alert.patient.user_id, "alert", level.patient_channels),
        audience="patient",
        second=level.patient_second,
        second_after=later or None,
        content={"nobody_on_duty": True} if is_grave and not team.on_duty else {},
    )


def _to_person(event: AlertEvent, recipient: UUID, kind: str, channels: tuple[str, ...]) -> Draft:
    alert = event.alert
    return Draft(
        chain=f"{recipient}:{alert.pk}:{kind}:{event.pk}",
        recipient=recipient,
        patient=alert.patient_id,
        audience="therapist",
        kind=kind,
        level=alert.level,
        rule=alert.rule,
        alert=alert.pk,
        channels=channels,
        due_at=event.at,
    )


def _to_team(event: AlertEvent, escalation: Escalation) -> Draft:
    alert = event.alert
    return Draft(
        chain=f"team:{alert.pk}:{escalation.kind}:{escalation.to}:{event.pk}",
        recipient=None,
        patient=alert.patient_id,
        audience="team",
        kind=escalation.kind,
        level=alert.level,
        rule=alert.rule,
        alert=alert.pk,
        about=escalation.to,
        channels=("team",),
        due_at=_escalates_at(event, escalation),
    )


def _to_clinics(event: AlertEvent, team: Team, hooked: Mapping[UUID, object]) -> Iterator[Draft]:
    if event.step not in BEGINNINGS:
        return
    alert = event.alert
    for clinic in team.clinics:
        if clinic in hooked:
            yield Draft(
                chain=f"clinic:{clinic}:{alert.pk}:{event.pk}",
                recipient=None,
                patient=alert.patient_id,
                clinic=clinic,
                audience="clinic",
                kind=f"alert_{event.step}",
                level=alert.level,
                alert=alert.pk,
                channels=("webhook",),
                due_at=event.at,
            )


def _is_still_waiting(event: AlertEvent) -> bool:
    # Reopened before the last repeat was judged: that one goes on, a second chain would double it.
    return Delivery.objects.filter(
        message__alert_id=event.alert_id,
        message__audience="patient",
        state=DeliveryState.WAITING,
        is_second=False,
    ).exists()


def _escalates_at(event: AlertEvent, escalation: Escalation) -> datetime:
    later = event.at + timedelta(minutes=escalation.after_minutes)
    if not escalation.after_days:
        return later
    return plus_days(later, escalation.after_days, event.alert.patient.user.time_zone)
