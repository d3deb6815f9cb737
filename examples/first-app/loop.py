"""A first app: shows the day, records offline, syncs, and shows advice.

python examples/first-app/loop.py http://127.0.0.1:8000 SESSION_TOKEN phone.saved
"""

import pickle
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from conformance.client import Later, NoAnswer, Phone, Refused
from conformance.reference import Http
from conformance.store import Store

ZONE = ZoneInfo("Europe/Berlin")  # a real app asks the device where it is


class Network:
    """The server as the phone reaches it, once it is out of the tunnel."""

    def __init__(self, url: str, token: str) -> None:
        self.in_tunnel = True
        self.http = Http(f"{url.rstrip('/')}/api/v1/", token)

    def __call__(self, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        if self.in_tunnel:
            raise NoAnswer
        return self.http(method, path, body)


def opened(file: Path, network: Network) -> Phone:
    """The phone with all that it had saved. A real app saves to its database."""

    def save(store: Store) -> None:
        draft = file.with_suffix(".new")
        draft.write_bytes(pickle.dumps(store))
        draft.replace(file)

    saved = pickle.loads(file.read_bytes()) if file.exists() else Store(device_id="first-app")
    return Phone(saved, network, save=save)


def moment() -> dict[str, str]:
    """When it happened, by the clock of the person: every report begins with this."""
    now = datetime.now(ZONE)
    return {"occurred_at": now.isoformat(), "tz": ZONE.key, "local_date": now.date().isoformat()}


def synced(phone: Phone) -> bool:
    """Syncs once; whether the phone now holds what the server holds."""
    try:
        phone.push()
        while phone.store.advice:  # before anything else; saved, should the app end right here
            show(phone.store.advice.pop(0))
        phone.sync()
        if phone.rejections():
            put_right(phone)
            phone.sync()
    except (NoAnswer, Later):
        print(f"No network. {len(phone.store.outbox)} reports wait; nothing is lost.")
        return False
    except Refused as refused:
        print(f"{refused}. 401: sign in again. All else: the app has a bug. Nothing is lost.")
        return False
    print(f"In sync: {len(phone.store.objects)} objects.")
    return True


def put_right(phone: Phone) -> None:
    """What was not accepted. A real app asks the person; this one knows what it did wrong."""
    for rejection, held in phone.rejections().items():
        print(f"Not accepted: {held['problem']['errors'][0]['message']}")
        answer = phone.repair(rejection, {**held["data"], "score": 3})
        if answer["advice"]:
            show(answer["advice"])


def show(advice: dict[str, Any]) -> None:
    """The highest comes first; an emergency takes the full screen and offers the call."""
    if advice["action"] == "call_emergency":
        print(f"{'!' * 60}\nCALL {advice['emergency_number']}")
    print(f"{advice['title']}\n{advice['message']}")


def show_today(network: Network) -> None:
    """The one screen of the app."""
    status, today = network("GET", "me/today", None)
    if status != 200:
        print(f"{today['title']}: {today['detail']} (again: {today['retry']})")
        return
    print(f"{today['phase_title']}, day {today['day']} ({today['plan_state']})")
    for item in today["occurrences"]:
        print(f"  {item['state']:8} {item['name']}")
    print(today["safety_net"])


def main(url: str, token: str, file: str) -> int:
    """One morning; the exit code says whether it ended in sync."""
    network = Network(url, token)
    phone = opened(Path(file), network)

    # In the tunnel: everything is recorded at once, and waits.
    pain = {"site": "knee", "kind": "avg24", "score": 4}
    wrong = phone.record("pain_report", {**moment(), **pain})
    phone.amend("pain_report", wrong, {**moment(), **pain, "score": 3})
    stretch = {"exercise": "EX-19", "done": {"sets": 2, "hold_s": 30}, "pain_during": 2}
    phone.record("session", {**moment(), "items": [stretch]})
    phone.record("pain_report", {**moment(), **pain, "score": 30})  # a bug of the app
    synced(phone)

    # Out of the tunnel; the app may have been killed in between.
    network.in_tunnel = False
    phone = opened(Path(file), network)
    in_sync = synced(phone)
    if in_sync:
        show_today(network)
    return int(not in_sync)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
