"""The therapists' rows: a panel and a patient's page over a year of diary, and over ten times that."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench import stand
from bench.caseloads import Caseloads, Tell, kept
from bench.contest import Contest, Side
from bench.load import Request
from tests.servers import Postgres

# Kept between runs, and where PostgreSQL gets to, which runs as a user of its own under root.
DIRECTORY = Path("/var/tmp/stepwise-bench")  # noqa: S108  (the data are made up)
SETTINGS = "bench.hall_settings"
LIST = "/api/v1/patients?limit=50"
REQUESTS = 60
# How often each way is played in a round.
TIMES = {"live": 1, "kept": 60, "page": 30, "page_orm": 30}
# The others only pass statements on.
STATEMENTS = 60


@dataclass(frozen=True)
class Hall:
    """A product over kept caseloads, with the headers of those who read them."""

    server: stand.Server
    postgres: Postgres
    people: Caseloads
    lead: dict[str, str]
    therapist: dict[str, str]


Place = Callable[[], Hall]


@contextmanager
def contests(
    tell: Tell, *, large: bool, directory: Path = DIRECTORY
) -> Iterator[Sequence[Contest]]:
    """All rows of the panel; those over thirty million rows where `large` asks for them. The data is
    made, or fetched from where it is kept, when the first row that needs it is played."""
    with ExitStack() as stack:

        @cache
        def small() -> Hall:
            return stack.enter_context(_hall(directory / "small", 1, tell))

        @cache
        def big() -> Hall:
            return stack.enter_context(_hall(directory / "large", 10, tell))

        yield [*_rows_over(small), *(_rows_between(small, big) if large else [])]


def _rows_over(hall: Place) -> list[Contest]:
    return [
        Contest(
            name="A clinic's top 50 by risk ÷ computed live",
            goal=40,
            base=_played(hall, "live"),
            ours=_played(hall, "kept"),
        ),
        Contest(
            name="Panel over 1,000 patients ÷ its bare SQL",
            goal=1 / 3,
            base=_played(hall, "sql"),
            ours=_played(hall, "kept"),
        ),
        Contest(
            name="GET /patients over 1,000 ÷ over 50 patients",
            goal=1 / 3,
            base=_asked(hall, _own_list, "50 patients"),
            ours=_asked(hall, _clinics_list, "1,000 patients"),
        ),
        *_pages(hall),
    ]


def _pages(hall: Place) -> list[Contest]:
    """One patient among a thousand with three million rows."""
    return [
        Contest(
            name="A patient's page over 3 M rows ÷ its bare SQL",
            goal=1 / 3,
            base=_played(hall, "page_sql"),
            ours=_played(hall, "page"),
        ),
        Contest(
            name="GET /patients/{id} over 3 M rows ÷ its numbers by the ORM",
            goal=1 / 3,
            base=_played(hall, "page_orm"),
            ours=_asked(hall, _one, "the whole answer"),
        ),
        Contest(
            name="GET /dashboard/patients/{id}/ over 3 M rows ÷ its bare SQL",
            goal=1 / 3,
            base=_played(hall, "page_html_sql"),
            ours=_asked(hall, _one_as_page, "the whole page"),
        ),
    ]


def _rows_between(small: Place, big: Place) -> list[Contest]:
    return [
        Contest(
            name="GET /patients (50), 30 M ÷ 3 M rows of diary",
            goal=1 / 1.2,
            base=_asked(small, _own_list, "3 M"),
            ours=_asked(big, _own_list, "30 M"),
        ),
        Contest(
            name="GET /patients/{id}, 30 M ÷ 3 M rows of diary",
            goal=1 / 1.2,
            base=_asked(small, _one, "3 M"),
            ours=_asked(big, _one, "30 M"),
        ),
    ]


def _own_list(hall: Hall) -> Request:
    return Request("GET", LIST, hall.therapist)


def _clinics_list(hall: Hall) -> Request:
    return Request("GET", LIST, hall.lead)


def _one(hall: Hall) -> Request:
    return Request("GET", f"/api/v1/patients/{hall.people.patient}", hall.therapist)


def _one_as_page(hall: Hall) -> Request:
    cookie = {"Cookie": f"sessionid={hall.therapist['X-Session-Token']}"}
    return Request("GET", f"/dashboard/patients/{hall.people.patient}/", cookie)


def _asked(place: Place, request: Callable[[Hall], Request], label: str) -> Side:
    def play(_round: int) -> float:
        hall = place()
        return hall.server.cost([request(hall)] * REQUESTS)

    return Side(label=label, play=play)


def _played(place: Place, way: str) -> Side:
    def play(_round: int) -> float:
        hall = place()
        command = [sys.executable, "-m", "bench.panel_worker", way, str(TIMES.get(way, STATEMENTS))]
        whose = hall.people.patient if way.startswith("page") else hall.people.lead
        command += [whose, str(hall.server.database_pid)]
        environment = {
            **stand.environment_for(hall.postgres.url),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
        }
        done = subprocess.run(
            command, cwd=stand.ROOT, env=environment, check=True, stdout=subprocess.PIPE
        )
        return float(done.stdout)

    return Side(label=way, play=play)


@contextmanager
def _hall(directory: Path, clinics: int, tell: Tell) -> Iterator[Hall]:
    with (
        kept(directory, clinics, tell) as (postgres, people),
        stand.product(stand.of_postgres(postgres), settings=SETTINGS) as server,
    ):
        yield Hall(
            server,
            postgres,
            people,
            _headers(postgres, people.lead),
            _headers(postgres, people.therapist),
        )


def _headers(postgres: Postgres, person: str) -> dict[str, str]:
    command = [sys.executable, "-m", "bench.panel_worker", "token", person]
    environment = stand.environment_for(postgres.url)
    done = subprocess.run(
        command, cwd=stand.ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return {"X-Session-Token": done.stdout.strip()}
