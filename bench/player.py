"""A program that plays one side of a row in a process of its own, and is asked for it by a word.

The parent writes a line such as `idle`; the program does that once and answers with a line, a JSON
number: CPU seconds of itself and of its database connection for each unit of the work.
"""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from bench.contest import Side
from bench.cpu import cpu_seconds
from bench.stand import ROOT, environment_for

_SETTINGS = {"DJANGO_SETTINGS_MODULE": "backend.settings.base"}


class Player:
    """A program that waits for words; it is started by the first of them, and `stack` ends it."""

    def __init__(
        self, name: str, start: Callable[[], Sequence[str]], stack: contextlib.ExitStack
    ) -> None:
        self.name, self._start, self._stack = name, start, stack
        self._pipes: tuple[IO[str], IO[str]] | None = None

    def ask(self, word: str) -> float:
        """CPU seconds for each unit of what `word` names; raises RuntimeError when the program
        ended instead of answering."""
        asked, answers = self._running()
        asked.write(word + "\n")
        asked.flush()
        answer = answers.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended at {word!r}.")
        return float(json.loads(answer))

    def side(self, word: str) -> Side:
        """This program as a side of a row."""
        return Side(label=self.name, play=lambda _round: self.ask(word))

    def _running(self) -> tuple[IO[str], IO[str]]:
        if self._pipes is None:
            database_url, *arguments = self._start()
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env={**environment_for(database_url), **_SETTINGS},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._stack.callback(process.communicate)
            if process.stdin is None or process.stdout is None:
                raise RuntimeError(f"{self.name} has no pipes.")
            self._pipes = process.stdin, process.stdout
        return self._pipes


def serve(plays: Mapping[str, Callable[[], float]]) -> None:
    """The program's side: answers each word that it reads until there are no more."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(plays[line.strip()]()) + "\n")
        sys.stdout.flush()


def spent(play: Callable[[], object]) -> float:
    """CPU seconds that `play` takes in this process and in its connection to PostgreSQL."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend: int = cursor.fetchone()[0]
    before = time.process_time() + cpu_seconds(backend)
    play()
    return time.process_time() + cpu_seconds(backend) - before
