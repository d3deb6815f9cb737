"""The peer's settings: ours, with its two paths and the one middleware that allauth insists on."""

from backend.settings.base import *  # noqa: F403  (all but what follows)

ROOT_URLCONF = "bench.peer"
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
