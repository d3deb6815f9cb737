"""Reminders and preferences as they travel."""

from collections.abc import Sequence
from datetime import date, time
from typing import Annotated, Literal, cast
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from backend.accounts.places import is_time_zone
from backend.core.problems import FieldError
from backend.core.wire import END, Instant, ShortText, Wire
from notifications.reminders import selectors
from notifications.reminders.content import SLOTS, Kind, reminder_terms
from notifications.reminders.models import NotificationPreferences, Reminder
from notifications.reminders.services import ReminderContent, mask_of
from notifications.terms import ChannelName

MOST_TIMES = 12
_SNOOZE = reminder_terms().snooze
WallTime = Annotated[
    str, Meta(pattern=rf"^([01][0-9]|2[0-3]):[0-5][0-9]{END}", description="Local time, HH:MM")
]
Weekday = Annotated[int, Meta(ge=0, le=6, description="0 is Monday")]
ZoneName = Annotated[str, Meta(max_length=64, description="IANA name, such as Europe/Berlin")]
Times = Annotated[list["ReminderTime"], Meta(min_length=1, max_length=MOST_TIMES)]
Weekdays = Annotated[list[Weekday], Meta(min_length=1, max_length=7)]
Channels = Annotated[list[ChannelName], Meta(min_length=1, max_length=3)]


class ReminderTime(Wire, frozen=True, kw_only=True):
    """A time of day. `slot` is the name of it: that of a prescription's slot for exercises, the
    time itself for all else. One ring a slot and date, whatever happens to the times meanwhile."""

    at: WallTime
    slot: ShortText | UnsetType = UNSET


class ReminderBody(Wire, frozen=True, kw_only=True):
    """What a patient decides of a reminder."""

    enabled: bool
    times: Times
    weekdays: Weekdays
    channels: Channels


class ReminderPatch(Wire, frozen=True, kw_only=True):
    """The fields to change."""

    enabled: bool | UnsetType = UNSET
    times: Times | UnsetType = UNSET
    weekdays: Weekdays | UnsetType = UNSET
    channels: Channels | UnsetType = UNSET


class ReminderView(ReminderBody, frozen=True, kw_only=True):
    """A reminder as it is set; `version` rises with each change and is the ETag."""

    id: UUID
    kind: Kind
    version: int


class NextRing(Wire, frozen=True, kw_only=True):
    """When it rings next: the instant, and what the clock by which she is reminded shows then."""

    at: Instant
    local_date: date
    slot: str
    zone: ZoneName


class LastRing(Wire, frozen=True, kw_only=True):
    """What became of the ring that was looked at last: `rang`, `missed` (the service was away for
    too long), or why there was nothing to be said. What rang has a message that says more."""

    due_at: Instant
    local_date: date
    slot: str
    outcome: str


class ReminderItem(ReminderView, frozen=True, kw_only=True):
    """A reminder with where it stands. `stopped_at`: it could not be computed, and rests until it
    is set anew."""

    next: NextRing | UnsetType = UNSET
    last: LastRing | UnsetType = UNSET
    snoozed_until: Instant | UnsetType = UNSET
    stopped_at: Instant | UnsetType = UNSET


class Reminders(Wire, frozen=True, kw_only=True):
    """A patient's reminders, one a kind; none before she has a plan."""

    items: tuple[ReminderItem, ...]


class SnoozeRequest(Wire, frozen=True, kw_only=True):
    """For how long the reminder is put off."""

    minutes: Annotated[int, Meta(ge=_SNOOZE.least_minutes, le=_SNOOZE.most_minutes)]


class QuietHours(Wire, frozen=True, kw_only=True, rename={"start": "from", "end": "until"}):
    """Local times between which no reminder is said; `until` is exclusive and may be earlier than
    `from`: then it is on the next day."""

    start: WallTime
    end: WallTime


class PreferencesBody(Wire, frozen=True, kw_only=True):
    """How reminders may reach her. Without `quiet_hours` at any hour. `travel`: by the clocks of
    where she is (`follow_me`, the zone of the profile), or of `home_zone` (`stay_home`).
    Emergency and urgent messages do not depend on any of it."""

    quiet_hours: QuietHours | UnsetType = UNSET
    travel: Literal["follow_me", "stay_home"]
    home_zone: ZoneName | UnsetType = UNSET
    channels: Annotated[list[ChannelName], Meta(max_length=3)]


class PreferencesView(PreferencesBody, frozen=True, kw_only=True):
    """The preferences; `version` 0 are the defaults, never set by anybody."""

    version: int


class TestRequest(Wire, frozen=True, kw_only=True):
    """By which channels the test message goes; all that she wants, if it does not say."""

    channels: Channels | UnsetType = UNSET


class TestSent(Wire, frozen=True, kw_only=True):
    """The test message: `/me/notifications/{id}` says what became of it."""

    id: UUID
    channels: list[ChannelName]


def reminder_view(row: Reminder) -> ReminderView:
    """The reminder alone."""
    return ReminderView(
        id=row.pk,
        kind=cast(Kind, row.kind),
        enabled=row.enabled,
        times=[ReminderTime(at=item["at"], slot=item["slot"]) for item in row.times],
        weekdays=[day for day in range(7) if row.weekdays >> day & 1],
        channels=list(row.channels),
        version=row.version,
    )


def reminder_item(row: Reminder) -> ReminderItem:
    """The reminder with where it stands."""
    view, ring = reminder_view(row), selectors.planned_ring(row)
    return ReminderItem(
        **{name: getattr(view, name) for name in ReminderView.__struct_fields__},
        next=NextRing(at=ring.at, local_date=ring.day, slot=ring.slot, zone=row.zone)
        if ring and not row.dead_at
        else UNSET,
        last=LastRing(
            due_at=row.last_due_at,
            local_date=row.last_date,
            slot=row.last_slot,
            outcome=row.last_outcome,
        )
        if row.last_due_at and row.last_date
        else UNSET,
        snoozed_until=row.snoozed_until or UNSET,
        stopped_at=row.dead_at or UNSET,
    )


def preferences_view(row: NotificationPreferences) -> PreferencesView:
    """The preferences as they are set."""
    quiet = selectors.quiet_of(row)
    return PreferencesView(
        quiet_hours=QuietHours(start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}")
        if quiet
        else UNSET,
        travel=cast(Literal["follow_me", "stay_home"], row.travel),
        home_zone=row.home_zone or UNSET,
        channels=list(row.channels),
        version=row.version,
    )


def reminder_errors(kind: str, body: ReminderBody) -> list[FieldError]:
    """What the types alone cannot say: the names of times, and that each stands once."""
    errors = []
    seen: set[str] = set()
    for index, item in enumerate(body.times):
        slot = _slot(kind, item)
        if kind == "exercise" and slot not in SLOTS:
            text = f"One of {', '.join(SLOTS)}."
            errors.append(FieldError(f"/times/{index}/slot", "unknown_slot", text))
        elif kind != "exercise" and slot != item.at:
            text = "Leave it out, or name it after the time."
            errors.append(FieldError(f"/times/{index}/slot", "unknown_slot", text))
        elif slot in seen:
            errors.append(FieldError(f"/times/{index}", "repeated", "It stands there already."))
        seen.add(slot)
    return errors


def reminder_content(kind: str, body: ReminderBody) -> ReminderContent:
    """The body as it is stored."""
    times = sorted((_slot(kind, item), item.at) for item in body.times)
    return ReminderContent(
        enabled=body.enabled,
        times=tuple(sorted(times, key=lambda item: item[1])),
        weekdays=mask_of(body.weekdays),
        channels=_in_order(body.channels),
    )


def patched(row: Reminder, patch: ReminderPatch) -> ReminderBody:
    """The reminder with the fields of `patch` changed."""
    held = reminder_view(row)
    return ReminderBody(
        enabled=held.enabled if patch.enabled is UNSET else patch.enabled,
        times=held.times if patch.times is UNSET else patch.times,
        weekdays=held.weekdays if patch.weekdays is UNSET else patch.weekdays,
        channels=held.channels if patch.channels is UNSET else patch.channels,
    )


def preferences_errors(body: PreferencesBody) -> list[FieldError]:
    """What the types alone cannot say: the zone exists, a home has one, a night has two ends."""
    errors = []
    if body.home_zone is not UNSET and not is_time_zone(body.home_zone):
        text = "An IANA time zone such as Europe/Berlin."
        errors.append(FieldError("/home_zone", "unknown_zone", text))
    if body.travel == "stay_home" and body.home_zone is UNSET:
        errors.append(FieldError("/home_zone", "required", "Say where home is."))
    if body.quiet_hours is not UNSET and body.quiet_hours.start == body.quiet_hours.end:
        text = "Another time than `from`; leave quiet hours out to have none."
        errors.append(FieldError("/quiet_hours/until", "invalid", text))
    return errors


def preferences_changes(body: PreferencesBody) -> dict[str, object]:
    """The body as the fields that are stored."""
    quiet = body.quiet_hours
    return {
        "quiet_from": None if quiet is UNSET else time.fromisoformat(quiet.start),
        "quiet_until": None if quiet is UNSET else time.fromisoformat(quiet.end),
        "travel": body.travel,
        "home_zone": "" if body.home_zone is UNSET else body.home_zone,
        "channels": list(_in_order(body.channels)),
    }


def _slot(kind: str, item: ReminderTime) -> str:
    if item.slot is UNSET:
        return "" if kind == "exercise" else item.at
    return item.slot


def _in_order(channels: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in selectors.CHANNELS if name in channels)
