"""The web application: `create_app` is the only place where Flask is wired together."""

from __future__ import annotations

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from feedsvc import clock as system_clock
from feedsvc import settings as configuration
from feedsvc.auth.openid import provider as openid
from feedsvc.auth.openid.provider import Provider
from feedsvc.db import Database
from feedsvc.i18n import ALL
from feedsvc.serving.answers import Served
from feedsvc.settings import KNOWN_LANGUAGES, Settings
from feedsvc.web import admin, assets, context, empty_site, errors, front, security, templating
from feedsvc.web.api import routes as api
from feedsvc.web.api.editor import routes as editor_api
from feedsvc.web.context import Clock, Runtime
from feedsvc.web.counting import Counted
from feedsvc.web.present import Present
from feedsvc.web.public import (
    calls,
    changes,
    clusters,
    embed,
    feed_page,
    feeds,
    fit,
    follow,
    home,
    hub,
    leaving,
    managing,
    media,
    metrics,
    muting,
    namespace,
    news,
    ops,
    own,
    own_feed,
    renewing,
    search,
    share_cards,
    sitemap,
    static_pages,
    stored_data,
)
from feedsvc.web.ready import Ready

# Blueprints with pages in every language (see `web/public/__init__.py`), and those without.
PER_LANGUAGE: tuple[Blueprint, ...] = (
    home.blueprint,
    news.blueprint,
    calls.blueprint,
    changes.blueprint,
    clusters.blueprint,
    search.blueprint,
    fit.blueprint,
    feed_page.blueprint,
    feeds.blueprint,
    share_cards.blueprint,
    namespace.pages,
    follow.blueprint,
    own.blueprint,
    managing.blueprint,
    leaving.blueprint,
    muting.blueprint,
    renewing.blueprint,
    static_pages.blueprint,
    stored_data.blueprint,
    embed.blueprint,
    own_feed.blueprint,
)
ONCE: tuple[Blueprint, ...] = (
    admin.blueprint,
    api.blueprint,
    editor_api.blueprint,
    assets.blueprint,
    hub.blueprint,
    media.blueprint,
    metrics.blueprint,
    namespace.schema,
    ops.blueprint,
    sitemap.blueprint,
)

FORM_OVERHEAD = 1_000_000  # bytes that a form may hold beside its photo


class SlugConverter(BaseConverter):
    """Letters, digits and hyphens: what follows a dot is a feed's format."""

    regex = "[\\w-]{1,200}"


class HexConverter(BaseConverter):
    """Lower-case hex digits."""

    regex = "[0-9a-f]+"


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    provider: Provider | None = None,
) -> Flask:
    """The app for these settings; without any they are read from file and environment.

    `clock` gives the instant of a request: tests hand in a fixed one, and a `provider` that is near.
    Only an app that reads its own settings writes down what it counts: it serves readers.
    """
    serves = settings is None
    settings = settings or configuration.load()
    app = Flask("feedsvc.web", static_folder=None, template_folder="templates")
    app.config.update(
        SECRET_KEY=settings.secret_key or None,
        MAX_CONTENT_LENGTH=settings.upload_limit + FORM_OVERHEAD,
        MAX_FORM_MEMORY_SIZE=FORM_OVERHEAD,
    )
    app.url_map.converters.update(slug=SlugConverter, hex=HexConverter)
    db = Database(settings.effective_database_url)
    runtime = Runtime(
        settings=settings,
        db=db,
        clock=clock or system_clock.now,
        present=Present(db),
        counted=Counted(db, writes=serves),
        provider=provider or openid.of(settings),
    )
    context.install(app, runtime)
    empty_site.install(app)
    security.install(app)
    templating.install(app)
    errors.install(app)
    _register(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    front.install(app, runtime)
    return app


def create_served() -> Served:
    """What `feedsvc serve` serves: the front, on the event loop and in threads."""
    app = create_app()
    found, runtime = app.wsgi_app, app.extensions["feedsvc"]
    assert isinstance(found, front.Front)
    return Served(found, Ready(found), runtime.settings.batch_limit + FORM_OVERHEAD)


def _register(app: Flask) -> None:
    """Every known language has its addresses: which the site speaks is decided while it runs."""
    for blueprint in ONCE:
        app.register_blueprint(blueprint)
    for blueprint in PER_LANGUAGE:
        app.register_blueprint(blueprint)
        for language in KNOWN_LANGUAGES:
            app.register_blueprint(
                blueprint, url_prefix=f"/{language}", name=f"{blueprint.name}_{language}"
            )
    app.register_blueprint(feeds.blueprint, url_prefix=f"/{ALL}", name=f"feeds_{ALL}")
