"""Writing the diary: facts are stored once, whatever is sent again, in whatever order they come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import blake2b
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from backend.accounts.revisions import Revision, note_report
from exercises.tracking.days import refresh_days
from exercises.tracking.facts import FactBody, Retraction, in_utc, plain
from exercises.tracking.finding import KnownFact, facts_about
from exercises.tracking.inserting import insert_facts
from exercises.tracking.models import Fact, FactType

_content = msgspec.json.Encoder(order="deterministic")
COLUMNS = tuple(field.attname for field in Fact._meta.concrete_fields)


class Status(Enum):
    """What became of a report: `applied`, `duplicate` (the same again) or `different` content."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    DIFFERENT = "different"


class Report(msgspec.Struct, frozen=True, dict=True):
    """A valid report on its way in: the phone's id for it, its type and its body."""

    id: UUID
    type: FactType
    body: FactBody
    clock_skew_ms: int | None = None

    @property
    def digest(self) -> str:
        """The hash by which the same report is known again."""
        # Kept as `cached_property` would, less its lock: a push has hundreds.
        known: dict[str, str] = self.__dict__
        if "digest" not in known:
            known["digest"] = digest_of(self.type, self.body)
        return known["digest"]


@dataclass(frozen=True)
class Stored:
    """A report and what became of it; `fact` is the row that stands under its id."""

    report: Report
    status: Status
    fact: Fact


def store(
    *, patient_id: UUID, reports: Sequence[Report], rev: Revision, now: datetime
) -> list[Stored]:
    """Stores `reports` and answers for each, in order, what became of it.

    A fixed number of statements for any number of reports. The same id twice in one call is judged
    like the same id in two calls. Retractions and amendments take effect whichever of the two
    facts came first.
    """
    ids = {report.id for report in reports}
    stored = facts_about(patient_id, ids)
    known = {fact.id: fact for fact in stored if fact.id in ids}
    outcome, fresh = [], []
    for report in reports:
        fact = known.get(report.id)
        if fact is None:
            fact = _new_fact(patient_id, report, rev.take(), now)
            known[fact.id] = fact
            fresh.append(fact)
            outcome.append(Stored(report, Status.APPLIED, fact))
        else:
            outcome.append(Stored(report, known_as(fact, report), fact))
    if fresh:
        _let_earlier_arrivals_act(stored, fresh)
        _insert(patient_id, fresh, rev, now)
    return outcome


def known_as(fact: Fact | KnownFact, report: Report) -> Status:
    """What `report` is in the face of the fact that stands under its id."""
    same = fact.digest == report.digest and fact.type == report.type
    return Status.DUPLICATE if same else Status.DIFFERENT


def digest_of(type: FactType, body: FactBody) -> str:  # noqa: A002
    """The hash by which two reports under one id are found to be the same."""
    return blake2b(_content.encode((type, body)), digest_size=16).hexdigest()


def date_disagrees(instant: datetime, body: FactBody) -> bool:
    """Whether the local date of a report is another than that of its instant in its zone."""
    return instant.astimezone(ZoneInfo(body.tz)).date() != body.local_date


def _facts(patient_id: UUID, ids: Sequence[UUID]) -> Iterable[Fact]:
    return Fact.objects.filter(patient_id=patient_id, id__in=ids)


def _new_fact(patient_id: UUID, report: Report, rev: int, now: datetime) -> Fact:
    body = report.body
    instant = in_utc(body)
    values = {
        "patient_id": patient_id,
        "id": report.id,
        "row": None,
        "type": report.type,
        "rev": rev,
        "occurred_at": instant,
        "tz": body.tz,
        "local_date": body.local_date,
        "received_at": now,
        "clock_skew_ms": report.clock_skew_ms,
        "date_disagrees": date_disagrees(instant, body),
        "data": plain(body),
        "digest": report.digest,
        "target": _target(body),
        "retracted_by": None,
        "amended_by": None,
        "advice_alerts": None,
    }
    # In the order of the columns: a model takes its values so in half the time, for each of 500.
    return Fact.from_db(None, COLUMNS, [values[name] for name in COLUMNS])


def _target(body: FactBody) -> UUID | None:
    if isinstance(body, Retraction):
        return body.target
    return None if body.amends is UNSET else body.amends


def _insert(patient_id: UUID, fresh: list[Fact], rev: Revision, now: datetime) -> None:
    insert_facts(fresh)
    changed = _act_on_targets(patient_id, fresh, rev)
    refresh_days(patient_id, [fact for fact in (*fresh, *changed) if fact.type == FactType.PAIN])
    # A phone whose clock runs ahead must not hide her silence later: receipt bounds the claim.
    note_report(patient_id, at=min(max(fact.occurred_at for fact in fresh), now), now=now)


def _let_earlier_arrivals_act(stored: list[Fact], fresh: list[Fact]) -> None:
    # A retraction or amendment may have come before the fact that it is about.
    _mark([fact for fact in (*stored, *fresh) if fact.target], {fact.id: fact for fact in fresh})


def _act_on_targets(patient_id: UUID, fresh: list[Fact], rev: Revision) -> list[Fact]:
    targets = [fact.target for fact in fresh if fact.target]
    if not targets:
        return []
    earlier = {fact.id: fact for fact in _facts(patient_id, targets) if fact.rev < fresh[0].rev}
    changed = _mark([fact for fact in fresh if fact.target], earlier)
    for fact in changed:
        fact.rev = rev.take()
    Fact.objects.bulk_update(changed, ["retracted_by", "amended_by", "rev"])
    return changed


def _mark(actors: list[Fact], targets: dict[UUID, Fact]) -> list[Fact]:
    """Points each target to the fact that withdraws or corrects it; the targets that changed."""
    changed = []
    for actor in actors:
        target = targets.get(actor.target) if actor.target else None
        if target is None or target is actor:
            continue
        if actor.type != FactType.RETRACTION:
            if actor.type == target.type:
                target.amended_by = actor.id
                changed.append(target)
        elif _may_withdraw(actor, target):
            target.retracted_by = actor.id
            changed.append(target)
    return changed


def _may_withdraw(retraction: Fact, target: Fact) -> bool:
    # A symptom once reported is withdrawn only by "I have none of these", never by a bare delete.
    return target.type != FactType.SYMPTOM or retraction.data["confirmed_none"] is True
