"""Walks every route of the URL map with every method that it knows, as everybody, and writes what
each got as lines of text."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic import RedirectView
from django.views.generic.edit import ProcessFormView

from backend.accounts.models import AuditEvent
from backend.accounts.pages import only_in_the_app
from tests.access.world import STAFF, SUBJECTS, World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# The same for everybody, and slow to make: asked for once.
ASKED_ONCE = {"api/v1/schema"}
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
# The bar of links marks where the address lies, be there anything or not.
_MARKED = re.compile(r'\s*(aria-current="\w+")?\s*>')
# One for all: a client reads the whole middleware before its first request.
_CLIENT = Client(raise_request_exception=False)


@dataclass
class Walk:
    """What a walk found: the lines of the table, answers that tell a missing object from one out of
    reach, and answers with a patient's data that left no audit row."""

    lines: list[str] = field(default_factory=list)
    told_apart: list[str] = field(default_factory=list)
    unaudited: list[str] = field(default_factory=list)
    not_tried: set[str] = field(default_factory=set)


def walk(world: World) -> Walk:
    """The whole URL map."""
    found = Walk()
    for route, callback in sorted(routes(), key=lambda one: one[0]):
        for method in _methods(world, route, callback):
            _walk_one(world, found, method, route)
    return found


def routes() -> Iterator[tuple[str, Any]]:
    """Every route, with the names of its parts in braces, and its view."""
    found: dict[str, Any] = {}
    for route, callback in _routes(get_resolver().url_patterns, ""):
        found.setdefault(route, callback)
    yield from found.items()


def _routes(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, path)
        else:
            yield _named(path), pattern.callback


def _named(path: str) -> str:
    # "<uuid:patient_id>" becomes "{patient_id}".
    start, *rest = path.split("<")
    return start + "".join(
        "{" + part.partition(">")[0].rpartition(":")[2] + "}" + part.partition(">")[2]
        for part in rest
    )


def _methods(world: World, route: str, callback: Any) -> list[str]:
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if view is not None:
        return [method for method in METHODS if _is_its_own(view, method)]
    if callback is only_in_the_app:
        return ["GET"]
    path = world.path(route, missing=True) or ""
    return [one for one in METHODS if _ask(world, "hers", one, path).status_code != 405]


def _is_its_own(view: type, method: str) -> bool:
    # Django's forms take PUT for POST, and its redirects every method for GET.
    handler = getattr(view, method.lower(), None)
    borrowed = (ProcessFormView.put, *(getattr(RedirectView, m.lower()) for m in METHODS[1:]))
    return handler is not None and handler not in borrowed


def _walk_one(world: World, found: Walk, method: str, route: str) -> None:
    present = world.path(route, missing=False)
    missing = world.path(route, missing=True)
    if missing == present:
        missing = None
    if present is None:
        found.not_tried |= {part.split("}")[0] for part in route.split("{")[1:]}
    answers: dict[str, list[Any]] = {}
    for kind, path in (("present", present), ("missing", missing)):
        if path is not None:
            answers[kind] = _as_everybody(world, found, method, route, path)
            codes = " ".join(str(one.status_code) for one in answers[kind])
            found.lines.append(f"{method:6} /{route} {kind if missing else '-'} {codes}")
    for index, subject in enumerate(SUBJECTS[: len(answers.get("present", []))]):
        pair = [answers[kind][index] for kind in ("present", "missing") if kind in answers]
        if len(pair) == 2 and pair[0].status_code == 404 and _seen(pair[0]) != _seen(pair[1]):
            found.told_apart.append(f"{method} /{route} as {subject}")


def _as_everybody(world: World, found: Walk, method: str, route: str, path: str) -> list[Any]:
    people = SUBJECTS[:1] if route in ASKED_ONCE else SUBJECTS
    answers = []
    for subject in people:
        with transaction.atomic():
            answer = _send(world, subject, method, path)
            if _is_unaudited(world, subject, answer):
                found.unaudited.append(f"{method} /{route} as {subject}")
            transaction.set_rollback(True)
        answers.append(answer)
    return answers


def _is_unaudited(world: World, subject: str, answer: Any) -> bool:
    if subject not in STAFF or answer.status_code != 200 or answer.streaming:
        return False
    text = answer.content.decode("utf-8", "replace")
    patient = world.patient
    if not any(word in text for word in (str(patient.pk), patient.user.name, patient.user.email)):
        return False
    rows = AuditEvent.objects.filter(actor_id=world.users[subject].pk, patient_id=patient.pk)
    return not rows.exists()


def _ask(world: World, subject: str, method: str, path: str) -> Any:
    with transaction.atomic():
        answer = _send(world, subject, method, path)
        transaction.set_rollback(True)
    return answer


def _send(world: World, subject: str, method: str, path: str) -> Any:
    _CLIENT.cookies.clear()
    headers = {}
    if token := world.tokens[subject]:
        headers["X-Session-Token"] = token
        _CLIENT.cookies["sessionid"] = token
    body = b"" if method in ("GET", "DELETE") else b"{}"
    return _CLIENT.generic(
        method, path, data=body, content_type="application/json", headers=headers
    )


def _seen(answer: Any) -> tuple[int, str]:
    text = answer.content.decode("utf-8", "replace")
    if answer["Content-Type"].startswith("application/problem+json"):
        text = json.dumps({**json.loads(text), "trace_id": ""}, sort_keys=True)
    return answer.status_code, _MARKED.sub(">", _CSRF.sub("", text))
