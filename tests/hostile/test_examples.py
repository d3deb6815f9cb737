"""The table of valid requests: complete, and valid."""

from tests.hostile.examples import EXAMPLES
from tests.hostile.world import World, taken_back
from tests.routes import api_routes

WRITES = ("PUT", "POST", "PATCH", "DELETE")


def test_every_write_has_its_example_and_no_other() -> None:
    assert sorted(EXAMPLES) == [str(route) for route in sorted(api_routes(*WRITES), key=str)]


def test_every_example_is_accepted(world: World) -> None:
    refused = {}
    for route, example in EXAMPLES.items():
        with taken_back():
            answer = world.send(example, route.partition(" ")[0])
            if not 200 <= answer.status_code < 300:
                refused[route] = answer.content
    assert refused == {}
