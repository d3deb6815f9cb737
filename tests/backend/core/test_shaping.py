import subprocess
import sys

import msgspec
import pytest

from backend.core.shaping import convert

# Sixty types that hold one another, each met by eight threads at once for the first time.
PROGRAM = """
import sys, threading
from typing import Annotated
import msgspec
from backend.core.shaping import convert

sys.setswitchinterval(1e-5)
inner = int
for number in range(60):
    fields = [(f"f{n}", Annotated[str, msgspec.Meta(max_length=3 + n)]) for n in range(30)]
    shape = msgspec.defstruct(f"S{number}", [*fields, ("inner", inner | None)])
    given = {name: "x" for name, _ in fields} | {"inner": None}
    together = threading.Barrier(8)

    def meet(given=given, shape=shape, together=together):
        together.wait()
        convert(given, shape)

    threads = [threading.Thread(target=meet) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    inner = shape
print("alive")
"""


def test_threads_that_meet_at_a_new_type_do_not_crash_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "alive\n")


def test_what_does_not_fit_is_refused_each_time() -> None:
    class Shape(msgspec.Struct):
        number: int

    for _ in range(2):
        with pytest.raises(msgspec.ValidationError):
            convert({"number": "x"}, Shape)
        assert convert({"number": 1}, Shape) == Shape(number=1)
