"""Settings from the environment, with defaults that run Stepwise on one machine.

`DATABASE_URL`, `REDIS_URL` and `EMAIL_URL` choose real servers; `STEPWISE_DATA` says where the
embedded files live; `STEPWISE_ENV=production` refuses unsafe values (see `backend.core.production`).
"""

from datetime import timedelta
from pathlib import Path

from backend.core.broker import broker_url
from backend.settings import openapi, pages
from backend.settings.embedded import embedded_database, local_secret
from backend.settings.environment import Environment
from backend.settings.logs import log_settings
from backend.settings.retention import retention

env = Environment()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STEPWISE_ENV = env.str("STEPWISE_ENV", default="development")
PRODUCTION = STEPWISE_ENV == "production"
DATA_DIR = Path(env.str("STEPWISE_DATA", default=str(BASE_DIR / "var"))).resolve()

DEBUG = False
SERVER_VERSION = "0.1.0"
MINIMUM_APP_VERSION = "1.0.0"
STEPWISE_SECRET = env.str("STEPWISE_SECRET_KEY", default="")
SECRET_KEY = STEPWISE_SECRET or local_secret(DATA_DIR, PRODUCTION)
# Keys that were in use before, while what was sealed or signed with them is still about.
SECRET_KEY_FALLBACKS = env.list("STEPWISE_OLD_SECRET_KEYS", default=[])
# Operators show it for /ops/ and /metrics.
OPS_TOKEN = env.str("STEPWISE_OPS_TOKEN", default="")
ALLOW_SQLITE = env.bool("STEPWISE_SQLITE", default=False)
# Whoever asks how we are (systemd, Docker, a proxy) does so on the machine itself, by its own names.
ALLOWED_HOSTS = [*env.list("STEPWISE_HOSTS", default=[]), "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.list("STEPWISE_ORIGINS", default=[])
PORT = env.int("PORT", default=8000)
# The demo clinic is made at the first start; never in production.
DEMO = not PRODUCTION and env.bool("STEPWISE_DEMO", default=True)
PUBLIC_URL = env.str("STEPWISE_PUBLIC_URL", default=f"http://127.0.0.1:{PORT}")

# The order is the house's: an app may import only from those below it.
LOCAL_APPS = [
    "backend.dashboard",
    "backend.simulator",
    "notifications",
    "exercises.sync",
    "exercises.reports",
    "exercises.conversation",
    "exercises.triage",
    "exercises.tracking",
    "exercises.plans",
    "exercises.catalog",
    "backend.accounts",
    "backend.core",
]
INSTALLED_APPS = [
    *LOCAL_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    # Its table is that of the release before (see SESSION_ENGINE).
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "backend.core.calls.CallsMiddleware",  # the API's short way past all others but the last
    "backend.core.middleware.RequestIdMiddleware",
    "backend.core.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backend.core.middleware.ApiErrorMiddleware",
    "backend.core.middleware.CanonicalIdMiddleware",
    "django.middleware.common.CommonMiddleware",
    "backend.core.pages_only.PagesOnlyMiddleware",
    # allauth insists that it be named here.
    "allauth.account.middleware.AccountMiddleware",
]
# Around pages and sign-in, where they are named above; calls of the API pass by.
PAGE_MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backend.accounts.middleware.PageSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "backend.accounts.middleware.SignInMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
# The check for CSRF protection looks into MIDDLEWARE alone; a test looks at the pages.
SILENCED_SYSTEM_CHECKS = ["security.W003"]
APPEND_SLASH = False
ROOT_URLCONF = "backend.urls"
WSGI_APPLICATION = "backend.wsgi.application"
ASGI_APPLICATION = "backend.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]

DATABASES = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'stepwise.sqlite3'}")
}
# A thread keeps its connection for so long; at the first statement of a request it is looked at.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# One request must never hold a connection open in a transaction: reads run in autocommit.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"] |= embedded_database()
# What runs for almost every request is planned once a connection, from its second time on.
elif env.bool("DATABASE_PREPARE", default=True):
    DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 1
# The test suite compares remembered statements with what Django would build.
CHECK_COMPILED = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

# --- how long things are kept (docs/operations/retention.md) --------------------------------
KEEP_DAYS = retention(env)
# Who was erased; on several machines a file that all of them share, outside the database's backups.
ERASURE_LEDGER = Path(env.str("STEPWISE_ERASURES", default=str(DATA_DIR / "erasures.jsonl")))

# --- people -------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["backend.accounts.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "backend.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "backend.accounts.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A mail when a password, an address or a second factor was changed.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
SESSION_ENGINE = "backend.accounts.session_store"
# The phone stays signed in between two long silences; a browser for a working day, and never
# longer than this after the last thing that was done in it.
SESSION_COOKIE_AGE = KEEP_DAYS.sessions * 24 * 3600
PAGES_SESSION = timedelta(hours=12)
PAGES_IDLE = timedelta(minutes=env.int("STEPWISE_IDLE_MINUTES", default=15))
ACCOUNT_SESSION_COOKIE_AGE = int(PAGES_IDLE.total_seconds())
ACCOUNT_SESSION_REMEMBER = True
# Whose address counts for the limits of sign-in: behind n proxies, the n-th from the right.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("STEPWISE_PROXIES", default=0)
HEADLESS_CLIENTS = ("app",)
HEADLESS_TOKEN_STRATEGY = "backend.accounts.authentication.AppTokens"  # noqa: S105  (a class)
HEADLESS_ONLY = False
HEADLESS_SERVE_SPECIFICATION = False
MFA_ADAPTER = "backend.accounts.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey alone signs in: it has to be unlocked by a finger or a code, else it is one factor.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_TOTP_ISSUER = "Stepwise"
# A code that changes while it is typed, or a phone's clock that is a little off (RFC 6238, 5.2).
MFA_TOTP_TOLERANCE = 1
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/dashboard/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION

# No cache on the broker. Only allauth uses it, to let a one-time code work once; the bound is far
# above what that needs.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cacheentry",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

# --- API ----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backend.accounts.authentication.SessionTokenAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "backend.core.schema.OperationSchema",
    "EXCEPTION_HANDLER": "backend.core.problems.handle_exception",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = openapi.DESCRIPTION
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# Nobody uploads files; a form that brings one is refused.
DATA_UPLOAD_MAX_NUMBER_FILES = 0

# --- pages --------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = pages.POLICY
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION
# Those who ask for these stand inside, in front of no proxy.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^ops/", r"^metrics$"]
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- words and time -----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- mail ---------------------------------------------------------------------------------
env.EMAIL_SCHEMES |= {"consolemail": "backend.core.console_mail.ConsoleMail"}
vars().update(env.email("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("STEPWISE_MAIL_FROM", default="Stepwise <stepwise@localhost>")
# Who is mailed when messages do not get out; addresses, separated by commas.
OPERATORS = env.list("STEPWISE_OPERATORS", default=[])

# --- push ---------------------------------------------------------------------------------
# The credentials file of a Firebase project's service account; without one FCM is not used.
FCM_CREDENTIALS = env.str("STEPWISE_FCM_CREDENTIALS", default="")
FCM_URL = env.str("STEPWISE_FCM_URL", default="https://fcm.googleapis.com")
# Web Push: a P-256 key, as PEM or in base64url; in development one is made in STEPWISE_DATA.
VAPID_PRIVATE_KEY = env.str("STEPWISE_VAPID_PRIVATE_KEY", multiline=True, default="")
VAPID_CONTACT = env.str("STEPWISE_VAPID_CONTACT", default="mailto:stepwise@localhost")

# --- Celery: a message is a wake-up with an id; the rows are the truth ----------------------
REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_URL = broker_url(DATA_DIR, REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 3,
    "socket_connect_timeout": 2,
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
# Red flags have a queue of their own; a worker that is told nothing else serves both.
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"celery": {}, "urgent": {}}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 30
CELERY_TASK_SOFT_TIME_LIMIT = 20
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = "UTC"

# --- logs: no health data; rows, requests and messages are never quoted ---------------------
LOGGING = log_settings(env.str("STEPWISE_LOG_LEVEL", default="INFO"), as_json=PRODUCTION)
