"""The WSGI entry point for other servers than `feedsvc serve`: `gunicorn --threads 4 wsgi:app`."""

from feedsvc.app import create_app

app = create_app()
