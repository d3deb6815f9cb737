"""`python -m bench.embedded_phones` makes the two phones in the database of its environment, and
prints them as JSON: for each its patient and its headers."""

import json
import os
import sys


def main() -> None:
    """Makes the phones."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")
    import django

    django.setup()
    from backend.core import clock
    from bench.people import phone_with
    from bench.phones import YEAR

    now = clock.now()
    phones = [phone_with(days, now=now) for days in (1, YEAR)]
    json.dump([(str(phone.patient), phone.headers) for phone in phones], sys.stdout)


if __name__ == "__main__":
    main()
