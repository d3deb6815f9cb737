"""Settings of the test suite: the production ones, on a database and mailbox made for the tests."""

import atexit
import os
import shutil
import tempfile

if "STEPWISE_DATA" not in os.environ:
    # Parallel test workers inherit the directory; the process that made it removes it.
    os.environ["STEPWISE_DATA"] = tempfile.mkdtemp(prefix="stepwise-test-")
    atexit.register(shutil.rmtree, os.environ["STEPWISE_DATA"], ignore_errors=True)
os.environ.setdefault("STEPWISE_SECRET_KEY", "a key for tests only, never used outside of them")

from backend.settings.base import *

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, so that the threads of a test meet in it as processes do.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
# A connection that outlives its thread would keep the test database from being dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0
CHECK_COMPILED = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The manifest needs `collectstatic`; a live test server serves the files straight from the apps.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
# WhiteNoise warns about a missing directory, and warnings are errors here.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
