"""The checksum by which a phone knows that it holds what the server holds (pure).

Of every object the first eight bytes (big-endian) of SHA-256 of `entity:id:rev`, the id in lower
case with hyphens; summed modulo 2^64, and written as 16 hexadecimal digits.
"""

from collections.abc import Iterable
from hashlib import sha256

from backend.core.wire import Wire

_MODULUS = 1 << 64


class Checksum(Wire, frozen=True, kw_only=True):
    """How many objects a phone should hold, and the sum over them (16 hexadecimal digits)."""

    count: int
    sum64: str

    def __add__(self, other: "Checksum") -> "Checksum":
        """Of the objects of both, which have none in common."""
        total = int(self.sum64, 16) + int(other.sum64, 16)
        return Checksum(count=self.count + other.count, sum64=_written(total))


def checksum(held: Iterable[tuple[str, str, int]]) -> Checksum:
    """The checksum of objects by entity, id and revision."""
    count = total = 0
    for entity, object_id, rev in held:
        digest = sha256(f"{entity}:{object_id}:{rev}".encode()).digest()
        total += int.from_bytes(digest[:8])
        count += 1
    return Checksum(count=count, sum64=_written(total))


def _written(total: int) -> str:
    return f"{total % _MODULUS:016x}"
