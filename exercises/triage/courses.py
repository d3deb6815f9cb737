"""What a plan's sessions come to, exercise by exercise, without reading all of them each time.

What those until some day come to is kept (`DoseCourse`), and those since are added to it. The kept
day lies at least a week back, since that is how long sessions are still being corrected; whatever
changes before it has everything read again (docs/adr/0038).
"""

import contextlib
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from backend.accounts.models import Patient
from backend.core import release
from backend.core.compiled import compiled
from exercises.catalog import selectors as catalog
from exercises.plans.models import RecoveryPlan
from exercises.plans.progression import Borne, Course, course_of
from exercises.tracking.models import Fact, FactType
from exercises.tracking.selectors import SessionRow, session_rows
from exercises.triage.models import DoseCourse

SETTLED_AFTER, KEPT_FOR = timedelta(days=7), timedelta(days=14)
_COLUMNS = ("rev", "before", "last_at", "made_of", "courses")


class Key(NamedTuple):
    """Of which exercise a course is, and from when its sessions count (see `course_of`)."""

    exercise: str
    since: date
    reviewed_on: date | None

    def __str__(self) -> str:
        return f"{self.exercise}|{self.since}|{self.reviewed_on or ''}"


@dataclass(frozen=True)
class _Sum:
    """What the sessions before the local date `before` come to; the last was at `last_at`."""

    before: date
    last_at: datetime | None
    courses: Mapping[str, Course]

    @classmethod
    def of(cls, row: DoseCourse) -> Self:
        found = {
            key: Course(steps, easy, tuple(map(date.fromisoformat, bad_days)), too_much)
            for key, (steps, easy, bad_days, too_much) in row.courses.items()
        }
        return cls(row.before, row.last_at, found)

    def covers(self, keys: Iterable[Key], before: date) -> bool:
        """Whether these courses are known until before `before`."""
        return self.before <= before and all(str(key) in self.courses for key in keys)

    def precedes(self, sessions: Sequence[SessionRow]) -> bool:
        """Whether `sessions` (oldest first) all came later than those that it stands for."""
        return self.last_at is None or not sessions or sessions[0].occurred_at > self.last_at

    def plus(
        self, sessions: Sequence[SessionRow], keys: Iterable[Key], names: Mapping[str, str]
    ) -> dict[str, Course]:
        """The courses after `sessions`, which it precedes."""
        histories, limits = _histories(sessions, names), catalog.monitoring()
        return {
            str(key): course_of(
                histories.get(key.exercise, ()),
                since=key.since,
                reviewed_on=key.reviewed_on,
                limits=limits,
                before=self.courses.get(str(key)),
            )
            for key in keys
        }


def courses(
    plan: RecoveryPlan,
    keys: Collection[Key],
    *,
    names: Mapping[str, str],
    before: date,
    kept: Collection[Key] | None = None,
) -> dict[Key, Course]:
    """The courses of `keys` on the local date `before`; `names` are the exercises of the plan's
    prescriptions. Two queries; those in `kept` are kept for the next time."""
    made_of = _made_of(plan, names)
    known = _known(plan, made_of)
    if kept is not None and (
        known is None
        or not known.covers({*keys, *kept}, before - SETTLED_AFTER)
        or before - known.before > KEPT_FOR
    ):
        known = _keep(plan, {*keys, *kept}, names, before - SETTLED_AFTER, made_of)
    if known is not None and known.covers(keys, before):
        recent = session_rows(plan.patient_id, known.before, before)
        if known.precedes(recent):
            found = known.plus(recent, keys, names)
            return {key: found[str(key)] for key in keys}
    start = _nothing(plan)
    found = start.plus(session_rows(plan.patient_id, start.before, before), keys, names)
    return {key: found[str(key)] for key in keys}


def _nothing(plan: RecoveryPlan) -> _Sum:
    return _Sum(plan.start_date, None, {})


def _known(plan: RecoveryPlan, made_of: str) -> _Sum | None:
    row = _kept_row.first(plan.patient_id)
    if row is None or row.made_of != made_of or vars(row)["is_outdated"]:
        return None
    return _Sum.of(row)


@compiled
def _kept_row(patient_id: UUID) -> QuerySet[DoseCourse]:
    changed = Fact.objects.filter(
        patient_id=OuterRef("patient_id"),
        type=FactType.SESSION,
        rev__gt=OuterRef("rev"),
        local_date__lt=OuterRef("before"),
    )
    return DoseCourse.objects.filter(patient_id=patient_id).annotate(is_outdated=Exists(changed))


def _keep(
    plan: RecoveryPlan, keys: Iterable[Key], names: Mapping[str, str], until: date, made_of: str
) -> _Sum | None:
    if until <= plan.start_date:
        return None
    # Read first: a session that is stored meanwhile has a higher revision, and outdates the row.
    head = Patient.objects.values_list("rev", flat=True).get(pk=plan.patient_id)
    start = _nothing(plan)
    sessions = session_rows(plan.patient_id, start.before, until)
    last_at = sessions[-1].occurred_at if sessions else None
    found = _Sum(until, last_at, start.plus(sessions, keys, names))
    row = DoseCourse(
        patient_id=plan.patient_id,
        rev=head,
        before=until,
        last_at=last_at,
        made_of=made_of,
        courses={key: _plain(course) for key, course in found.courses.items()},
    )
    # Where somebody else writes, the doses are right all the same.
    with contextlib.suppress(DatabaseError), transaction.atomic():
        DoseCourse.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["patient"], update_fields=_COLUMNS
        )
    return found


def _plain(course: Course) -> list[Any]:
    days = [day.isoformat() for day in course.bad_days]
    return [course.steps, course.easy, days, course.was_too_much]


def _made_of(plan: RecoveryPlan, names: Mapping[str, str]) -> str:
    parts = [
        release.fingerprint(),
        str(plan.pk),
        str(plan.start_date),
        *map(str, sorted(names.items())),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _histories(sessions: Iterable[SessionRow], names: Mapping[str, str]) -> dict[str, list[Borne]]:
    found: defaultdict[str, list[Borne]] = defaultdict(list)
    for session in sessions:
        by_exercise: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for item in session.data["items"]:
            exercise = item.get("exercise") or names.get(item.get("prescription", ""))
            if exercise is not None:
                by_exercise[exercise].append(item)
        for exercise, items in by_exercise.items():
            borne = _borne(items, session.local_date, session.data.get("next_morning_increase"))
            found[exercise].append(borne)
    return found


def _borne(items: list[dict[str, Any]], day: date, next_morning: int | None) -> Borne:
    pains = [item["pain_during"] for item in items if "pain_during" in item]
    stopped = any(item["stopped_because"] == "pain" for item in items)
    return Borne(day, max(pains, default=None), next_morning, stopped)
