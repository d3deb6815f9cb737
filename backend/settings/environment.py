"""The environment, where a value that makes no sense is named instead of shown as a traceback."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):
    """Raises `ImproperlyConfigured` with the variable's name; the value, which may be a secret, is
    never repeated."""

    def __init__(self) -> None:
        environ.Env.__init__(self)

    def int(self, var: str, default: Any = environ.Env.NOTSET) -> int:
        """A whole number."""
        try:
            return int(super().int(var, default))
        except ValueError:
            raise ImproperlyConfigured(f"{var} must be a whole number.") from None

    def db(
        self,
        var: Any = environ.Env.DEFAULT_DATABASE_ENV,
        default: Any = environ.Env.NOTSET,
        engine: Any = None,
    ) -> dict[Any, Any]:
        """What Django wants to know of a database."""
        try:
            found = dict(super().db(var, default, engine))
        except ValueError:
            found = {}
        if not found.get("ENGINE"):
            raise ImproperlyConfigured(f"{var} must be like postgres://user:password@host/name.")
        return found
