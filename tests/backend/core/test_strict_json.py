"""A body as plain values: the fast reading is compared with the careful one."""

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import strict_json
from backend.core.problems import Problem
from backend.core.strict_json import MAX_DEPTH, read_carefully, read_json

UNCLEAR = [
    *(b"1", b"-0", b"-0.0", b"1.0", b"1e5", b"1E+5", b"1e400", b"-1e400", b"1e-400", b"0e0"),
    *(b"01", b"1.", b".5", b"+1", b"--1", b"-", b"1e", b"1e+", b"1_000", b"0x10", b"1.5e3.5"),
    *(b"NaN", b"Infinity", b"-Infinity", b"nul", b"nullx", b"1 2", b"[1]x", b"/**/1", b"{1:2}"),
    *(b"18446744073709551616", b"-9223372036854775809", b"9007199254740993.0", b"4.9e-324"),
    *(b"9" * 40, b"9" * 41, b"-" + b"9" * 40, b"0." + b"1" * 38, b"0." + b"1" * 39),
    *(b"1e" + b"0" * 38 + b"1", b'"' + b"9" * 41 + b'"', b"1.7976931348623159e308"),
    *(b'{"a": 1, "a": 1}', b'{"a": 1, "\\u0061": 1}', b'[{"a": "", "a": ""}]', b'{"": 1, "": 2}'),
    b'{"a": "\\"", "a": "\\u0022", "b": "\\u0022"}',
    b'{"a": 1, "a": "\\u0022"}',
    b'{"\\u0022": 1, "b": 2}',
    *(b'"\\ud800"', b'"\\udd83\\ud83e"', b'"\\ud83e\\uddb5"', b'"\\x"', b'"\\u+123"', b'"\\u 12"'),
    *(b'"\xed\xa0\x80"', b'"\xff"', b'{"\xff": 1}', b'"\xc0\x80"', b'"\xf4\x90\x80\x80"', b"\xff"),
    *(
        b'"\x00"',
        b'"\x01"',
        b'"\t"',
        b'"\x7f"',
        b"\x00",
        b"1\x00",
        b"\x0c1",
        b"1\x0b",
        b"1\xc2\xa0",
    ),
    *(b"\xef\xbb\xbf1", b"\xd9\xa1", b'{"a":\xd9\xa1}', b'"\xe2\x80\xa8"', b" \t\r\n1 \n"),
    *(b"", b" ", b"[", b"]", b"[1,]", b'{"a":1,}', b'{"a" 1}', b'{"a":}', b"{'a':1}", b'"'),
    *(b"[" * n + b"]" * n for n in (MAX_DEPTH, MAX_DEPTH + 1, 100_000)),
    *(b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH, b'{"a":' * 13 + b"1" + b"}" * 13, b"[" * 100_000),
]

_signs = st.sampled_from(
    [*'"\\[]{},:-+.eE0159 \n\t', '\\"', "\\u0022", "\\u0061", "\\ud800", "\\n"]
)
_pieces = st.lists(_signs | st.sampled_from(["a", "ä", "🦵", "\x00", "\x7f"]), max_size=6)
_texts = _pieces.map(lambda pieces: '"' + "".join(pieces) + '"') | st.text().map(json.dumps)
_numbers = (
    (st.integers() | st.integers(-(10**42), 10**42)).map(str)
    | st.floats().map(json.dumps)
    | st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][-+]?[0-9]{1,4})?", fullmatch=True)
)
_words = st.sampled_from(["null", "true", "false", "NaN"])


def _holders(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    keys = st.sampled_from(['"a"', '"b"', '"\\u0061"', '"\\u0022"']) | _texts
    members = st.tuples(keys, st.sampled_from([":", " : "]), values).map("".join)
    lists = st.lists(values, max_size=4).map(lambda items: "[" + ", ".join(items) + "]")
    return lists | st.lists(members, max_size=4).map(lambda items: "{" + ",".join(items) + "}")


nearly_json = st.recursive(_texts | _numbers | _words, _holders, max_leaves=12)


def said(read: Any, body: bytes) -> object:
    """What a reader makes of a body: its values with their types, or its complaint."""
    try:
        return typed(read(body))
    except Problem as problem:
        return problem.status, problem.code, problem.detail


def typed(value: Any) -> object:
    if isinstance(value, dict):
        return [(key, typed(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [typed(item) for item in value]
    bits = struct.pack("d", value) if isinstance(value, float) else value
    return type(value), bits


@pytest.mark.parametrize("body", UNCLEAR, ids=lambda body: repr(body[:40]))
def test_what_is_unclear_is_read_as_carefully_as_ever(body: bytes) -> None:
    assert said(read_json, body) == said(read_carefully, body)


@given(text=nearly_json)
def test_both_ways_of_reading_find_the_same(text: str) -> None:
    body = text.encode()
    assert said(read_json, body) == said(read_carefully, body)


@given(text=nearly_json, place=st.integers(0, 200), sign=st.binary(max_size=2))
def test_both_find_the_same_in_a_body_that_was_hurt(text: str, place: int, sign: bytes) -> None:
    body = text.encode()
    place %= len(body)
    for hurt in (body[:place] + sign + body[place:], body[:place] + sign + body[place + 1 :]):
        assert said(read_json, hurt) == said(read_carefully, hurt)


def test_an_ordinary_body_is_not_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_body: bytes) -> None:
        raise AssertionError

    monkeypatch.setattr(strict_json, "read_carefully", never)
    value = {"note": 'Ärger, "alt" \\ neu\n🦵', "score": 3, "more": [{"a": 1.5}, {"a": None}]}
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False, indent=1).encode()) == value
