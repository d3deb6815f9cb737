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

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, DateField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from msgspec import Struct

from backend.accounts.models import Patient
from backend.core import release
from backend.core.compiled import compiled
from backend.core.together import Part, read_together
from exercises.catalog import selectors as catalog
from exercises.plans.models import RecoveryPlan
from exercises.plans.progression import Borne, Course, course_of
from exercises.tracking.models import Fact, FactType
from exercises.tracking.selectors import facts_between, sessions_between
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


class Session(Struct, array_like=True, frozen=True):
    """What a session says, less what is the server's."""

    local_date: date
    occurred_at: datetime
    data: dict[str, Any]


class KeptCourses(Struct, array_like=True, frozen=True):
    """The row that was kept, and how many sessions before its day have changed since."""

    before: date
    last_at: datetime | None
    made_of: str
    courses: dict[str, list[Any]]
    changed: int | None


@dataclass(frozen=True)
class _Sum:
    """What the sessions before the local date `before` come to; the last was at `last_at`."""

    before: date
    last_at: datetime | None
    courses: Mapping[str, Course]

    @classmethod
    def of(cls, row: KeptCourses) -> Self:
        found = {
            key: Course(steps, easy, tuple(map(date.fromisoformat, bad_days)), too_much)
            for key, (steps, easy, bad_days, too_much) in row.courses.items()
        }
        return cls(row.before, row.last_at, found)

    def covers(self, keys: Iterable[Key], before: date) -> bool:
        """Whether these courses are known until before `before`."""
        return self.before <= before and all(str(key) in self.courses for key in keys)

    def precedes(self, sessions: Sequence[Session]) -> bool:
        """Whether `sessions` (oldest first) all came later than those that it stands for."""
        return self.last_at is None or not sessions or sessions[0].occurred_at > self.last_at

    def plus(
        self, sessions: Sequence[Session], keys: Iterable[Key], names: Mapping[str, str]
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


@dataclass(frozen=True)
class Read:
    """What `wanted_courses` gave: the row that is kept, and the sessions since its day; without one,
    those since the plan's start. None: they were not read."""

    rows: Sequence[KeptCourses]
    recent: Sequence[Session] | None = None


def wanted_courses(plan: RecoveryPlan, before: date) -> list[Part]:
    """What `courses` needs to have read; its rows make a `Read`."""
    kept = Part(_kept_row, (plan.patient_id,), KeptCourses)
    if connection.vendor != "postgresql":
        # Of two statements, the second may find another row than the first.
        return [kept]
    return [kept, Part(_since_kept, (plan.patient_id, plan.start_date, before), Session)]


def courses(
    plan: RecoveryPlan,
    keys: Collection[Key],
    *,
    names: Mapping[str, str],
    before: date,
    read: Read,
    kept: Collection[Key] | None = None,
) -> dict[Key, Course]:
    """The courses of `keys` on the local date `before`; `names` are the exercises of the plan's
    prescriptions. No query where what is kept is good; those in `kept` are kept for the next time."""
    made_of = _made_of(plan, names)
    known = first = _known(read.rows, made_of)
    if kept is not None and (
        known is None
        or not known.covers({*keys, *kept}, before - SETTLED_AFTER)
        or before - known.before > KEPT_FOR
    ):
        known = _keep(plan, {*keys, *kept}, names, before - SETTLED_AFTER, made_of)
    if known is not None and known.covers(keys, before):
        recent = read.recent if known is first else None
        if recent is None:
            recent = sessions_of(plan.patient_id, known.before, before)
        if known.precedes(recent):
            found = known.plus(recent, keys, names)
            return {key: found[str(key)] for key in keys}
    start = _nothing(plan)
    every = None if read.rows else read.recent
    if every is None:
        every = sessions_of(plan.patient_id, start.before, before)
    found = start.plus(every, keys, names)
    return {key: found[str(key)] for key in keys}


def _nothing(plan: RecoveryPlan) -> _Sum:
    return _Sum(plan.start_date, None, {})


def sessions_of(patient_id: UUID, first: date, end: date) -> list[Session]:
    """The sessions that count whose local date is in [first, end), oldest first."""
    (found,) = read_together(Part(sessions_between, (patient_id, first, end), Session))
    return found


def _known(rows: Sequence[KeptCourses], made_of: str) -> _Sum | None:
    good = (row for row in rows if row.made_of == made_of and not row.changed)
    return next(map(_Sum.of, good), None)


@compiled
def _kept_row(patient_id: UUID) -> QuerySet[DoseCourse]:
    # Counted, and between two revisions: of "is there one since", PostgreSQL expects to find some at
    # once, and goes through all her facts.
    later = Fact.objects.filter(
        patient_id=OuterRef("patient_id"),
        rev__gt=OuterRef("rev"),
        rev__lte=OuterRef("patient__rev"),
    )
    older = Q(type=FactType.SESSION, local_date__lt=OuterRef("before"))
    changed = later.values("patient_id").annotate(count=Count("row", filter=older)).values("count")
    return DoseCourse.objects.filter(patient_id=patient_id).annotate(changed=Subquery(changed))


@compiled
def _since_kept(patient_id: UUID, start: date, before: date) -> QuerySet[Fact]:
    """The sessions that count from the kept day on, oldest first; from `start`, where none is kept."""
    kept = DoseCourse.objects.filter(patient_id=patient_id).values("before")[:1]
    first: Any = Coalesce(Subquery(kept), Value(start, output_field=DateField()))
    return facts_between(patient_id, [FactType.SESSION], first, before)


def _keep(
    plan: RecoveryPlan, keys: Iterable[Key], names: Mapping[str, str], until: date, made_of: str
) -> _Sum | None:
    if until <= plan.start_date:
        return None
    # Read first: a session that is stored meanwhile has a higher revision, and outdates the row.
    head = Patient.objects.values_list("rev", flat=True).get(pk=plan.patient_id)
    start = _nothing(plan)
    sessions = sessions_of(plan.patient_id, start.before, until)
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


def _histories(sessions: Iterable[Session], names: Mapping[str, str]) -> dict[str, list[Borne]]:
    found: defaultdict[str, list[Borne]] = defaultdict(list)
    for session in sessions:
        day, next_morning = session.local_date, session.data.get("next_morning_increase")
        for exercise, (pain, stopped) in _worst(session.data["items"], names).items():
            found[exercise].append(Borne(day, pain, next_morning, stopped))
    return found


def _worst(
    items: Iterable[dict[str, Any]], names: Mapping[str, str]
) -> dict[str, tuple[int | None, bool]]:
    """By exercise the worst pain during it, and whether it was stopped for pain."""
    found: dict[str, tuple[int | None, bool]] = {}
    for item in items:
        exercise = item.get("exercise") or names.get(item.get("prescription", ""))
        if exercise is None:
            continue
        pain, stopped = item.get("pain_during"), item["stopped_because"] == "pain"
        if exercise in found:
            also, was_stopped = found[exercise]
            pain = max((told for told in (pain, also) if told is not None), default=None)
            stopped = stopped or was_stopped
        found[exercise] = (pain, stopped)
    return found
