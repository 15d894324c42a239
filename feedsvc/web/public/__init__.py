"""The public pages. How routes, languages and addresses fit together:

1. A module exposes `blueprint = Blueprint(name, __name__, template_folder="templates")` with its
   routes spelled **without** a language prefix; `app.py` registers it once for each language:
   the default at the root, the others under `/fr`, `/de` (their endpoints get the suffix `_fr`).
2. The language of a request is its path's prefix and nothing else: ask `context.lang()`.
3. Links are built by `feedsvc.urls` and `context.path(local_path)`, never by `url_for`, so that
   one function serves every language. In templates: `{{ path("/calls/") }}`; absolute links by
   `context.site().absolute(local_path, language)`.
4. `now` is `context.now()`: read once for a request. The database is `context.db()`.
5. Slugs in routes use the converter `slug` (no dot, no slash), so that `/calls/<slug:slug>` and
   `/calls/<slug:slug>.ics` never meet: `@blueprint.get("/calls/<slug:slug>.ics")`.
6. Nothing public opens a session or sets a cookie. A public POST begins with
   `security.require_same_origin()` (RFC 8058 one-click excepted).
7. Templates live in `templates/<area>/` of their owner and extend `layout.html`; strings go
   through `_()` and `ngettext()`. Render them with `context.render(template, page=Page(...), ...)`.
"""
