"""What is remembered of an address is what Django makes of it."""

import importlib
import re
from uuid import UUID, uuid4

import pytest
from django.urls import Resolver404, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from backend.core.routes import RememberingResolver
from tests.routes import api_routes

OTHERS = ("nowhere", "me/", "me/pain-reports/", "patients/not-an-id", "me/pain-reports/{id}/x")


def resolvers() -> tuple[RememberingResolver, URLResolver]:
    """Ours, fresh, and Django's own, over the same addresses."""
    patterns = importlib.import_module("backend.urls").api_v1
    prefix = RoutePattern("api/v1/", is_endpoint=False)
    return RememberingResolver(prefix, patterns), URLResolver(prefix, patterns)


def test_the_api_is_found_by_it() -> None:
    assert any(isinstance(one, RememberingResolver) for one in get_resolver().url_patterns)


def test_every_address_leads_where_django_leads() -> None:
    ours, django = resolvers()
    routes = {route.path for route in api_routes()}
    assert len(routes) > 50
    for _ in range(3):
        for route in routes:
            path = f"api/v1/{filled(route)}"
            found, expected = ours.resolve(path), django.resolve(path)
            assert (found.func, found.args, found.kwargs, found.route) == (
                expected.func,
                expected.args,
                expected.kwargs,
                expected.route,
            )
            assert found.captured_kwargs == expected.captured_kwargs
            assert found.view_name == expected.view_name


def test_what_is_nowhere_stays_nowhere() -> None:
    ours, _ = resolvers()
    for path in OTHERS * 2:
        with pytest.raises(Resolver404):
            ours.resolve(f"api/v1/{path.format(id=uuid4())}")


def test_each_id_is_its_own() -> None:
    ours, _ = resolvers()
    for _ in range(3):
        one, other = uuid4(), uuid4()
        assert ours.resolve(f"api/v1/me/pain-reports/{one}").kwargs == {"fact_id": one}
        assert [*ours.resolve(f"api/v1/patients/{other}").kwargs.values()] == [other]


def test_texts_in_addresses_are_not_remembered() -> None:
    ours, _ = resolvers()
    for number in range(100):
        ours.resolve(f"api/v1/invitations/CODE-{number}/accept")
        ours.resolve(f"api/v1/invitations/{UUID(int=number)}/accept")
    assert len(ours._known) == 0


def filled(route: str) -> str:
    """A path with something in each of its parameters."""
    words = {"uuid": str(uuid4()), "int": "7"}
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: words.get(found[1], "some-word"), route)
