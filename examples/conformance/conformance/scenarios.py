"""What a client has to live through. Each scenario is a function of a `Stage`; its docstring says
what the client must do, and the kit prints it where the client did otherwise."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from conformance.adapter import Client
from conformance.server import Script

START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


class Failed(Exception):
    """The client did otherwise; the message says what was seen."""


@dataclass
class Stage:
    """The client under test, and the server that it speaks to."""

    client: Client
    script: Script
    minutes: int = field(default=0)

    def pain(self, score: int = 4, **more: Any) -> dict[str, Any]:
        """The content of a pain report; each is a minute later than the last."""
        self.minutes += 1
        at = START + timedelta(minutes=self.minutes)
        return {
            "occurred_at": at.isoformat(),
            "tz": "Europe/Berlin",
            "local_date": "2026-05-04",
            "site": "knee",
            "kind": "now",
            "score": score,
            **more,
        }

    def sync(self, expected: str = "ok") -> None:
        """The client syncs, and says how that went."""
        outcome = self.client.sync()
        self.check(outcome == expected, f"sync ended with {outcome!r}, expected {expected!r}")

    def check(self, holds: bool, message: str) -> None:
        """Fails with `message` unless it holds."""
        if not holds:
            raise Failed(message)

    def agrees(self) -> None:
        """The client holds what the server serves, and nothing waits."""
        copy, served = self.client.copy(), self.script.record.held()
        missing = sorted(set(served) - set(copy.objects))
        extra = sorted(set(copy.objects) - set(served))
        stale = sorted(
            key for key in set(served) & set(copy.objects) if served[key] != copy.objects[key]
        )
        self.check(not missing, f"the client lacks {missing[:3]}")
        self.check(not extra, f"the client still holds {extra[:3]}")
        self.check(not stale, f"the client holds old revisions of {stale[:3]}")
        self.check(copy.outbox == 0, f"{copy.outbox} ops still wait in the outbox")

    def facts(self) -> list[dict[str, Any]]:
        """The pain reports that the server holds."""
        objects = self.script.record.objects
        return [item.data for key, item in objects.items() if key[0] == "pain_report" and item.data]


def begins_with_what_is_there(stage: Stage) -> None:
    """A new client pulls the whole record."""
    for number in range(3):
        stage.script.record.put("visit", str(uuid4()), {"state": "planned", "number": number})
    stage.sync()
    stage.agrees()


def records_without_a_network(stage: Stage) -> None:
    """Recording needs no server; what was recorded waits, survives the end of the app, and arrives
    as it was recorded."""
    said = [stage.pain(note="Grüße 🦵"), stage.pain(), stage.pain()]
    for data in said:
        stage.client.record("pain_report", data)
    stage.check(not stage.script.asked, "the client spoke to the server while recording")
    stage.check(stage.client.copy().outbox == 3, "the outbox does not hold the three reports")
    stage.client.restart()
    stage.sync()
    stage.agrees()
    arrived = [{name: fact.get(name) for name in said[0]} for fact in stage.facts()]
    stage.check(said[0] in arrived, "a report arrived with another content than was recorded")


def asks_again_when_the_answer_is_lost(stage: Stage) -> None:
    """A push whose answer was lost is sent again with the same ids: nothing is stored twice."""
    stage.client.record("pain_report", stage.pain())
    stage.script.then("sync/push", "cut_after")
    stage.sync("no_answer")
    stage.sync()
    stage.check(len(stage.facts()) == 1, f"{len(stage.facts())} reports were stored instead of one")
    stage.agrees()


def asks_again_when_the_request_is_lost(stage: Stage) -> None:
    """A push that never arrived is sent again, also after the app was killed in between."""
    stage.client.record("pain_report", stage.pain())
    stage.script.then("sync/push", "cut_before")
    stage.sync("no_answer")
    stage.client.restart()
    stage.sync()
    stage.check(len(stage.facts()) == 1, "the report did not arrive")
    stage.agrees()


def waits_when_the_server_asks_to(stage: Stage) -> None:
    """503 means later: everything is kept and goes out with the next sync."""
    stage.client.record("pain_report", stage.pain())
    stage.script.then("sync/push", "unavailable")
    stage.sync("later")
    stage.check(stage.client.copy().outbox == 1, "the report left the outbox unsent")
    stage.sync()
    stage.agrees()


def keeps_what_waits_when_it_is_signed_out(stage: Stage) -> None:
    """401 means sign in again: nothing that waits is thrown away."""
    stage.client.record("pain_report", stage.pain())
    stage.script.then("sync/push", "signed_out")
    stage.sync("signed_out")
    stage.check(stage.client.copy().outbox == 1, "the report was thrown away with the session")
    stage.sync()
    stage.agrees()


def lives_with_partial_failure(stage: Stage) -> None:
    """One report of a push cannot be accepted: the others are in, it leaves the outbox, is shown as a
    rejection, and can be repaired."""
    stage.client.record("pain_report", stage.pain())
    stage.client.record("pain_report", stage.pain(score=99))
    stage.client.record("pain_report", stage.pain())
    stage.sync()
    stage.agrees()
    stage.check(len(stage.facts()) == 2, "the good reports of the push did not arrive")
    rejected = [key[1] for key in stage.client.copy().objects if key[0] == "rejection"]
    stage.check(len(rejected) == 1, "the client does not hold the rejection")
    pushes = len(stage.script.pushes())
    stage.sync()
    resent = [push for push in stage.script.pushes()[pushes:] if push["ops"]]
    stage.check(not resent, "what was rejected is sent again and again")
    stage.client.repair(rejected[0], stage.pain(score=9))
    stage.sync()
    stage.agrees()
    stage.check(len(stage.facts()) == 3, "the repaired report is not on the server")


def splits_what_is_too_much(stage: Stage) -> None:
    """A push holds at most 500 ops; 620 reports take two."""
    for _ in range(620):
        stage.client.record("pain_report", stage.pain())
    stage.sync()
    stage.check(len(stage.facts()) == 620, f"{len(stage.facts())} of 620 reports arrived")
    stage.agrees()


def goes_on_from_the_last_page(stage: Stage) -> None:
    """A pull is cut between two pages, and meanwhile more is written: nothing is skipped."""
    record = stage.script.record
    for number in range(1200):
        record.put("visit", str(uuid4()), {"number": number})
    stage.script.then("sync/pull", "never", "cut_before")
    stage.sync("no_answer")
    for number in range(5):
        record.put("visit", str(uuid4()), {"number": number})
    stage.client.restart()
    stage.sync()
    stage.agrees()


def _starts_over(reason: str, change: Callable[[Script], None]) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        stage.script.record.put("visit", str(uuid4()), {"state": "planned"})
        stage.client.record("pain_report", stage.pain())
        stage.sync()
        change(stage.script)
        stage.client.record("pain_report", stage.pain())
        stage.sync()
        stage.agrees()
        stage.check(len(stage.facts()) == 2, "a report was lost when the client started over")

    play.__doc__ = f"410 ({reason}): the client pulls from the beginning, and loses nothing unsent."
    play.__name__ = f"starts_over_when_{reason}"
    return play


def _consent(script: Script) -> None:
    script.record.consent = "2"


def _new_epoch(script: Script) -> None:
    script.record.restore(script.record.copy())


def gives_a_restored_server_back_what_it_lost(stage: Stage) -> None:
    """The server comes back from a backup without the last reports: the client sends them again."""
    stage.client.record("pain_report", stage.pain())
    stage.sync()
    backup = stage.script.record.copy()
    stage.client.record("pain_report", stage.pain())
    stage.client.record("pain_report", stage.pain())
    stage.sync()
    stage.script.record.restore(backup)
    stage.sync()
    stage.sync()
    stage.check(
        len(stage.facts()) == 3, f"the server was left with {len(stage.facts())} of 3 reports"
    )
    stage.agrees()


def finds_out_that_a_change_is_missing(stage: Stage) -> None:
    """A page lacked a change: the checksum of the last page tells, and the client pulls anew."""
    stage.sync()
    hidden = ("visit", str(uuid4()))
    stage.script.record.hidden.add(hidden)
    stage.script.record.put(*hidden, {"state": "planned"})
    stage.script.then("sync/pull", "never")
    original = stage.script.record.pull
    served: list[int] = []

    def once(cursor: str | None, limit: int) -> dict[str, Any]:
        answer = original(cursor, limit)
        served.append(1)
        stage.script.record.hidden.clear()
        return answer

    stage.script.record.pull = once  # type: ignore[method-assign]
    stage.sync()
    stage.check(len(served) > 1, "the client did not pull again although the checksum was another")
    stage.agrees()


def buries_what_was_deleted(stage: Stage) -> None:
    """A tombstone takes an object out, and a late edit of it does not bring it back."""
    visit = str(uuid4())
    stage.script.record.put("visit", visit, {"state": "planned"})
    stage.sync()
    stage.client.edit("visit", visit, {"state": "attended"})
    stage.script.record.remove("visit", visit)
    stage.sync()
    stage.agrees()
    stage.check(("visit", visit) not in stage.client.copy().objects, "the visit rose again")


def tells_who_lost_an_edit(stage: Stage) -> None:
    """Two phones edited one document: the one that came second holds the server's version, and has
    the lost edit to show."""
    profile = str(uuid4())
    stage.script.record.put("profile", profile, {"name": "Ada"})
    stage.sync()
    stage.client.edit("profile", profile, {"name": "Ada from this phone"})
    stage.script.record.put("profile", profile, {"name": "Ada from the other phone"})
    stage.sync()
    stage.agrees()
    stage.check(stage.client.copy().conflicts == 1, "the lost edit is not there to be shown")


def withdraws_offline(stage: Stage) -> None:
    """A report is made and withdrawn before there was a network: both arrive, in this order."""
    data = stage.pain()
    fact = stage.client.record("pain_report", data)
    when = {name: data[name] for name in ("occurred_at", "tz")}
    stage.client.retract(fact, when)
    stage.sync()
    stage.agrees()
    types = [op["type"] for push in stage.script.pushes() for op in push["ops"]]
    stage.check(types == ["pain_report", "retract"], f"the server was sent {types}")


def lives_with_what_it_does_not_know(stage: Stage) -> None:
    """Additions to v1 do no harm: unknown members of answers are ignored, unknown entities are kept
    (they count in the checksum)."""
    stage.script.extra = {"added_in_2027": {"deeply": ["nested"]}}
    stage.script.record.put("hologram", str(uuid4()), {"shown": True})
    stage.client.record("pain_report", stage.pain())
    stage.sync()
    stage.agrees()


def does_not_mind_a_wrong_clock(stage: Stage) -> None:
    """Server and phone differ by three days: reports keep the moment that the phone gave them."""
    stage.script.skew = timedelta(days=3)
    data = stage.pain()
    stage.client.record("pain_report", data)
    stage.sync()
    (fact,) = stage.facts()
    stage.check(fact["occurred_at"] == data["occurred_at"], "the client moved the report's moment")
    stage.agrees()


SCENARIOS: tuple[Callable[[Stage], None], ...] = (
    begins_with_what_is_there,
    records_without_a_network,
    asks_again_when_the_answer_is_lost,
    asks_again_when_the_request_is_lost,
    waits_when_the_server_asks_to,
    keeps_what_waits_when_it_is_signed_out,
    lives_with_partial_failure,
    splits_what_is_too_much,
    goes_on_from_the_last_page,
    _starts_over("consent_changed", _consent),
    _starts_over("restored", _new_epoch),
    gives_a_restored_server_back_what_it_lost,
    finds_out_that_a_change_is_missing,
    buries_what_was_deleted,
    tells_who_lost_an_edit,
    withdraws_offline,
    lives_with_what_it_does_not_know,
    does_not_mind_a_wrong_clock,
)
