"""The doors through which a person erases herself, or her data alone."""

from collections.abc import Callable
from typing import cast

from django.http import HttpResponse
from msgspec import UNSET, UnsetType
from rest_framework.request import Request

from backend.accounts import proofs
from backend.accounts.api import Me
from backend.accounts.authentication import Credential
from backend.accounts.doors import PatientDoor, UserDoor
from backend.accounts.erasures import services
from backend.accounts.erasures.ledger import LedgerUnwritable
from backend.core.api import respond
from backend.core.problems import Problem
from backend.core.schema import describe
from backend.core.wire import ShortText, Wire


class ErasureRequest(Wire, frozen=True, kw_only=True):
    """Her password. It may be left out within five minutes of signing in, or of authenticating
    again (`POST /api/auth/app/v1/auth/reauthenticate`, with a second factor or a passkey too)."""

    password: ShortText | UnsetType = UNSET


class MeOrNobody(Me):
    @describe(
        "Erase the account and all that is hers",
        request=ErasureRequest,
        status=(204,),
        errors=(401, 403, 409, 429, 503),
        tags=("me", "data rights"),
    )
    def delete(self, _request: Request) -> HttpResponse:
        """At once and for good: every session ends with it. 403 `proof_required` without a fresh
        proof, 409 `still_employed` for whoever works at a clinic."""
        _prove(self)
        return _answer(lambda: services.erase_person(user_id=self.user.pk, now=self.now))


class MyData(PatientDoor):
    @describe(
        "Delete all data and keep the account",
        request=ErasureRequest,
        status=(204,),
        errors=(401, 403, 429, 503),
        tags=("me", "data rights"),
    )
    def delete(self, _request: Request) -> HttpResponse:
        """The record begins anew; profile, sign-in, care and consents stay. Needs the same proof as
        `DELETE /me`."""
        _prove(self)
        return _answer(lambda: services.delete_data(user_id=self.user.pk, now=self.now))


def _prove(door: UserDoor) -> None:
    asked = door.body(ErasureRequest, may_be_left_out=True)
    try:
        proofs.require_proof(
            user=door.user,
            session_key=cast(Credential, door.request.auth).session_key,
            password=None if asked.password is UNSET else asked.password,
            now=door.now,
        )
    except proofs.NotProven:
        raise Problem(
            403,
            "proof_required",
            "Send your password, or authenticate again first.",
            retry="after_auth",
        ) from None
    except proofs.WrongPassword:
        raise Problem(
            403, "wrong_password", "This is not your password.", retry="after_fix"
        ) from None


def _answer(erase: Callable[[], None]) -> HttpResponse:
    try:
        erase()
    except services.StillEmployed:
        raise Problem(
            409, "still_employed", "Your clinic has to end your membership first."
        ) from None
    except LedgerUnwritable:
        raise Problem(
            503, "erasure_unavailable", "Erasing does not work at the moment; nothing was erased."
        ) from None
    return respond(None, status=204)
