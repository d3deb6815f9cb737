"""Plain values as typed ones, from any number of threads.

msgspec builds what it knows of a type at the type's first use and lets other threads see it half
built: two threads that meet there crash the process. So the first use of each shape is one
thread's alone.
"""

import threading
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")
_built: set[Any] = set()
_building = threading.Lock()


@overload
def convert(value: Any, shape: type[T]) -> T: ...
@overload
def convert(value: Any, shape: Any) -> Any: ...
def convert(value: Any, shape: Any) -> Any:
    """`value` as `shape`; raises `msgspec.ValidationError` or `OverflowError`."""
    if shape in _built:
        return msgspec.convert(value, shape)
    with _building:
        try:
            return msgspec.convert(value, shape)
        finally:
            # A value that does not fit has built the types as well.
            _built.add(shape)
