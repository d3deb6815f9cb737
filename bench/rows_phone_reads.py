"""What a phone reads, against the floor, against a peer and against history."""

from dataclasses import replace
from datetime import timedelta

from bench.contest import Contest
from bench.load import Request, answer, etag_of
from bench.people import Phone
from bench.phones import STEADY, Requests, Stand, side, today_of
from bench.stand import Server

# Of pulls so many that a tick of the kernel's clock (10 ms) is a twelfth of what ours take, or less.
READS, PULLS = 200, 30
PAGES = (500, 1000)


def contests(stand: Stand, peer: Server) -> list[Contest]:
    """All rows of reading."""
    return [*_today(stand), *_pulls(stand, peer), *_steady(stand)]


def embedded_contests(stand: Stand, peer: Server) -> list[Contest]:
    """The rows of reading in the embedded mode: one file in the place of PostgreSQL."""
    rows = contests(stand, peer)
    return [replace(row, name=f"{row.name} on SQLite") for row in rows]


def _today(stand: Stand) -> list[Contest]:
    kept, made = _kept(stand, stand.fresh), _made(stand, stand.fresh)
    return [
        Contest(
            name="GET /me/today ÷ floor",
            goal=0.60,
            base=side(stand.floor, kept),
            ours=side(stand.ours, kept),
        ),
        Contest(
            name="GET /me/today, 304 ÷ made anew",
            goal=2,
            base=side(stand.ours, made),
            ours=side(stand.ours, _known(stand)),
        ),
        Contest(
            name="GET /me/today, kept ÷ made anew",
            goal=2,
            base=side(stand.ours, made),
            ours=side(stand.ours, kept),
        ),
        Contest(
            name="GET /me/today, 304 ÷ kept",
            goal=2,
            base=side(stand.ours, kept),
            ours=side(stand.ours, _known(stand)),
        ),
    ]


def _pulls(stand: Stand, peer: Server) -> list[Contest]:
    return [
        Contest(
            name=f"GET /sync/pull of {count:,} ÷ ModelSerializer",
            goal=8,
            base=side(peer, _listed(stand.old, count)),
            ours=side(stand.ours, _pulled(stand.old, count)),
        )
        for count in PAGES
    ]


def _steady(stand: Stand) -> list[Contest]:
    rows = {
        "GET /me/today": (_kept(stand, stand.fresh), _kept(stand, stand.old)),
        "GET /me/today, 304": (_known(stand), _known(stand, stand.old)),
        "GET /me/today, made anew": (_made(stand, stand.fresh), _made(stand, stand.old)),
        "GET /sync/pull of nothing new": (_settled(stand, stand.fresh), _settled(stand, stand.old)),
    }
    return [
        Contest(
            name=f"{name}, a year ÷ a day of history",
            goal=STEADY,
            base=side(stand.ours, day),
            ours=side(stand.ours, year),
        )
        for name, (day, year) in rows.items()
    ]


def _kept(stand: Stand, phone: Phone) -> Requests:
    return _many(today_of(phone, stand.day))


def _made(stand: Stand, phone: Phone) -> Requests:
    # The screen of another day is made each time.
    return _many(today_of(phone, stand.day + timedelta(days=1)), READS // 4)


def _known(stand: Stand, phone: Phone | None = None) -> Requests:
    asked = today_of(phone or stand.fresh, stand.day)
    return _many(_with_tag(stand.ours, asked))


def _settled(stand: Stand, phone: Phone) -> Requests:
    page = {"cursor": "", "more": True}
    while page["more"]:
        since = f"?cursor={page['cursor']}&limit=1000" if page["cursor"] else "?limit=1000"
        page = answer(stand.ours.port, _pull(phone, since))
    return _many(_pull(phone, f"?cursor={page['cursor']}"))


def _pulled(phone: Phone, count: int) -> Requests:
    return _many(_pull(phone, f"?limit={count}"), PULLS)


def _listed(phone: Phone, count: int) -> Requests:
    return _many(Request("GET", f"/facts?limit={count}", {"X-Patient": str(phone.patient)}), PULLS)


def _pull(phone: Phone, query: str) -> Request:
    return Request("GET", f"/api/v1/sync/pull{query}", phone.headers)


def _with_tag(server: Server, request: Request) -> Request:
    tag = etag_of(server.port, request)
    return Request(request.method, request.path, {**request.headers, "If-None-Match": tag})


def _many(request: Request, count: int = READS) -> Requests:
    return lambda: [request] * count
