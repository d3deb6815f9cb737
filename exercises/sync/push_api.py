"""The door of a push: what waited on the phone comes in, and each op is answered for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.http import HttpResponse
from msgspec import UNSET
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.accounts.readers import Reader
from backend.core.api import respond
from backend.core.problems import Problem
from backend.core.schema import describe
from backend.core.wire import decode
from exercises.sync.ops import FactOp, ReadOp, read_ops
from exercises.sync.services.answering import Answered, Answers
from exercises.sync.services.contacts import note_push
from exercises.sync.services.pushing import PushFailed, push
from exercises.sync.skew import skew_ms
from exercises.sync.wire import (
    MAX_OPS,
    Envelope,
    Limits,
    OpResult,
    PushAdvice,
    PushAnswer,
    PushRequest,
)
from exercises.triage.advice import advice_for


class Push(PatientDoor):
    @describe(
        "Push what waits on the phone",
        request=PushRequest,
        response=PushAnswer,
        errors=(401, 403, 500),
        tags=("sync",),
    )
    def post(self, request: Request) -> HttpResponse:
        """Every op is answered for, in order, whatever became of the others; what cannot be
        accepted is kept and listed under `/sync/rejections`. Sent again, a push changes nothing and
        is answered as before."""
        sent = decode(self.plain_body(), Envelope)
        if len(sent.ops) > MAX_OPS:
            raise Problem(
                413, "too_many_ops", f"A push holds at most {MAX_OPS} ops.", retry="after_fix"
            )
        patient, skew = self.patient, skew_ms(sent.device_time, self.now)
        ops = read_ops(sent.ops, skew_ms=skew, now=self.now)
        try:
            answers = push(patient=patient, ops=ops, now=self.now)
        except PushFailed:
            raise Problem(
                500, "internal", "A report could not be judged; send the push again."
            ) from None
        note_push(
            patient=patient,
            device=sent.device_id,
            app_version="" if sent.app_version is UNSET else sent.app_version,
            skew_ms=skew,
            now=self.now,
            is_heard=is_heard(ops, answers),
        )
        return respond(
            PushAnswer(
                results=results(answers),
                advice=advice(answers, self.reader),
                server_time=self.now,
                clock_skew_ms=skew,
                limits=Limits(),
            )
        )


def is_heard(ops: Sequence[ReadOp], answers: Answers) -> bool:
    """Whether a report was stored, which tells when the phone was heard of."""
    reported = (op.index for op in ops if isinstance(op, FactOp))
    return any(answers.by_index[index].status == "applied" for index in reported)


def results(answers: Answers) -> list[OpResult]:
    """The answers in the order of the ops."""
    return [_result(answers.by_index[index]) for index in sorted(answers.by_index)]


def advice(answers: Answers, reader: Reader) -> list[PushAdvice]:
    """Each advice once, with the ops that it answers, the highest first."""
    places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index in sorted(answers.by_index):
        if names := answers.by_index[index].alert_ids:
            places[tuple(sorted(set(names)))].append(index)
    found = [_advice(names, ops, answers, reader) for names, ops in places.items()]
    return [item for _, item in sorted(found, key=lambda pair: -pair[0])]


def _advice(
    names: Iterable[str], ops: list[int], answers: Answers, reader: Reader
) -> tuple[int, PushAdvice]:
    alerts = [answers.alerts[name] for name in names if name in answers.alerts]
    said = advice_for(alerts, reader)
    assert said is not None, "alerts are closed, never deleted"  # noqa: S101
    fields: dict[str, Any] = msgspec.structs.asdict(said)
    return max(alert.level for alert in alerts), PushAdvice(**fields, ops=ops)


def _result(answer: Answered) -> OpResult:
    return OpResult(
        index=answer.index,
        op_id=answer.op_id,
        status=answer.status,
        rev=UNSET if answer.rev is None else answer.rev,
        problem=answer.problem or UNSET,
    )
