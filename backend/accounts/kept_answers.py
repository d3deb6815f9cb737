"""Answers kept under an `Idempotency-Key`, readable only by whoever sends that key again.

The key itself is not stored: a row is found by its hash, and what was asked and answered is
encrypted, or hashed, with a secret made of it and of the server's own.
"""

import hashlib
import hmac
import os
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpResponse

from backend.accounts.models import KeptAnswer
from backend.core.idempotency import KEPT, LEASE, Call, OtherContent

HEADERS = ("Content-Type", "Cache-Control", "ETag", "Location")
PRUNED_AT_ONCE = 1000
_NONCE = 12


class _Answer(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    body: bytes


class HeldClaim:
    """The right to run a call: the row holds this claim's token."""

    def __init__(self, row_id: int, token: UUID, secret: bytes) -> None:
        self._mine = partial(KeptAnswer.objects.filter, pk=row_id, token=token)
        self._row_id = row_id
        self._secret = secret

    def keep(self, answer: HttpResponse) -> bool:
        headers = {name: answer[name] for name in HEADERS if name in answer}
        plain = msgspec.msgpack.encode(_Answer(answer.status_code, headers, answer.content))
        if self._mine().update(answer=_encrypt(self._secret, plain)):
            return True
        # A call that erased the person took the row with her, and there is nobody to answer twice.
        return not KeptAnswer.objects.filter(pk=self._row_id).exists()

    def release(self) -> None:
        self._mine(answer=None).delete()


class DatabaseStore:
    """Keeps answers in the database; see `backend.core.idempotency`."""

    def claim(self, call: Call) -> HeldClaim | HttpResponse | None:
        secret = _secret(call)
        fingerprint = hmac.digest(secret, call.content, "sha256").hex()
        token = uuid4()
        try:
            row, is_new = _row_of(call, fingerprint, token)
        except IntegrityError:
            # The row that stood in the way was released between two looks at it.
            return None
        if is_new:
            return HeldClaim(row.pk, token, secret)
        if not hmac.compare_digest(row.fingerprint, fingerprint):
            raise OtherContent
        if row.answer is not None:
            return _response(_decrypt(secret, bytes(row.answer)))
        free = KeptAnswer.objects.filter(
            pk=row.pk, token=row.token, answer=None, claimed_at__lte=call.now - LEASE
        )
        taken = free.update(token=token, claimed_at=call.now)
        return HeldClaim(row.pk, token, secret) if taken else None


def prune(now: datetime) -> int:
    """Deletes what has been kept long enough, the oldest first; how many rows were deleted."""
    old = KeptAnswer.objects.filter(created_at__lte=now - KEPT).order_by("created_at")
    ids = [*old.values_list("pk", flat=True)[:PRUNED_AT_ONCE]]
    return KeptAnswer.objects.filter(pk__in=ids).delete()[0] if ids else 0


@transaction.atomic
def _row_of(call: Call, fingerprint: str, token: UUID) -> tuple[KeptAnswer, bool]:
    named = {"user_id": call.user_id, "key_hash": hashlib.sha256(call.key.encode()).hexdigest()}
    KeptAnswer.objects.filter(**named, created_at__lte=call.now - KEPT).delete()
    return KeptAnswer.objects.get_or_create(
        **named,
        defaults={
            "fingerprint": fingerprint,
            "token": token,
            "claimed_at": call.now,
            "created_at": call.now,
        },
    )


def _secret(call: Call) -> bytes:
    about = f"idempotency {call.user_id} {call.key}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), about, "sha256")


def _encrypt(secret: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(secret).encrypt(nonce, plain, None)


def _decrypt(secret: bytes, sealed: bytes) -> bytes:
    return AESGCM(secret).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)


def _response(plain: bytes) -> HttpResponse:
    answer = msgspec.msgpack.decode(plain, type=_Answer)
    return HttpResponse(answer.body, status=answer.status, headers=answer.headers)
