"""The environment, where a value that makes no sense is named instead of shown as a traceback."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

# In the class below `int` is its method.
Whole = int


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

    def days(self, var: str, *, default: Whole, least: Whole) -> Whole:
        """A whole number of days, not fewer than `least`."""
        found = self.int(var, default)
        if found < least:
            raise ImproperlyConfigured(f"{var} must be {least} or more.")
        return found

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
