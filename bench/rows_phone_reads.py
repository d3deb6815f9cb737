"""What a phone reads, against the floor and against history."""

from bench.contest import Contest
from bench.people import Phone
from bench.phones import STEADY, Requests, Stand, side, today_of

READS = 200


def contests(stand: Stand) -> list[Contest]:
    """All rows of reading."""
    today, today_old = _today(stand, stand.fresh), _today(stand, stand.old)
    return [
        Contest(
            name="GET /me/today ÷ floor",
            goal=0.60,
            base=side(stand.floor, today),
            ours=side(stand.ours, today),
        ),
        Contest(
            name="GET /me/today, a year ÷ a day of history",
            goal=STEADY,
            base=side(stand.ours, today),
            ours=side(stand.ours, today_old),
        ),
    ]


def _today(stand: Stand, phone: Phone) -> Requests:
    request = today_of(phone, stand.day)
    return lambda: [request] * READS
