"""The door of a pull: what changed in the record since the cursor."""

import hashlib
import re
from operator import attrgetter
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from backend.accounts.authentication import SessionTokenAuthentication
from backend.accounts.doors import PatientDoor
from backend.accounts.models import StoredSession
from backend.core import release
from backend.core.api import respond_as_is
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import encode, invalid
from exercises.sync.cursor import read_cursor, write_cursor
from exercises.sync.feed import page
from exercises.sync.pull_wire import PullAnswer
from exercises.sync.services.contacts import note_pull
from exercises.sync.services.positions import checksum_at, find_with_position, position_of
from exercises.sync.wire import NAME

MAX_LIMIT = 1000
DEFAULT_LIMIT = 500


def _with_position(_request: HttpRequest, token: str) -> StoredSession | None:
    return find_with_position.first(token)


class Pull(PatientDoor):
    def get_authenticators(self) -> list[BaseAuthentication]:
        """Where the record stands is found in the same statement as the session."""
        return [SessionTokenAuthentication(_with_position)]

    @describe(
        "Pull what changed in the record",
        response=PullAnswer,
        errors=(401, 403, 410),
        query={
            "cursor": (str, "The cursor of the last pull; absent to start from the beginning"),
            "limit": (int, f"1 to {MAX_LIMIT} changes, default {DEFAULT_LIMIT}"),
            "device_id": (str, "The phone's id, as in its pushes"),
        },
        tags=("sync",),
    )
    def get(self, request: Request) -> HttpResponse:
        """410 with a `reason` where the cursor is no longer good: the phone pulls again without
        one, and keeps what it has not pushed."""
        limit, device = _limit(request), _device(request)
        position = position_of(self.credential.session, self.patient, self.now)
        cursor = request.GET.get("cursor", "")
        after = read_cursor(position, cursor) if cursor else 0
        found = page(
            patient=self.patient,
            reader=self.reader,
            after=after,
            head=position.head,
            limit=limit,
        )
        if device:
            note_pull(patient=self.patient, device=device, held_rev=after, now=self.now)
        changes = ",".join(map(attrgetter("encoded"), found.changes))
        rest: dict[str, Any] = {"cursor": write_cursor(position, found.last), "more": found.more}
        if not found.more:
            rest["checksum"] = checksum_at(self.credential.session, position)
        # The changes are JSON already.
        told = encode(rest)
        return respond_as_is(
            f'{{"changes":[{changes}],{told.decode()[1:]}'.encode(), self._tag(told)
        )

    def _tag(self, told: bytes) -> str:
        """An ETag of all that makes a page what it is: after which revision up to which (its cursor
        says), for whom, and by which code. Cheaper than one of so many bytes."""
        asked = self.request._request.META["QUERY_STRING"]
        made_of = f"{asked} {self.reader} {release.fingerprint()} ".encode()
        return f'"{hashlib.sha256(made_of + told).hexdigest()[:32]}"'


def _limit(request: Request) -> int:
    given = request.GET.get("limit", str(DEFAULT_LIMIT))
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= MAX_LIMIT):
        raise invalid([FieldError("/limit", "invalid", f"A whole number from 1 to {MAX_LIMIT}.")])
    return int(given)


def _device(request: Request) -> str:
    given = request.GET.get("device_id", "")
    if given and not re.fullmatch(NAME, given):
        raise invalid([FieldError("/device_id", "invalid", "Up to 64 letters, digits and . _ : -")])
    return given
