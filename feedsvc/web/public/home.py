"""The front page: what closes next, and the latest news."""

from __future__ import annotations

from flask import Blueprint

from feedsvc.web import context
from feedsvc.web.context import Page

blueprint = Blueprint("home", __name__, template_folder="templates")


@blueprint.get("/")
def home() -> str:
    page = Page(title=context.settings().site_name, path="/", section="home")
    return context.render("public/home.html", page=page)
