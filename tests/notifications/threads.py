"""Runs the same thing in several threads at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

T = TypeVar("T")


def at_once(work: Callable[[], T], *, copies: int) -> list[T]:
    """The results of `copies` threads that start together, each with its own connection."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads cannot share a database that lives in one connection's memory")
    barrier = Barrier(copies)

    def start() -> T:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(copies) as pool:
        return [future.result() for future in [pool.submit(start) for _ in range(copies)]]
