"""Keeping what the one screen last said, and finding it in the statement that finds the session."""

import contextlib
import hashlib
from datetime import date, datetime
from typing import NamedTuple

from django.db import DatabaseError
from django.db.models import Case, F, FilteredRelation, Q, QuerySet, When

from backend.accounts import tokens
from backend.accounts.models import Patient, StoredSession
from backend.accounts.readers import Reader
from backend.core import release
from backend.core.compiled import compiled
from backend.core.localtime import day_bounds, local_date
from exercises.catalog.selectors import content_version
from exercises.plans.models import RecoveryPlan
from exercises.plans.selectors import pauses_of
from exercises.sync.models import Screen
from exercises.triage.home_care_lasting import turning_points
from exercises.triage.rules.pack import default_pack


class Answer(NamedTuple):
    """The bytes of an answer, and their ETag."""

    body: bytes
    etag: str


@compiled
def find_with_screen(token: str, language: str | None, held: str) -> QuerySet[StoredSession]:
    """`tokens.known`, with the screen that was last made in `language` (None: the person's own); one
    whose ETag is `held` comes without its bytes."""
    spoken = F("user__language") if language is None else language
    return tokens.known(token).annotate(
        screen=FilteredRelation(
            "user__patient__screens", condition=Q(user__patient__screens__language=spoken)
        ),
        screen_day=F("screen__day"),
        screen_rev=F("screen__rev"),
        screen_made_of=F("screen__made_of"),
        screen_made_at=F("screen__made_at"),
        screen_good_until=F("screen__good_until"),
        screen_etag=F("screen__etag"),
        screen_body=Case(When(~Q(screen__etag=held), then=F("screen__body"))),
    )


def kept(session: StoredSession, patient: Patient, day: date, now: datetime) -> Answer | None:
    """What `find_with_screen` brought along, where it still is the answer for `day` at `now`; no
    bytes of an answer that the phone holds."""
    found = vars(session)
    if found["screen_day"] != day or found["screen_rev"] != patient.rev:
        return None
    if not found["screen_made_at"] <= now < found["screen_good_until"]:
        return None
    if found["screen_made_of"] != made_of(patient):
        return None
    return Answer((found["screen_body"] or "").encode(), found["screen_etag"])


def keep(
    *, patient: Patient, plan: RecoveryPlan, reader: Reader, day: date, body: bytes, now: datetime
) -> Answer:
    """The answer `body`, made at `now` of a record that was at the revision `patient.rev` or later.

    Only today's screen is kept: one row for each language. It takes no lock that a writer waits for
    longer than for this row, and where it cannot be kept it is made again.
    """
    answer = Answer(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    if day != local_date(now, patient.user.time_zone):
        return answer
    row = Screen(
        patient=patient,
        language=reader.language,
        day=day,
        rev=patient.rev,
        made_of=made_of(patient),
        made_at=now,
        good_until=good_until(patient, plan, now),
        etag=answer.etag,
        body=body.decode(),
    )
    columns = ["day", "rev", "made_of", "made_at", "good_until", "etag", "body"]
    # Where somebody else writes, or the patient is gone, the answer is right all the same.
    with contextlib.suppress(DatabaseError):
        Screen.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["patient", "language"],
            update_fields=columns,
        )
    return answer


def made_of(patient: Patient) -> str:
    """What the screen is made of beside the record: our code, the content, her zone and country."""
    user = patient.user
    versions = f"{release.fingerprint()}:{content_version()}:{default_pack().version}"
    return f"{versions}:{user.time_zone}:{user.country}"


def good_until(patient: Patient, plan: RecoveryPlan, now: datetime) -> datetime:
    """The instant from which time alone may change the screen that was made at `now`; it changes at
    midnight in any case."""
    zone = patient.user.time_zone
    pauses = pauses_of(plan)
    spells = [instant for row in pauses for instant in (row.started_at, row.ended_at) if instant]
    turning = turning_points(patient_id=patient.pk, plan=plan, zone=zone, at=now)
    midnight = day_bounds(local_date(now, zone), zone)[1]
    return min(instant for instant in (*spells, *turning, midnight) if instant > now)
