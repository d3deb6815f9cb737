"""Where log lines go, and in which form."""

from typing import Any


def log_settings(level: str, *, as_json: bool) -> dict[str, Any]:
    """Every line through the root to the console, by one formatter (`backend.core.logs`)."""
    lines = "backend.core.logs.JsonLines" if as_json else "backend.core.logs.PlainLines"

    def to_root(least: str) -> dict[str, Any]:
        return {"handlers": [], "propagate": True, "level": least}

    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": lines}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own would mail a traceback with every local variable to the admins.
            "django": to_root(level),
            "django.server": to_root(level),
            "django.db.backends": to_root("WARNING"),
            "celery": to_root("WARNING"),
            # It tells each step of each PDF.
            "weasyprint": to_root("WARNING"),
        },
    }
