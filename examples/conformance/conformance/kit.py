"""Plays the scenarios on a client and reports, and the transcripts on a server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformance.adapter import AdapterError, Client
from conformance.scenarios import SCENARIOS, Failed, Stage
from conformance.server import TOKEN, Script, serving


@dataclass(frozen=True)
class Verdict:
    """How one scenario ended; `problem` is empty where the client did as it must."""

    name: str
    must: str
    problem: str


def examine(
    adapter_url: str, scenarios: Sequence[Callable[[Stage], None]] = SCENARIOS
) -> list[Verdict]:
    """Plays every scenario on the client behind `adapter_url`, each from an empty store."""
    return [_play(adapter_url, scenario) for scenario in scenarios]


def report(verdicts: Sequence[Verdict]) -> str:
    """The verdicts as text."""
    lines = []
    for verdict in verdicts:
        title = verdict.name.replace("_", " ")
        lines.append(f"{'FAILS ' if verdict.problem else 'passes'}  {title}")
        if verdict.problem:
            lines += [f"        {verdict.must}", f"        Seen: {verdict.problem}"]
    failed = sum(bool(verdict.problem) for verdict in verdicts)
    lines.append(f"{len(verdicts) - failed} passed, {failed} failed")
    return "\n".join(lines)


def _play(adapter_url: str, scenario: Callable[[Stage], None]) -> Verdict:
    script, client = Script(), Client(adapter_url)
    problem = ""
    with serving(script) as base:
        try:
            client.start(server=base, token=TOKEN, device_id="kit-phone")
            scenario(Stage(client, script))
        except (Failed, AdapterError) as failure:
            problem = str(failure)
    must = " ".join((scenario.__doc__ or "").split())
    return Verdict(scenario.__name__, must, problem)
