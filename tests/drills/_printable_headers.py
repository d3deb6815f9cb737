"""Keeps the fuzzer to headers that are HTTP: others never reach the application."""

from typing import Any

import schemathesis


@schemathesis.hook
def map_headers(_context: Any, headers: Any) -> Any:
    """Whatever is not printable becomes a question mark."""
    return {
        name: "".join(c if " " <= c <= "~" else "?" for c in str(value))
        for name, value in (headers or {}).items()
    }
