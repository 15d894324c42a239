"""The texts that the catalogues have to translate. `make messages` runs this file.

Marked are the usual calls (`_`, `gettext`, `ngettext`, `N_`), and besides them what the domain's
errors and problems say: every subclass of `FeedsvcError` takes its sentence as first argument.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from feedsvc.errors import FeedsvcError
from feedsvc.i18n import LOCALE_PATH
from feedsvc.settings import KNOWN_LANGUAGES, BadSetting
from tests.support import schema

SOURCE = LOCALE_PATH.parent
SOURCE_LANGUAGE = "en"
TRANSLATED = tuple(code for code in KNOWN_LANGUAGES if code != SOURCE_LANGUAGE)
OPERATORS_ONLY = (BadSetting,)
METHODS = [("**.py", "python"), ("**/templates/**", "jinja2.ext:babel_extract")]
TEMPLATE_OPTIONS = {"trimmed": "true", "silent": "false", "trim_blocks": "true"}
# A date that changes with every run would make every run a change.
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


def path(language: str) -> Path:
    return LOCALE_PATH / language / "LC_MESSAGES" / "messages.po"


def held(language: str) -> Catalog:
    """The committed catalogue of that language; an empty one when there is none."""
    if not path(language).exists():
        return Catalog(language)
    with path(language).open("rb") as source:
        return read_po(source, locale=language)


def found() -> Catalog:
    """Every marked text of the program and its templates."""
    catalogue = Catalog(project="feedsvc", version="", charset="utf-8", creation_date=WRITTEN)
    extracted = extract_from_dir(
        SOURCE,
        method_map=METHODS,
        options_map={"**/templates/**": TEMPLATE_OPTIONS},
        keywords=_keywords(),
        comment_tags=("Translators:",),
        strip_comment_tags=True,
    )
    for name, _line, message, comments, context in extracted:
        catalogue.add(message, None, [(name, 1)], auto_comments=comments, context=context)
    return catalogue


def _keywords() -> dict[str, tuple[int, ...] | None]:
    schema.load()
    errors = [kind for kind in _subclasses(FeedsvcError) if kind not in OPERATORS_ONLY]
    return {
        "_": None,
        "N_": None,
        "gettext": None,
        "ngettext": (1, 2),
        "Problem": (2,),
        **{kind.__name__: (1,) for kind in errors},
    }


def _subclasses(kind: type[FeedsvcError]) -> list[type[FeedsvcError]]:
    return [sub for direct in kind.__subclasses__() for sub in (direct, *_subclasses(direct))]


def update() -> None:
    """Bring every catalogue up to date: new texts are added empty, unused ones dropped."""
    template = found()
    for language in TRANSLATED:
        catalogue = held(language)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        catalogue.project, catalogue.version, catalogue.fuzzy = "feedsvc", "", False
        catalogue.creation_date = catalogue.revision_date = WRITTEN
        path(language).parent.mkdir(parents=True, exist_ok=True)
        with path(language).open("wb") as target:
            write_po(target, catalogue, width=100, sort_output=True, include_lineno=False)
        missing = sum(1 for message in catalogue if message.id and not message.string)
        print(f"{language}: {len(catalogue)} texts, {missing} to translate")


if __name__ == "__main__":
    update()
