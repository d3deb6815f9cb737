"""What a patient agreed to: the latest answer of each scope holds, from the next request on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from msgspec import Struct

from backend.accounts import audit
from backend.accounts.consent_texts import consent_texts
from backend.accounts.models import Consent, Patient, Scope
from backend.accounts.revisions import Revision, revision
from backend.core.compiled import compiled
from backend.core.together import Part
from backend.core.wanted import Wanted, read

# What holds for somebody who was never asked. Nobody sees a diary or a note without a yes, which
# joining a clinic asks for; reminders are what one signs up for, and she alone gets them.
BEFORE_AN_ANSWER = {Scope.DIARY: False, Scope.NOTES: False, Scope.REMINDERS: True}
SEEN_BY_THE_CARE_TEAM = (Scope.DIARY, Scope.NOTES)


class ConsentTextOutdated(Exception):
    """A yes to a version of the text that is not today's."""


def granted(patient_id: UUID, scope: str, now: datetime) -> bool:
    """Whether the patient agrees to `scope` ("diary", "notes" or "reminders") at `now`."""
    return patient_id in granting([patient_id], scope, now)


def granting(patient_ids: Iterable[UUID], scope: str, now: datetime) -> set[UUID]:
    """Those of the patients who agree to `scope` at `now`; one query."""
    asked = Patient.objects.filter(agrees(scope, now), pk__in=list(patient_ids))
    return set(asked.values_list("pk", flat=True))


@dataclass(frozen=True)
class Shared:
    """What a patient's care team may see of her record beside who she is."""

    diary: bool
    notes: bool


def shared_by(patient_ids: Iterable[UUID], now: datetime) -> Mapping[UUID, Shared]:
    """What each of the patients shares with her care team at `now`; one query."""
    return read(wanted_shared([*patient_ids], now))


def wanted_shared(patient_ids: Sequence[UUID], now: datetime) -> Wanted[Mapping[UUID, Shared]]:
    """The same, to be read with other things."""

    def made(rows: Sequence[_Agreed]) -> Mapping[UUID, Shared]:
        return {row.id: Shared(row.diary, row.diary and row.notes) for row in rows}

    return Wanted([Part(_agreeing, (patient_ids, now), _Agreed)], made)


class _Agreed(Struct, array_like=True, frozen=True):
    id: UUID
    diary: bool
    notes: bool


@compiled
def _agreeing(patient_ids: Sequence[UUID], now: datetime) -> QuerySet[Patient]:
    asked = Patient.objects.filter(pk__in=patient_ids).only("pk")
    return asked.annotate(diary=agrees(Scope.DIARY, now), notes=agrees(Scope.NOTES, now))


def agrees(scope: str, now: datetime, patient: str = "pk") -> Coalesce:
    """The same as a condition of a query; `patient` is the path to the patient's id."""
    answers = Consent.objects.filter(patient=OuterRef(patient), scope=scope, at__lte=now)
    latest = Subquery(answers.order_by("-rev").values("granted")[:1], output_field=BooleanField())
    return Coalesce(latest, Value(BEFORE_AN_ANSWER[Scope(scope)]), output_field=BooleanField())


def latest_answers(patient_id: UUID, now: datetime) -> dict[str, Consent]:
    """The answer that holds of each scope that was answered; one query."""
    answers = history(patient_id).filter(at__lte=now).order_by("rev")
    return {answer.scope: answer for answer in answers}


def history(patient_id: UUID | OuterRef) -> QuerySet[Consent]:
    """Every answer that the patient gave, the newest first."""
    return Consent.objects.filter(patient=patient_id).order_by("-rev")


def newest_answer(patient: str) -> Subquery:
    """The revision of the newest answer, null where there is none, as an expression; `patient` is
    the path to the patient's id. Each answer that changes something has another."""
    return Subquery(history(OuterRef(patient)).values("rev")[:1])


def answer(
    *, patient_id: UUID, scope: str, granted: bool, text_version: int, now: datetime
) -> Consent:
    """Records the patient's answer to one text; the same answer again changes nothing.

    Raises `ConsentTextOutdated` for a yes to another version than today's; a no always counts.
    """
    if granted and text_version != consent_texts()[Scope(scope)].version:
        raise ConsentTextOutdated
    with revision(patient_id) as rev:
        held = history(patient_id).filter(scope=scope).first()
        if held is not None and (held.granted, held.text_version) == (granted, text_version):
            return held
        given = _answer(rev, scope, granted=granted, text_version=text_version, now=now)
        audit.record(
            actor_id=patient_id,
            action="consent.granted" if granted else "consent.withdrawn",
            patient_id=patient_id,
            object_kind="consent",
            object_id=scope,
            now=now,
        )
        given.save(force_insert=True)
    return given


def join(*, rev: Revision, answers: Mapping[str, bool], now: datetime) -> None:
    """Records what joining a clinic means for the patient's consent.

    The invitation shows today's texts of what the care team sees. What she answered there is
    recorded; joining without an answer is a yes, unless she has answered that scope before.
    """
    known = latest_answers(rev.patient_id, now)
    Consent.objects.bulk_create(
        _answer(
            rev,
            scope,
            granted=answers.get(scope, True),
            text_version=consent_texts()[scope].version,
            now=now,
        )
        for scope in SEEN_BY_THE_CARE_TEAM
        if scope in answers or scope not in known
    )


def _answer(
    rev: Revision, scope: str, *, granted: bool, text_version: int, now: datetime
) -> Consent:
    return Consent(
        patient_id=rev.patient_id,
        scope=scope,
        granted=granted,
        text_version=text_version,
        rev=rev.take(),
        at=now,
    )
