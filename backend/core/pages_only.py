"""What a request passes through: the API little, pages all of it.

A call of the API carries its own credential: it has no session, form, message or script. Working
all that out for it all the same costs more than its statement in the database.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

Handler = Callable[[HttpRequest], HttpResponseBase]
API = "/api/v1/"
# This one is a page for a browser.
GUIDE = "/api/v1/docs"


def is_api(path: str) -> bool:
    """Whether `path` is answered to programs alone."""
    return path.startswith(API) and path != GUIDE


class PagesOnlyMiddleware:
    """`PAGE_MIDDLEWARE`, in its order, around everything but the API."""

    def __init__(self, get_response: Handler) -> None:
        # What calls of the API go to at once.
        self.bare = get_response
        self._made: list[Any] = []
        handler: Any = get_response
        for name in reversed(settings.PAGE_MIDDLEWARE):
            made = import_string(name)(handler)
            self._made.insert(0, made)
            handler = convert_exception_to_response(made)
        self._whole: Handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return (self.bare if is_api(request.path_info) else self._whole)(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        """Django asks from the outermost to the innermost, and the first that answers is heard."""
        return self._first_answer("process_view", self._made, request, *view)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """The same from the innermost to the outermost."""
        return self._first_answer("process_exception", self._made[::-1], request, error)

    def _first_answer(
        self, hook: str, asked: list[Any], request: HttpRequest, *given: Any
    ) -> HttpResponseBase | None:
        if is_api(request.path_info):
            return None
        answers = (getattr(made, hook)(request, *given) for made in asked if hasattr(made, hook))
        return next((answer for answer in answers if answer is not None), None)
