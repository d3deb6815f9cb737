"""Reads the ops of a push: one that cannot be read never keeps the others out.

Reports that fit, of which nearly every push is made, are read all at once. Any other op is read the
careful way, step by step, which finds the words for what is wrong with it. Both ways make the same
of a report, as `tests/exercises/sync/test_reading.py` has it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, Union, cast
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from msgspec import UNSET

from backend.core.localtime import local_date
from backend.core.problems import Problem
from backend.core.wire import Wire, decode, fitting, invalid
from exercises.sync import documents
from exercises.sync.documents import Document
from exercises.sync.retracting import BareRetraction, retraction_id
from exercises.sync.wire import Name, PushOp
from exercises.tracking import facts
from exercises.tracking.facts import FactBody, Retraction, plain
from exercises.tracking.models import FactType
from exercises.tracking.quarantining import Unfit
from exercises.tracking.services import Report
from exercises.triage.loading import recognises

SHAPES: dict[str, type[FactBody]] = {
    FactType.PAIN.value: facts.PainReport,
    FactType.SYMPTOM.value: facts.SymptomReport,
    FactType.SESSION.value: facts.Session,
    FactType.HOME_CARE.value: facts.HomeCare,
    FactType.QUESTIONNAIRE.value: facts.Questionnaire,
    FactType.RELIEF.value: facts.ReliefAnswer,
    FactType.LOCATION.value: facts.Location,
    FactType.RETRACTION.value: facts.Retraction,
}
RETRACT = "retract"


class FactOp(msgspec.Struct, frozen=True):
    """An op that reports a fact."""

    index: int
    op_id: str
    report: Report


@dataclass(frozen=True)
class DocumentOp:
    """An op that edits a document, with its body in the document's shape."""

    index: int
    op_id: str
    kind: Document
    id: UUID
    base_rev: int | None
    body: Any
    data: dict[str, Any]


@dataclass(frozen=True)
class UnfitOp:
    """An op that cannot be accepted, as it will be kept. `kind` and `data` are of a document whose
    form is wrong, since what it says may still have to be judged."""

    index: int
    op_id: str
    unfit: Unfit
    kind: Document | None = None
    data: Any = None


S = TypeVar("S")
ReadOp = FactOp | DocumentOp | UnfitOp


def _fitting_op(type_: str, shape: type[FactBody]) -> Any:
    fields = [("op_id", Name), ("id", UUID), ("data", shape)]
    name = f"{shape.__name__}Op"
    return msgspec.defstruct(name, fields, bases=(Wire,), tag_field="type", tag=type_, frozen=True)


# By the class of a fitting op, the type of the fact that it reports.
_FITTING = {_fitting_op(type_, shape): FactType(type_) for type_, shape in SHAPES.items()}
_FittingOp: Any = Union[*_FITTING]
_Outbox = msgspec.defstruct("_Outbox", [("ops", list[_FittingOp])])
_Alone = msgspec.defstruct("_Alone", [("op", _FittingOp)])


def read_ops(raw: Sequence[Any], *, skew_ms: int | None, now: datetime) -> list[ReadOp]:
    """Each element of a push's `ops`, read; nothing that JSON can say makes this raise."""
    outbox: Any = fitting({"ops": raw}, _Outbox)
    sent = outbox.ops if outbox is not None else map(_if_it_fits, raw)
    return [
        _report_op(index, op, skew_ms) or read_carefully(index, raw[index], skew_ms, now)
        for index, op in enumerate(sent)
    ]


def _if_it_fits(raw: Any) -> Any:
    found: Any = fitting({"op": raw}, _Alone)
    return found and found.op


def _report_op(index: int, op: Any, skew_ms: int | None) -> FactOp | None:
    if op is None or facts.body_errors(op.data):
        return None
    return FactOp(index, op.op_id, Report(op.id, _FITTING[type(op)], op.data, skew_ms))


def read_carefully(index: int, raw: Any, skew_ms: int | None, now: datetime) -> ReadOp:
    """One element of `ops`, whatever it is."""
    try:
        op = decode(raw, PushOp)
        if op.type in SHAPES or op.type == RETRACT:
            return _fact_op(index, op, skew_ms)
        kind = documents.kind_of(op.type)
        if kind is None:
            raise Problem(400, "unknown_type", "The server does not know this type of op.")
        return _document_op(index, op, kind)
    except Problem as problem:
        return _unfit_op(index, raw, problem, now)


def _fact_op(index: int, op: PushOp, skew_ms: int | None) -> FactOp:
    body: FactBody
    if op.base_rev is not UNSET:
        raise Problem(400, "unexpected_base", "A fact is never edited; it has no base_rev.")
    if op.type == RETRACT and "target" not in op.data:
        fact_id, body = _bare_retraction(op)
    else:
        fact_id, body = op.id, _decoded(op.data, SHAPES.get(op.type, Retraction))
    if errors := facts.body_errors(body):
        raise invalid([error.under("/data") for error in errors])
    kind = FactType.RETRACTION if op.type == RETRACT else FactType(op.type)
    return FactOp(index, op.op_id, Report(fact_id, kind, body, skew_ms))


def _decoded(data: dict[str, Any], shape: type[S]) -> S:
    try:
        return decode(data, shape)
    except Problem as problem:
        raise invalid([error.under("/data") for error in problem.errors]) from None


def _bare_retraction(op: PushOp) -> tuple[UUID, Retraction]:
    """A `retract` op is about the report that its id names; its own id follows from that."""
    bare = _decoded(op.data, BareRetraction)
    body = Retraction(
        occurred_at=bare.occurred_at,
        tz=bare.tz,
        local_date=_date_of(bare) if bare.local_date is UNSET else bare.local_date,
        note=bare.note,
        target=op.id,
        confirmed_none=bare.confirmed_none,
    )
    return retraction_id(op.id, confirmed=bare.confirmed_none), body


def _date_of(bare: BareRetraction) -> Any:
    try:
        return local_date(bare.occurred_at.astimezone(UTC), bare.tz)
    except (KeyError, ValueError, OverflowError, OSError):
        return bare.occurred_at.date()  # the zone or the year is wrong, and will be named


def _document_op(index: int, op: PushOp, kind: Document) -> DocumentOp:
    body = _decoded(op.data, kind.shape)
    if errors := kind.errors(body):
        raise invalid([error.under("/data") for error in errors])
    base = None if op.base_rev is UNSET else op.base_rev
    return DocumentOp(index, op.op_id, kind, op.id, base, body, op.data)


def _unfit_op(index: int, raw: Any, problem: Problem, now: datetime) -> UnfitOp:
    sent = raw if isinstance(raw, dict) else {}
    type_, op_id = _text(sent.get("type")), _text(sent.get("op_id"), most=64)
    data = sent.get("data", raw)
    text = json.dumps(data)
    kind = documents.kind_of(type_)
    unfit = Unfit(
        id=_id(sent.get("id"), text),
        type=type_ or "unknown",
        raw=text,
        problem={
            "code": problem.code,
            "detail": problem.detail,
            "errors": msgspec.to_builtins(problem.errors),
        },
        # Whatever the form and the type: what names a symptom is judged.
        judged=recognises(data, now),
        op_id=op_id,
    )
    return UnfitOp(index, op_id, unfit, kind, data)


def _text(value: Any, *, most: int = 32) -> str:
    fits = isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= most
    return cast(str, value) if fits else ""


def _id(value: Any, text: str) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        # It has no name of its own: the same content is the same thing.
        return uuid5(NAMESPACE_OID, text)


def unfit_of(op: ReadOp, problem: dict[str, Any]) -> Unfit:
    """A readable op as it is kept when something else than its form speaks against it."""
    if isinstance(op, UnfitOp):
        return op.unfit
    if isinstance(op, DocumentOp):
        object_id, type_, data = op.id, op.kind.name, op.data
    else:
        object_id, type_, data = op.report.id, op.report.type.value, plain(op.report.body)
    return Unfit(
        id=object_id,
        type=type_,
        raw=json.dumps(data),
        problem=problem,
        judged=type_ == FactType.SYMPTOM,
        op_id=op.op_id,
    )
