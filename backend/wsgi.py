"""The WSGI entry: `gunicorn backend.wsgi`.

The checks run here as well, so that unsafe settings or bad content end the start, and so that all
content is read before there are threads.
"""

import os
from io import StringIO

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from backend.core.outer_wall import OuterWall

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")
django_application = get_wsgi_application()
call_command("check", verbosity=0, stdout=StringIO())
application = OuterWall(django_application)
