"""Questionnaires of a push in the light of the record: the patient's own words stay fixed."""

from collections.abc import Sequence
from typing import cast

import msgspec

from backend.accounts.models import Patient
from exercises.plans.selectors import open_plan
from exercises.sync.ops import FactOp, ReadOp, UnfitOp, unfit_of
from exercises.tracking.facts import Questionnaire
from exercises.tracking.instruments.responses import Wording
from exercises.tracking.models import FactType


def with_wording_checked(patient: Patient, ops: Sequence[ReadOp]) -> list[ReadOp]:
    """`ops` (new ones), where forms that name other activities than the first became unfit ones; a
    fixed number of queries, and none where nobody answers a questionnaire."""
    if not any(_is_form(op) for op in ops):
        return [*ops]
    plan = open_plan(patient.pk)
    wording = Wording.of(plan) if plan else None
    return [_checked(op, wording) if wording and _is_form(op) else op for op in ops]


def _is_form(op: ReadOp) -> bool:
    return isinstance(op, FactOp) and op.report.type == FactType.QUESTIONNAIRE


def _checked(op: ReadOp, wording: Wording) -> ReadOp:
    report = cast(FactOp, op).report
    errors = wording.problems(report.id, cast(Questionnaire, report.body))
    if not errors:
        return op
    said = {
        "code": "invalid",
        "detail": errors[0].message,
        "errors": msgspec.to_builtins([error.under("/data") for error in errors]),
    }
    return UnfitOp(op.index, op.op_id, unfit_of(op, said))
