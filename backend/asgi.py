"""The ASGI entry, for those who run one; the measured choice is WSGI."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")
application = get_asgi_application()
