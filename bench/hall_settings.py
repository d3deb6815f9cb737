"""The product's settings, but for the names of its styles: those that `make run` writes down carry
what is in them, and to write them down takes half a minute."""

from backend.settings.base import *  # noqa: F403  (all but what follows)
from backend.settings.base import STORAGES

PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": PLAIN}}
