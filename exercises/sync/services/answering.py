"""What became of each op of a push, before it is put into words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct

from backend.core.problems import FieldError
from exercises.sync.ops import DocumentOp, FactOp, ReadOp
from exercises.sync.services.editing import Verdict
from exercises.sync.services.outcomes import Outcome
from exercises.sync.wire import OpProblem, OpStatus
from exercises.tracking.finding import KnownFact
from exercises.tracking.models import Quarantined
from exercises.tracking.services import Status
from exercises.triage.models import Alert
from exercises.triage.selectors import alerts_by_ids


class Answered(Struct, frozen=True):
    """What became of the op at `index`, and the ids of the alerts that its answer speaks of."""

    index: int
    op_id: str
    status: OpStatus
    rev: int | None
    problem: OpProblem | None = None
    alert_ids: tuple[str, ...] = ()


@dataclass
class Answers:
    """The answers of one push as they come together, by the place of the op."""

    patient_id: UUID
    by_index: dict[int, Answered] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    _named: tuple[Sequence[Alert], tuple[str, ...]] = field(default=((), ()), init=False)

    def of_known_fact(self, op: FactOp, fact: KnownFact) -> None:
        """The fact was stored before."""
        self._add(op, "duplicate", fact.rev, ids=fact.advice_alerts or ())

    def of_fact(self, op: FactOp, outcome: Outcome) -> None:
        """The fact was stored, or judged against the one under its id."""
        if outcome.quarantined is not None:
            self.of_kept(op, outcome.quarantined, outcome.alerts)
        elif outcome.status is Status.APPLIED:
            self._add(op, "applied", outcome.fact.rev, alerts=outcome.alerts)
        else:
            self._add(op, "duplicate", outcome.fact.rev, alerts=outcome.alerts)

    def of_kept(self, op: ReadOp, row: Quarantined, alerts: Sequence[Alert] | None = None) -> None:
        """The op cannot be accepted; `row` keeps it. Without `alerts`, it was kept before."""
        status: OpStatus = "discarded" if row.is_settled else "quarantined"
        ids = row.advice_alerts or () if alerts is None else ()
        self._add(op, status, row.rev, problem_from(row.problem, row.pk), alerts or (), ids)

    def of_edit(self, op: DocumentOp, verdict: Verdict, ids: Iterable[str] = ()) -> None:
        """The document was edited, or the edit lost."""
        problem = _CONFLICT if verdict.status == "conflict" else None
        if verdict.status == "discarded":
            problem = _GONE
        if problem is not None and verdict.held is not None:
            problem = OpProblem(code=problem.code, detail=problem.detail, current=verdict.held.data)
        self._add(op, verdict.status, verdict.rev, problem, verdict.alerts, ids)

    def complete(self) -> "Answers":
        """With the alerts that are known by their ids alone; one query at most."""
        wanted = {name for answer in self.by_index.values() for name in answer.alert_ids}
        missing = wanted - self.alerts.keys()
        if missing:
            found = alerts_by_ids(self.patient_id, missing)
            self.alerts |= {str(alert.pk): alert for alert in found}
        return self

    def _add(
        self,
        op: ReadOp,
        status: OpStatus,
        rev: int | None,
        problem: OpProblem | None = None,
        alerts: Sequence[Alert] = (),
        ids: Iterable[str] = (),
    ) -> None:
        names = (*ids, *self._names(alerts)) if alerts else tuple(ids)
        self.by_index[op.index] = Answered(op.index, op.op_id, status, rev, problem, names)

    def _names(self, alerts: Sequence[Alert]) -> tuple[str, ...]:
        """The ids of `alerts`; those of one push mostly speak of the same ones."""
        if alerts is not self._named[0]:
            known = {str(alert.pk): alert for alert in alerts}
            self.alerts |= known
            self._named = alerts, tuple(known)
        return self._named[1]


_CONFLICT = OpProblem(
    code="stale", detail="It was changed since the phone read it; this edit is kept in its history."
)
_GONE = OpProblem(code="deleted", detail="It was deleted; the edit comes to nothing.")


def problem_from(said: dict[str, Any], rejection: UUID | None = None) -> OpProblem:
    """A stored problem, with the row that keeps what it is about."""
    return OpProblem(
        code=said["code"],
        detail=said.get("detail", ""),
        errors=[FieldError(**error) for error in said.get("errors", ())],
        rejection=rejection or UNSET,
    )
