"""How gunicorn serves: read by `gunicorn -c python:backend.core.serving backend.wsgi`.

Threads, since a refusal has to be quick while others are being worked on: one process at a time
would leave whoever comes too much waiting in the kernel's queue, unseen and unanswered.
"""

import gc
import logging
import os
import sys
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from backend.core.admission import THREADS
from backend.core.logs import JsonLines, PlainLines

# After so many new objects the collector looks at the young ones: a push makes thousands, nearly all
# of which die by themselves.
YOUNG = 10_000

# The logger asks for settings before the application is loaded.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")


class QuietLogger(Logger):
    """gunicorn's own lines in our form: its errors name the address with its query."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)  # type: ignore[no-untyped-call]
        from django.conf import settings

        lines: logging.Formatter = JsonLines() if settings.PRODUCTION else PlainLines()
        for handler in self.error_log.handlers:
            handler.setFormatter(lines)


def post_fork(_server: Any, _worker: Any) -> None:
    """gunicorn calls this in each new worker. Threads that compute hand over often: a refusal, or a
    sign of life, takes less than a millisecond and must not queue for fives of them.

    What was loaded before the fork stays for good: the collector of garbage, which would look at all
    of it in the middle of some request, is told to leave it out, and to look less often.
    """
    sys.setswitchinterval(0.001)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)


worker_class = "gthread"
workers = 2
threads = THREADS
keepalive = 5
preload_app = True
logger_class = QuietLogger
loglevel = "warning"
