"""The WSGI entry: `gunicorn backend.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from backend.core.outer_wall import OuterWall

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")
application = OuterWall(get_wsgi_application())
