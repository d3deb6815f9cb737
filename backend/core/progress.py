"""How far a long command is: a line on stderr, for whoever sits in front of it, and nothing else."""

from collections.abc import Callable
from typing import TextIO

WIDTH = 30
# `say(name, number, of)`: step `number` of `of` begins.
Say = Callable[[str, int, int], None]


def drawn(name: str, number: int, of: int) -> str:
    """Step `number` of `of` as a bar."""
    done = WIDTH * number // max(of, 1)
    return f"[{'#' * done + '.' * (WIDTH - done)}] {number}/{of} {name}"


class Line:
    """`line(text)` shows `text` in the place of what it showed before. Silent where nobody looks: in
    a pipe, a log, a test."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_watched = stream.isatty()

    def __call__(self, text: str) -> None:
        if self._is_watched:
            self._stream.write(f"\r\x1b[2K{text}")
            self._stream.flush()

    def end(self) -> None:
        """Takes the line away."""
        self("")


class Bar:
    """`bar(name, number, of)` says that step `number` of `of` begins, as silently as a `Line`."""

    def __init__(self, stream: TextIO) -> None:
        self._line = Line(stream)

    def __call__(self, name: str, number: int, of: int) -> None:
        self._line(drawn(name, number, of))

    def end(self) -> None:
        """Takes the bar away."""
        self._line.end()
