"""Production refuses to start with unsafe settings and says which."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backend.core.production import refuse_unsafe, unsafe

ROOT = Path(__file__).resolve().parents[3]
SAFE: dict[str, Any] = {
    "STEPWISE_ENV": "production",
    "DEBUG": False,
    "STEPWISE_SECRET": "hV2k9sQ0bX7rT4mN8wZ1cY6uJ3eL5pA0dF9gH2iK4oP7qRs8tU",
    "ALLOWED_HOSTS": ["stepwise.example.org"],
    "PUBLIC_URL": "https://stepwise.example.org",
    "CSRF_TRUSTED_ORIGINS": [],
    "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DEFAULT_FROM_EMAIL": "Stepwise <care@example.org>",
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "ALLOW_SQLITE": False,
    "OPS_TOKEN": "a-token-of-some-length",
}
SQLITE = {"default": {"ENGINE": "django.db.backends.sqlite3"}}


def settings(**changed: Any) -> SimpleNamespace:
    return SimpleNamespace(**{**SAFE, **changed})


def test_safe_settings_start() -> None:
    refuse_unsafe(settings())
    refuse_unsafe(settings(DATABASES=SQLITE, ALLOW_SQLITE=True))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"DEBUG": True}, "DEBUG"),
        ({"STEPWISE_SECRET": ""}, "STEPWISE_SECRET_KEY"),
        ({"STEPWISE_SECRET": "short"}, "STEPWISE_SECRET_KEY"),
        ({"STEPWISE_SECRET": "a" * 60}, "STEPWISE_SECRET_KEY"),
        ({"STEPWISE_SECRET": "django-insecure-" + SAFE["STEPWISE_SECRET"]}, "STEPWISE_SECRET_KEY"),
        ({"ALLOWED_HOSTS": ["*"]}, "STEPWISE_HOSTS"),
        ({"ALLOWED_HOSTS": ["127.0.0.1", "localhost"]}, "STEPWISE_HOSTS"),
        ({"PUBLIC_URL": "http://stepwise.example.org"}, "STEPWISE_PUBLIC_URL"),
        ({"CSRF_TRUSTED_ORIGINS": ["http://stepwise.example.org"]}, "STEPWISE_ORIGINS"),
        ({"ALLAUTH_TRUSTED_PROXY_COUNT": 0}, "STEPWISE_PROXIES"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "EMAIL_URL"),
        ({"DEFAULT_FROM_EMAIL": "Stepwise <stepwise@localhost>"}, "STEPWISE_MAIL_FROM"),
        ({"DATABASES": SQLITE}, "STEPWISE_SQLITE"),
        ({"OPS_TOKEN": "short"}, "STEPWISE_OPS_TOKEN"),
    ],
)
def test_each_unsafe_setting_is_named(changed: Mapping[str, Any], named: str) -> None:
    (problem,) = unsafe(settings(**changed))
    assert named in problem


def test_development_may_do_all_of_it_and_a_misspelt_environment_is_neither() -> None:
    everything = {"STEPWISE_SECRET": "", "ALLOWED_HOSTS": ["*"], "DATABASES": SQLITE}
    assert unsafe(settings(STEPWISE_ENV="development", **everything)) == []
    assert "STEPWISE_ENV" in unsafe(settings(STEPWISE_ENV="prod", **everything))[0]


def start(tmp_path: Path, command: list[str], **environment: str) -> Any:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**kept, "STEPWISE_DATA": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_no_process_starts_and_the_whole_list_is_told(tmp_path: Path) -> None:
    refused = start(tmp_path, ["manage.py", "check"], STEPWISE_ENV="production")
    assert refused.returncode == 1
    for name in ("SECRET_KEY", "HOSTS", "PUBLIC_URL", "PROXIES", "MAIL_FROM", "OPS_TOKEN"):
        assert f"STEPWISE_{name}" in refused.stderr
    assert "EMAIL_URL" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_web_server_refuses_as_commands_do(tmp_path: Path) -> None:
    command = ["-c", "import backend.wsgi"]
    refused = start(tmp_path, command, STEPWISE_ENV="production")
    assert refused.returncode == 1
    assert "STEPWISE_HOSTS" in refused.stderr


def test_a_safe_production_starts(tmp_path: Path) -> None:
    started = start(
        tmp_path,
        ["-c", "import django; django.setup()"],
        DJANGO_SETTINGS_MODULE="backend.settings.base",
        STEPWISE_ENV="production",
        STEPWISE_SECRET_KEY=SAFE["STEPWISE_SECRET"],
        STEPWISE_HOSTS="stepwise.example.org",
        STEPWISE_PUBLIC_URL="https://stepwise.example.org",
        STEPWISE_PROXIES="1",
        STEPWISE_MAIL_FROM="care@example.org",
        STEPWISE_OPS_TOKEN=SAFE["OPS_TOKEN"],
        STEPWISE_SQLITE="yes",
        EMAIL_URL="smtp://127.0.0.1:2525",
    )
    assert started.returncode == 0, started.stderr
