"""`python -m bench.embedded_phones` makes phones in the database of its environment: for each line that
it reads, a `History` as JSON, one who has fared so. It answers with its patient and its headers."""

import json
import os
import sys
from datetime import datetime


def main(now: datetime) -> None:
    """Makes phones until nobody asks for more."""
    from bench.people import History, phone_with

    for line in sys.stdin:
        phone = phone_with(History(**json.loads(line)), now=now)
        sys.stdout.write(json.dumps([str(phone.patient), phone.headers]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")
    import django

    django.setup()
    main(datetime.fromisoformat(sys.argv[1]))
