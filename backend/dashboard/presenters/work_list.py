"""What waits for a therapist today, in the order in which it wants to be looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backend.accounts.models import Invitation, Leave, Patient, User
from backend.core.localtime import local_date
from backend.dashboard.presenters.levels import Badge, badge
from backend.dashboard.presenters.times import Moment, day_text, long_day, moment
from exercises.triage.levels import Level
from exercises.triage.models import STANDING, Alert
from exercises.triage.reasons import reason_of
from exercises.triage.tasks_due import Task

SHOWN = 50
# An invitation is on its way for some days; then it is worth a word.
STALE_AFTER = timedelta(days=5)


@dataclass(frozen=True)
class AlertLine:
    """An alert with its patient; `mine` says that it was passed on to the reader."""

    id: UUID
    patient: UUID
    name: str
    badge: Badge
    title: str
    since: Moment
    mine: bool


@dataclass(frozen=True)
class TaskLine:
    """A task of a patient's plan, since a date of hers."""

    patient: UUID
    name: str
    text: str
    since: str


@dataclass(frozen=True)
class UnreadLine:
    """Messages of a patient that nobody of her care team has read."""

    patient: UUID
    name: str
    count: int


@dataclass(frozen=True)
class StaleLine:
    """An invitation that nobody has taken up for days."""

    clinic: UUID
    made: Moment
    until: str


@dataclass(frozen=True)
class WorkScreen:
    """The work list. `more` counts what is not shown of each list."""

    today: str
    unacknowledged: tuple[AlertLine, ...]
    reviews: tuple[AlertLine, ...]
    in_hand: tuple[AlertLine, ...]
    more: int
    tasks: tuple[TaskLine, ...]
    unread: tuple[UnreadLine, ...]
    stale: tuple[StaleLine, ...]
    cover: tuple[str, ...]

    @property
    def waiting(self) -> int:
        """How much has not been looked at."""
        alerts = len(self.unacknowledged) + len(self.reviews) + self.more
        return alerts + len(self.tasks) + len(self.unread)

    @property
    def patients(self) -> set[UUID]:
        """Of whom it speaks."""
        alerts = (*self.unacknowledged, *self.reviews, *self.in_hand)
        others = {line.patient for line in self.tasks} | {line.patient for line in self.unread}
        return others | {line.patient for line in alerts}


def work_screen(
    *,
    alerts: Iterable[Alert],
    alerts_in_all: int,
    tasks: Iterable[tuple[Patient, Task]],
    unread: Iterable[tuple[Patient, int]],
    invitations: Iterable[Invitation],
    leaves: Iterable[Leave],
    reader: User,
    now: datetime,
) -> WorkScreen:
    """The work of `reader`: her alerts highest first, as many as are shown, the tasks of her
    patients' plans oldest first, her patients with messages that nobody has read, her invitations
    and the leaves that concern her."""
    zone = reader.time_zone
    lines = [(one, _alert_line(one, reader, now)) for one in alerts]
    return WorkScreen(
        today=long_day(local_date(now, zone)),
        unacknowledged=tuple(line for one, line in lines if one.status == "open"),
        reviews=tuple(line for one, line in lines if one.status not in STANDING),
        in_hand=tuple(line for one, line in lines if one.status == "acknowledged"),
        more=max(0, alerts_in_all - len(lines)),
        tasks=tuple(_task_line(patient, task) for patient, task in tasks),
        unread=tuple(UnreadLine(patient.pk, patient.user.name, count) for patient, count in unread),
        stale=tuple(
            StaleLine(
                one.clinic_id,
                moment(one.created_at, now, zone),
                day_text(local_date(one.expires_at, zone)),
            )
            for one in invitations
            if now - one.created_at >= STALE_AFTER
        ),
        cover=tuple(_cover(leave, reader) for leave in leaves),
    )


def _alert_line(alert: Alert, reader: User, now: datetime) -> AlertLine:
    reason = reason_of(alert, language=reader.language)
    return AlertLine(
        id=alert.pk,
        patient=alert.patient_id,
        name=alert.patient.user.name,
        badge=badge(Level(alert.level)),
        title=reason.title,
        since=moment(reason.since, now, reader.time_zone),
        mine=alert.assigned_to_id == reader.pk,
    )


def _task_line(patient: Patient, task: Task) -> TaskLine:
    return TaskLine(patient.pk, patient.user.name, task.text, day_text(task.since))


def _cover(leave: Leave, reader: User) -> str:
    held = leave.membership
    backup = leave.backup or held.backup
    until = ""
    if leave.ended_at:
        last = local_date(leave.ended_at - timedelta(microseconds=1), held.clinic.time_zone)
        until = f", until {long_day(last)}"
    away = held.user.name or held.user.email
    if held.user_id == reader.pk:
        who = (backup.name or backup.email) if backup else "nobody"
        return f"You are away from {held.clinic.name}{until}: {who} stands in for you."
    if backup and backup.pk == reader.pk:
        return f"You stand in for {away}{until}."
    who = (backup.name or backup.email) if backup else "nobody"
    return f"{away} is away{until}: {who} stands in."
