"""What nobody should send, and what looks odd and is only text."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

KIB = 1024
NUL, LONE_HIGH, LONE_LOW = "\u0000", "\ud800", "\udfff"


@dataclass(frozen=True)
class Attack:
    """One request to be refused: a name for the report, the raw body, headers beside the usual."""

    name: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    statuses: tuple[int, ...] = (400,)


# Bodies that are refused whatever the endpoint is.
BODIES: dict[str, bytes] = {
    "half an object": b"{",
    "a list": b"[]",
    "a list of objects": b"[{}]",
    "null": b"null",
    "true": b"true",
    "a number": b"7",
    "minus zero": b"-0",
    "a text": b'"text"',
    "white space": b" \n",
    "no JSON": b"not json",
    "two values": b"{} {}",
    "a comma too many": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "a comment": b'{"a": 1} // why',
    "a form": b"score=4&site=knee",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "YAML": b"a: &a [*a, *a]",
    "broken UTF-8": b'{"note": "\xff\xfe"}',
    "overlong UTF-8": b'{"note": "\xc0\xaf"}',
    "overlong NUL": b'{"note": "\xc0\x80"}',
    "surrogates in UTF-8": b'{"note": "\xed\xa0\x80"}',
    "beyond Unicode": b'{"note": "\xf4\x90\x80\x80"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"note": "a"}'.encode("utf-16"),
    "UTF-32": '{"note": "a"}'.encode("utf-32"),
    "Latin-1": '{"note": "ä"}'.encode("latin-1"),
    "a raw NUL": b'{"note": "a\x00b"}',
    "a raw newline": b'{"note": "a\nb"}',
    "NaN": b'{"score": NaN}',
    "Infinity": b'{"score": Infinity}',
    "minus Infinity": b'{"score": -Infinity}',
    "1e400": b'{"score": 1e400}',
    "5000 digits": b'{"score": ' + b"9" * 5000 + b"}",
    "5000 decimals": b'{"score": 0.' + b"9" * 5000 + b"}",
    "a huge exponent": b'{"score": 1e999999999}',
    "a leading zero": b'{"score": 04}',
    "hexadecimal": b'{"score": 0x4}',
    "foreign digits": '{"score": ٤}'.encode(),
    "deep lists": b"[" * 5000 + b"]" * 5000,
    "very deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "a little too deep": b'{"a":' * 13 + b"1" + b"}" * 13,
    "a repeated key": b'{"score": 4, "score": 5}',
    "a key repeated in disguise": b'{"score": 4, "\\u0073core": 5}',
    "a key with NUL": b'{"a\\u0000b": 1}',
    "half a pair as key": b'{"\\ud800": 1}',
    "a very long key": b'{"' + b"k" * 100_000 + b'": 1}',
    "many keys": json.dumps(dict.fromkeys(map(str, range(2_000)), 1)).encode(),
    "an unknown field": b'{"__proto__": {"admin": true}}',
    "gzip": gzip.compress(b'{"score": 4}'),
}


# What is tried on an endpoint whose code was tried with everything at another address.
FEW = ("half an object", "a list", "NaN", "deep lists", "half a pair as key", "an unknown field")


def attacks(valid: bytes, *, few: bool, may_be_left_out: bool) -> Iterator[Attack]:
    """Requests around a body that would be accepted (b"" where the call takes none)."""
    for name in FEW if few else BODIES:
        yield Attack(name, BODIES[name])
    if few:
        return
    yield Attack("600 KiB", b'{"note": "' + b"a" * 600 * KIB + b'"}', statuses=(413,))
    if valid and not may_be_left_out:
        yield Attack("nothing", b"")
    if valid:
        yield from _wrapped(valid)


_BOMB = gzip.compress(b'{"note": "' + b"a" * 20_000 * KIB + b'"}')


def _wrapped(valid: bytes) -> Iterator[Attack]:
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/xml", "", "a/b/c"):
        yield Attack(f"as {kind!r}", valid, content_type=kind, statuses=(415,))
    for charset in ("utf-16", "latin-1", "no-such-charset", "utf-7", "a" * 5000):
        kind = f"application/json; charset={charset}"
        yield Attack(f"in {charset[:20]}", valid, content_type=kind, statuses=(415,))
    for coding in ("gzip", "deflate", "br", "gzip, gzip"):
        yield Attack(f"a bomb in {coding}", _BOMB, {"Content-Encoding": coding}, statuses=(415,))
    cut = str(len(valid) // 2)
    yield Attack("a Content-Length too short", valid, {"Content-Length": cut})
    yield Attack("with a byte behind it", valid + b"\x00")
    extra = b'"unknown_\\u0000_field": "\\ud800"'
    yield Attack(
        "with an unknown field", valid[:-1] + (b", " if valid != b"{}" else b"") + extra + b"}"
    )


# Texts that no field may take, and values that are of the wrong type for all but a few.
BAD_TEXTS = {
    "NUL": f"a{NUL}b",
    "half a pair": f"a{LONE_HIGH}b",
    "pairs the wrong way round": LONE_LOW + LONE_HIGH,
    "escape": "\u001b[31mred",
    "delete": "a\u007fb",
    "next line": "a\u0085b",
    "a carriage return": "a\r\nb",
    "20,000 characters of four bytes": "\U0001f9b5" * 20_000,
}
BAD_NUMBERS: dict[str, Any] = {
    "far too much": 10**30,
    "far too little": -(10**30),
    "2^63": 2**63,
    "a half": 2.5,
    "a float": 1e300,
}
WRONG_TYPES: tuple[Any, ...] = (None, True, -7_777_777, "no such word", [], {}, [[None]])
BAD_INSTANTS = (
    "2026-05-04T09:30:00",
    "2026-03-29T02:30:00",
    "2026-05-04",
    "2026-02-30T09:30:00+01:00",
    "2026-13-01T09:30:00Z",
    "2026-05-04T24:30:00Z",
    "2026-05-04T09:60:00Z",
    "2016-12-31T23:59:60Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "10000-01-01T00:00:00Z",
    "-2026-05-04T09:30:00Z",
    "2026-05-04T09:30:00+99:99",
    "2026-05-04T09:30:00+24:00",
    "2026-05-04T09:30:00Europe/Berlin",
    "2026-W19-1T09:30:00Z",
    "1777887000",
    "now",
    "",
)
BAD_DATES = (
    "2026-02-30",
    "2026-13-01",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-5-4",
    "20260504",
    "04.05.2026",
    "2026-05-04T00:00:00Z",
    "today",
    "",
)
BAD_ZONES = (
    "Mars/Olympus",
    "../../etc/passwd",
    "/etc/passwd",
    "Europe/../Europe/Berlin",
    "Europe/Berlin/",
    "europe/berlin ",
    "Europe/Berlin\n",
    "localtime",
    "posixrules",
    "+02:00",
    ".",
    "..",
    "",
)
BAD_IDS = (
    "{0198f2f0-7d3a-7c41-9d5e-3f1b2a4c5d6e}",
    "urn:uuid:0198f2f0-7d3a-7c41-9d5e-3f1b2a4c5d6e",
    "0198f2f0-7d3a-7c41-9d5e-3f1b2a4c5d6",
    "0198f2f0-7d3a-7c41-9d5e-3f1b2a4c5d6g",
    "0198f2f0_7d3a_7c41_9d5e_3f1b2a4c5d6e",
    "\u0661198f2f0-7d3a-7c41-9d5e-3f1b2a4c5d6e",
    "",
)

# Odd, and only text: stored and served as it was sent.
VERBATIM = {
    "markup": "<script>alert('x')</script><img src=x onerror=alert(1)>&amp;",
    "SQL": "Robert'); DROP TABLE tracking_fact;-- \" ; SELECT pg_sleep(9)",
    "templates": "{{ 7*7 }} ${7*7} %s %(a)s {0} #{7}",
    "a formula": "=cmd|' /C calc'!A0",
    "bidi controls": "safe \u202egnp.exe\u202c \u2066isolated\u2069 \u200f",
    "combined and composed": "e\u0301 \u00e9 \u212b \u1e9b\u0323 ﬁ",
    "zero width": "a\u200bb\u200cc\u200dd\ufeffe",
    "beyond the first plane": "\U0001f9b5\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0010ffff",
    "many marks": "Z" + "\u0300" * 100,
    "tab and newline": "a\tb\nc",
    "line separators": "a\u2028b\u2029c",
    "a path": "../../../../etc/passwd",
    "private use": "\ue000\uf8ff\ufffe\uffff",
    "white space": "   ",
}

# A little of each, for fields whose code is that of another.
MIXED = "".join(VERBATIM[name][:24] for name in ("markup", "SQL", "bidi controls", "zero width"))

HEADERS: dict[str, dict[str, str]] = {
    "a huge token": {"X-Session-Token": "a" * 100_000},
    "a token with NUL": {"X-Session-Token": "a\u0000b"},
    "a token of marks": {"X-Session-Token": "' OR 1=1 --"},
    "a token beyond ASCII": {"X-Session-Token": "caf\u00e9"},
}
ODD_HEADERS: dict[str, dict[str, str]] = {
    "a bad If-None-Match": {"If-None-Match": '"' + "a" * 10_000 + ', W/"x", *,,, "'},
    "any If-None-Match": {"If-None-Match": "*"},
    "a date as If-Modified-Since": {"If-Modified-Since": "Sun, 99 Foo 99999 25:61:61 GMT"},
    "an odd Accept": {"Accept": "text/html;q=0.999999999999, */*;q=nan, application/" + "a" * 5000},
    "an odd language": {"Accept-Language": "de-" + "a" * 9000 + ",*;q=x,\u0000,en;q=1e999"},
    "a hundred languages": {"Accept-Language": ",".join(f"x{n}-Latn" for n in range(2000))},
    "a forged address": {"X-Forwarded-For": "999.1.1.1, \u0000, ::::1", "Forwarded": "for=_"},
    "another method": {"X-HTTP-Method-Override": "DELETE"},
    "a bad range": {"Range": "bytes=9-1,-,5-"},
    "a bad cookie": {"Cookie": "sessionid=\u0000; csrftoken=" + "a" * 5000 + "; =;;"},
    "a key of 10 kB": {"Idempotency-Key": "k" * 10_000},
}
