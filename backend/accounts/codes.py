"""Invitation codes: short enough to read out, long enough not to be guessed."""

import hashlib
import secrets

# No vowels (no words), and none of 0 O 1 I L U V: nothing looks or sounds like its neighbour.
ALPHABET = "BCDFGHJKMNPQRSTWXYZ23456789"
LENGTH = 10


def new_code() -> str:
    """A code such as "K7RQM-3XWPB", drawn from 27**10 (47 bits)."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:5]}-{code[5:]}"


def code_hash(code: str) -> str:
    """The SHA-256 that stands for `code`; case, spaces and dashes do not matter."""
    plain = "".join(code.upper().replace("-", "").split())
    return hashlib.sha256(plain.encode()).hexdigest()
