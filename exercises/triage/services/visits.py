"""Visits to a doctor: editable documents that close the loop which a prompt opened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from backend.accounts.models import Patient
from backend.accounts.revisions import Revision, revision
from backend.core.localtime import local_date, local_instant
from exercises.triage.models import DoctorPrompt, PromptState, Visit, VisitState, VisitVersion
from exercises.triage.services import lifecycle
from exercises.triage.services.prompts import SETTLED, ask_again, move
from exercises.triage.services.weighing import REARM_AFTER
from exercises.triage.visits import VisitBody, planned_on

DAY = timedelta(days=1)
# Nothing heard for so long after the day of the visit: the patient is asked again. However late the
# visit is booked, she is asked again after four weeks (both proposed; the advice says two weeks).
FOLLOW_UP_AFTER = timedelta(days=3)
LONGEST_WAIT = timedelta(days=28)


class VisitChanged(Exception):
    """The visit is no longer the version that the edit was made on."""


class BaseMissing(Exception):
    """An edit does not say on which version it was made."""


class UnknownPrompts(Exception):
    """A visit names prompts that the patient does not have."""


@dataclass(frozen=True)
class Recorded:
    """The visit as it stands, and whether it is new."""

    visit: Visit
    created: bool


def record_visit(
    *, patient: Patient, visit_id: UUID, body: VisitBody, base_version: int | None, now: datetime
) -> Recorded:
    """Store the visit that the phone calls `visit_id`, or edit the one that stands.

    The same content again changes nothing, whatever the base. Another content is an edit, made on
    `base_version`. Raises `BaseMissing`, `VisitChanged`, `UnknownPrompts`.
    """
    with revision(patient.pk) as rev:
        return store_visit(
            patient=patient,
            visit_id=visit_id,
            body=body,
            base_version=base_version,
            rev=rev,
            now=now,
        )


def store_visit(
    *,
    patient: Patient,
    visit_id: UUID,
    body: VisitBody,
    base_version: int | None,
    rev: Revision,
    now: datetime,
) -> Recorded:
    """As `record_visit`, inside the transaction of `rev`."""
    visit = Visit.objects.filter(patient=patient, id=visit_id).first()
    content, wanted = _content(body), frozenset(body.prompts)
    linked = frozenset(visit.prompts.values_list("pk", flat=True)) if visit else frozenset()
    if visit is not None and linked == wanted and _says(visit, content):
        return Recorded(visit, created=False)
    _check_base(visit, base_version)
    prompts = [*DoctorPrompt.objects.filter(patient=patient, pk__in=wanted)]
    if len(prompts) != len(wanted):
        raise UnknownPrompts
    is_new = visit is None
    outcome_before = visit.outcome if visit else ""
    visit = visit or Visit(patient=patient, id=visit_id, version=0, created_at=now)
    _save(visit, content, body, rev, now)
    visit.prompts.set(prompts)
    _close_loop(linked | wanted, rev, now)
    if visit.outcome != outcome_before:
        _tell_outcome(visit, now)
    return Recorded(visit, created=is_new)


def _check_base(visit: Visit | None, base_version: int | None) -> None:
    if visit is None and base_version is not None:
        raise VisitChanged
    if visit is not None and base_version is None:
        raise BaseMissing
    if visit is not None and base_version != visit.version:
        raise VisitChanged


def _content(body: VisitBody) -> dict[str, Any]:
    return {
        "state": body.state,
        "tz": body.tz,
        "planned_on": planned_on(body),
        "planned_for": None if body.planned_for is UNSET else body.planned_for.astimezone(UTC),
        "attended_on": None if body.attended_on is UNSET else body.attended_on,
        "with_whom": "" if body.with_whom is UNSET else body.with_whom,
        "reason": "" if body.reason is UNSET else body.reason,
        "outcome": "" if body.outcome is UNSET else body.outcome,
        "outcome_text": "" if body.outcome_text is UNSET else body.outcome_text,
    }


def _says(visit: Visit, content: dict[str, Any]) -> bool:
    return all(getattr(visit, name) == value for name, value in content.items())


def _save(
    visit: Visit, content: dict[str, Any], body: VisitBody, rev: Revision, now: datetime
) -> None:
    for name, value in content.items():
        setattr(visit, name, value)
    visit.version += 1
    visit.rev, visit.updated_at = rev.take(), now
    visit.save()
    VisitVersion.objects.create(
        visit=visit, version=visit.version, at=now, content=msgspec.to_builtins(body)
    )


def _close_loop(prompt_ids: Iterable[UUID], rev: Revision, now: datetime) -> None:
    rows = DoctorPrompt.objects.filter(pk__in=list(prompt_ids)).exclude(state=PromptState.CLOSED)
    for prompt in rows.select_related("alert").order_by("rev"):
        _bring_in_line(prompt, rev, now)


def _bring_in_line(prompt: DoctorPrompt, rev: Revision, now: datetime) -> None:
    """The prompt's visits decide: one attended, else one planned, else it is asked again."""
    visits = [*prompt.visits.all()]
    attended = [visit for visit in visits if visit.state == VisitState.ATTENDED]
    planned = [visit for visit in visits if visit.state == VisitState.PLANNED]
    if attended:
        until = max(_rearmed_at(visit, now) for visit in attended)
        _move(prompt, PromptState.ATTENDED, until, rev, now)
    elif prompt.sought_care:
        return  # she said so herself, apart from any visit
    elif planned:
        until = min(max(_expected_by(visit) for visit in planned), now + LONGEST_WAIT)
        _move(prompt, PromptState.PLANNED, until, rev, now)
    elif prompt.state in SETTLED:
        ask_again(prompt=prompt, step="visit_off", rev=rev, now=now)


def _move(
    prompt: DoctorPrompt, state: PromptState, until: datetime, rev: Revision, now: datetime
) -> None:
    if prompt.state != state:
        move(prompt=prompt, state=state, quiet_until=until, step=state, rev=rev, now=now)
    elif prompt.quiet_until != until:
        prompt.quiet_until, prompt.rev = until, rev.take()
        prompt.save()


def _rearmed_at(visit: Visit, now: datetime) -> datetime:
    return _midnight(_attended_on(visit, now), visit) + REARM_AFTER


def _attended_on(visit: Visit, now: datetime) -> date:
    # A phone that is wrong about the day must not silence a prompt for longer than a true visit.
    today = local_date(now, visit.tz)
    said = visit.attended_on or visit.planned_on or today
    return min(said, today)


def _expected_by(visit: Visit) -> datetime:
    day = visit.planned_on
    assert day is not None, "the database holds no planned visit without a date"  # noqa: S101
    return _midnight(day + DAY, visit) + FOLLOW_UP_AFTER


def _midnight(day: date, visit: Visit) -> datetime:
    return local_instant(day, time.min, visit.tz)


def _tell_outcome(visit: Visit, now: datetime) -> None:
    alerts = [prompt.alert for prompt in visit.prompts.select_related("alert")]
    lifecycle.note(alerts, "visit_outcome", now=now, reason=visit.outcome or "withdrawn")
