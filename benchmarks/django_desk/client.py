"""Ask for the list in this process, as somebody who is signed in."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

from sqlalchemy import make_url

from benchmarks.result import Missing

LIST = "/admin/django_desk/entry/"
NEEDED = 'needs Django: pip install "django>=5.2,<6"'


def opened(url: str) -> Callable[[str], str]:
    """A browser of the list over that database; it is given a query and gives the page.

    Raises: Missing.
    """
    if importlib.util.find_spec("django") is None:
        raise Missing(NEEDED)
    import django  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    if settings.configured:  # the second database of a run
        connections["desk"].close()
        connections.settings["desk"].update(_database(url))
        del connections["desk"]
    else:
        settings.configure(**_settings(url))
        django.setup()
    browser = _browser()

    def ask(query: str) -> str:
        answer = browser.get(f"{LIST}?{query}")
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    return ask


def _browser() -> Any:
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    person = User.objects.filter(username="ana").first()
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(person or User.objects.create_superuser("ana", password="x"))
    return browser


def _database(url: str) -> dict[str, Any]:
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.database}
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.database, "USER": parts.username,
        "PASSWORD": parts.password or "", "HOST": parts.query.get("host", parts.host),
        "PORT": parts.port or "", "CONN_MAX_AGE": None,
    }  # fmt: skip


def _settings(url: str) -> dict[str, Any]:
    contrib = ("admin", "auth", "contenttypes", "messages", "sessions", "staticfiles")
    processors = ("template", "contrib.auth", "contrib.messages")
    names = {"template": "request", "contrib.auth": "auth", "contrib.messages": "messages"}
    return {
        "SECRET_KEY": "known to every benchmark",
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "ROOT_URLCONF": "benchmarks.django_desk.urls",
        "USE_TZ": True,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "DATABASES": {
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
            "desk": _database(url),
        },
        "DATABASE_ROUTERS": ["benchmarks.django_desk.models.Router"],
        "INSTALLED_APPS": [*(f"django.contrib.{name}" for name in contrib), "benchmarks.django_desk"],
        "STATIC_URL": "/static/",
        "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
        "MIDDLEWARE": [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        "TEMPLATES": [{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": [
                f"django.{name}.context_processors.{names[name]}" for name in processors
            ]},
        }],
    }  # fmt: skip
