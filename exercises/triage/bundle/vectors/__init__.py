"""The test vectors of the bundle: inputs from several sources, each judged by the engine (pure)."""

from collections.abc import Iterator

from backend.core.wire import encode
from exercises.triage.bundle.judging import vector
from exercises.triage.bundle.record_wire import SafetyVector
from exercises.triage.bundle.vectors.boundaries import boundaries
from exercises.triage.bundle.vectors.cases import Case
from exercises.triage.bundle.vectors.changes import changes
from exercises.triage.bundle.vectors.codes import codes
from exercises.triage.bundle.vectors.from_examples import from_examples
from exercises.triage.bundle.vectors.histories import histories
from exercises.triage.bundle.vectors.malformed import malformed
from exercises.triage.bundle.vectors.situations import situations
from exercises.triage.bundle.vectors.stability import stability
from exercises.triage.rules.pack import RulePack


def vectors(pack: RulePack) -> list[SafetyVector]:
    """Every vector of a pack, in one order; a record that comes twice counts once."""
    found = [vector(name, record, pack) for name, record in _cases(pack)]
    distinct: dict[bytes, SafetyVector] = {}
    for one in (*found, *changes(pack)):
        distinct.setdefault(encode(one.record), one)
    return [*distinct.values()]


def _cases(pack: RulePack) -> Iterator[Case]:
    yield from from_examples(pack)
    yield from codes(pack.vocabulary)
    yield from boundaries(pack.constants)
    yield from situations()
    yield from stability()
    yield from malformed()
    yield from histories(pack.vocabulary)
