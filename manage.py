#!/usr/bin/env python
"""Stepwise's command line: `manage.py demo`, `manage.py simulate FILE --json`, and Django's own."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")
    if sys.argv[1:2] == ["simulate"]:
        # The simulator never touches the database that the environment points at.
        os.environ["DATABASE_URL"] = "sqlite://:memory:"
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    import backend.celery  # noqa: F401  (tasks that a command rings need the app to be there)

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Stepwise cannot start: {error}")


if __name__ == "__main__":
    main()
