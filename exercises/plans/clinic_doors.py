"""What the doors of a clinic's writings, its templates and its own exercises, have in common."""

from typing import Any, Generic
from uuid import UUID

from django.http import HttpResponse

from backend.accounts.doors import TherapistDoor
from backend.core.api import respond
from backend.core.conditional import etag, match_named, stale, unchanged
from backend.core.problems import not_found
from backend.core.wire import Wire
from exercises.plans.services.writings import Author, Changed, W, Writing, retire

NO_VERSION = 0


class WritingDoor(TherapistDoor, Generic[W]):
    """The writings of one kind, of the clinics where one is a therapist."""

    def find(self, writing_id: UUID) -> W | None:
        """One of them, retired or not."""
        raise NotImplementedError

    def view(self, writing: W) -> Wire:
        """What is answered of it."""
        raise NotImplementedError

    def one(self, writing_id: UUID) -> W:
        """One of them, or 404."""
        found = self.find(writing_id)
        if found is None:
            raise not_found()
        return found

    def before_replay(self, **path: Any) -> None:
        """A kept answer speaks of a clinic: she may no longer work there."""
        for writing_id in path.values():
            self.one(writing_id)

    @property
    def author(self) -> Author:
        """Who writes it, now."""
        return Author(user=self.user, now=self.now, trace_id=self.trace_id)

    def shown(self, writing: W, status: int = 200) -> HttpResponse:
        """The writing, under the ETag that a change names."""
        return respond(self.view(writing), status=status, headers={"ETag": _tag(writing)})

    def read(self, writing_id: UUID) -> HttpResponse:
        """One of them, or that it is as it was read."""
        writing = self.one(writing_id)
        return unchanged(self.request._request, _tag(writing)) or self.shown(writing)

    def retired(self, writing_id: UUID) -> HttpResponse:
        """One of them, no longer offered."""
        writing = self.one(writing_id)
        base = self.base_version(writing)
        try:
            return self.shown(retire(writing, base_version=base, author=self.author))
        except Changed:
            raise stale() from None

    def base_version(self, writing: W) -> int:
        """The version that `If-Match` names, or one that never was; 428 without the header."""
        named = match_named(self.request._request)
        if _tag(writing) in named:
            return writing.version
        # Of an earlier version too: a repetition that changes nothing is answered as before.
        versions = range(writing.version, 0, -1)
        return next((one for one in versions if etag(writing.pk, one) in named), NO_VERSION)


def _tag(writing: Writing) -> str:
    retired = ("retired",) if writing.retired_at else ()
    return etag(writing.pk, writing.version, *retired)
