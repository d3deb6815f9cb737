"""The shapes of a push and of its answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from backend.core.problems import FieldError
from backend.core.wire import END, PLAIN, Instant, Wire
from exercises.triage.advice import Advice

MAX_OPS = 500
MAX_BYTES = 512 * 1024
MAX_DEPTH = 12

NAME = r"[A-Za-z0-9._:-]{1,64}"
Name = Annotated[str, Meta(pattern=rf"^{NAME}{END}")]
OpType = Annotated[str, Meta(min_length=1, max_length=32, pattern=PLAIN)]
AppVersion = Annotated[str, Meta(max_length=32, pattern=rf"^[\x20-\x7e]*{END}")]
OpStatus = Literal["applied", "duplicate", "conflict", "discarded", "quarantined"]


class PushOp(Wire, frozen=True, kw_only=True):
    """One thing that happened on the phone. `id` names the object: the fact, the visit, or for
    `profile` and `intake` the patient. `base_rev` is the revision of the document that was edited,
    absent for a new one; `data` is what the direct PUT of this type takes."""

    op_id: Name
    type: OpType
    id: UUID
    base_rev: Annotated[int, Meta(ge=0, lt=2**53)] | UnsetType = UNSET
    data: dict[str, Any]


class PushRequest(Wire, frozen=True, kw_only=True):
    """What waits in a phone's outbox, in order; `device_time` is the phone's clock as it is."""

    device_id: Name
    device_time: Instant
    app_version: AppVersion | UnsetType = UNSET
    ops: Annotated[list[PushOp], Meta(max_length=MAX_OPS)]


class Envelope(Wire, frozen=True, kw_only=True):
    """A push whose ops were not looked at yet: each is read for itself."""

    device_id: Name
    device_time: Instant
    app_version: AppVersion | UnsetType = UNSET
    ops: list[Any]


class OpProblem(Wire, frozen=True, kw_only=True):
    """Why an op was not applied. `rejection` is where it is kept, `current` what the server holds
    instead of a document that lost (absent: it holds none), in the shape that a pull has."""

    code: str
    detail: str
    errors: list[FieldError] = []
    rejection: UUID | UnsetType = UNSET
    current: dict[str, Any] | UnsetType = UNSET


class OpResult(Wire, frozen=True, kw_only=True):
    """What became of the op at `index`; `op_id` is empty where it could not be read. `rev` is the
    revision of what stands now: the fact, the document, or the row that keeps a rejected one."""

    index: int
    op_id: str
    status: OpStatus
    rev: int | UnsetType = UNSET
    problem: OpProblem | UnsetType = UNSET


class PushAdvice(Advice, frozen=True, kw_only=True):
    """Advice that some ops of the push led to; `ops` are their places in it."""

    ops: list[int]


class Limits(Wire, frozen=True, kw_only=True):
    """How much one push may hold; `max_depth` counts the levels of the whole body."""

    max_ops: int = MAX_OPS
    max_bytes: int = MAX_BYTES
    max_depth: int = MAX_DEPTH


class PushAnswer(Wire, frozen=True, kw_only=True):
    """What became of each op, in order, and the advice that they led to, the highest first.

    `clock_skew_ms` is the server's clock less the phone's.
    """

    results: list[OpResult]
    advice: list[PushAdvice]
    server_time: datetime
    clock_skew_ms: int
    limits: Limits
