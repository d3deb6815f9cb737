"""What a phone writes, against the floor and against history."""

import json

from backend.core.ids import uuid7
from bench.contest import Contest
from bench.load import Request
from bench.people import Phone, pain_report
from bench.phones import STEADY, Requests, Stand, side

WRITES = 150


def contests(stand: Stand) -> list[Contest]:
    """All rows of writing."""
    pain, pain_old = _pain(stand, stand.fresh), _pain(stand, stand.old)
    return [
        Contest(
            name="PUT pain report ÷ floor",
            goal=0.50,
            base=side(stand.floor, pain),
            ours=side(stand.ours, pain),
        ),
        Contest(
            name="PUT pain report, a year ÷ a day of history",
            goal=STEADY,
            base=side(stand.ours, pain),
            ours=side(stand.ours, pain_old),
        ),
    ]


def _pain(stand: Stand, phone: Phone) -> Requests:
    def make() -> list[Request]:
        body = json.dumps(pain_report(stand.now, stand.day))
        path = "/api/v1/me/pain-reports/"
        return [Request("PUT", f"{path}{uuid7()}", phone.headers, body) for _ in range(WRITES)]

    return make
