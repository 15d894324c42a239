"""The WSGI entry point: `granian --interface wsgi wsgi:app`."""

from feedsvc.app import create_app

app = create_app()
