"""How far a long command is: a bar on stderr, for whoever sits in front of it, and nothing else."""

from typing import TextIO

WIDTH = 30


class Bar:
    """`bar(name, number, of)` says that step `number` of `of` begins. Silent where nobody looks: in
    a pipe, a log, a test."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_watched = stream.isatty()

    def __call__(self, name: str, number: int, of: int) -> None:
        if not self._is_watched:
            return
        done = WIDTH * number // max(of, 1)
        bar = "#" * done + "." * (WIDTH - done)
        self._stream.write(f"\r\x1b[2K[{bar}] {number}/{of} {name}")
        self._stream.flush()

    def end(self) -> None:
        """Takes the bar away."""
        if self._is_watched:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
