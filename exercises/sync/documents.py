"""The documents that a phone edits offline, by the type of their ops.

An app registers its kinds when it is ready (`AppConfig.ready`); those above this one do so too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.accounts.models import Patient
from backend.accounts.revisions import Revision
from backend.core.problems import FieldError
from backend.core.wire import Wire
from exercises.triage.models import Alert


class Conflict(Exception):
    """The document is not the version that the edit was made on, and says something else."""


class Gone(Exception):
    """The document was deleted; an edit of it comes to nothing."""


@dataclass(frozen=True)
class Edit:
    """One edit on its way in: `body` has the shape of the document, `base_rev` is the revision that
    was edited (None: a new one). It runs in the transaction of `rev`."""

    patient: Patient
    id: UUID
    body: Any
    base_rev: int | None
    rev: Revision
    now: datetime


@dataclass(frozen=True)
class Edited:
    """The revision that the document has now, whether the edit changed it, and the alerts that the
    answer speaks of."""

    rev: int
    changed: bool
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True)
class Held:
    """A document as the server holds it; `data` is what a pull serves."""

    rev: int
    data: dict[str, Any]


def no_errors(_body: Any) -> list[FieldError]:
    """For shapes whose types say everything."""
    return []


def nothing_said(_patient: Patient, _data: Any, _rev: Revision, _now: datetime) -> tuple[()]:
    """For documents that hold nothing to be judged."""
    return ()


@dataclass(frozen=True)
class Document:
    """A kind of document. `apply` raises `Conflict`, `Gone`, or a `Problem` where the record speaks
    against the edit; the same content again changes nothing, whatever the base.

    `judge_lost` judges what an edit says of symptoms although it lost or has a wrong form.
    """

    name: str
    shape: type[Wire]
    apply: Callable[[Edit], Edited]
    current: Callable[[Patient, UUID], Held | None]
    errors: Callable[[Any], list[FieldError]] = no_errors
    judge_lost: Callable[[Patient, Any, Revision, datetime], tuple[Alert, ...]] = nothing_said


_KINDS: dict[str, Document] = {}


def register(kind: Document) -> None:
    """Makes `kind` known; registering the same again changes nothing."""
    if _KINDS.setdefault(kind.name, kind) != kind:
        raise ValueError(f"Two kinds of document are called {kind.name}.")


def kind_of(type_: str) -> Document | None:
    """The kind of document that ops of this type edit."""
    return _KINDS.get(type_)


def check_base(held_rev: int, base_rev: int | None) -> None:
    """Raises `Conflict` unless the edit was made on what is held."""
    if base_rev != held_rev:
        raise Conflict
