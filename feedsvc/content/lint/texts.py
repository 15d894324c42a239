"""What may be amiss in the texts of an entry, be it news or a call. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from feedsvc import markup
from feedsvc.content import rules
from feedsvc.content.edits import EntryEdit, TextEdit
from feedsvc.content.lint import readability
from feedsvc.content.lint.finding import Finding, Names, note, warning
from feedsvc.i18n import N_

TITLE_FOR_READERS = 110  # what feed readers and mail programs show of a line
SUMMARY_FOR_LISTS = 400
BEGINNING = 60


@dataclass(frozen=True, kw_only=True)
class Known:
    """What an edit does not say itself: the site's languages, and since when texts are behind."""

    languages: Sequence[str]
    stale: Mapping[str, date] = field(default_factory=dict)


def of(edit: EntryEdit, known: Known) -> list[Finding]:
    """The findings of the texts, and of where the entry belongs."""
    return [*_missing(edit, known), *_each(edit, known), *_belonging(edit)]


def parts(text: TextEdit) -> Iterator[tuple[str, str]]:
    """Each field of a text with its words in plain letters."""
    yield "title", text.title
    for name, written in (
        ("summary", text.summary), ("body", text.body), *text.sections.items(),
    ):  # fmt: skip
        if written.strip():
            yield name, markup.plain(written)


def _missing(edit: EntryEdit, known: Known) -> Iterator[Finding]:
    missing = tuple(code for code in known.languages if code not in edit.texts)
    if missing and edit.texts:
        yield warning(
            f"texts.{missing[0]}",
            N_("It is not written in %(languages)s yet."),
            N_("Readers there see another language, marked as such: translate it."),
            languages=Names(missing),
        )


def _each(edit: EntryEdit, known: Known) -> Iterator[Finding]:
    for code, text in edit.texts.items():
        place = f"texts.{code}"
        if code in known.stale:
            yield warning(
                f"{place}.title",
                N_("The text in %(language)s may be behind: what it goes by changed on %(day)s."),
                N_("Bring it up to date, or tick that it stands as it is."),
                language=Names((code,)), day=known.stale[code],
            )  # fmt: skip
        yield from _lengths(place, code, text)
        yield from _picture(place, code, edit)
        yield from _reading(place, code, text)


def _lengths(place: str, code: str, text: TextEdit) -> Iterator[Finding]:
    language = Names((code,))
    if len(text.title) > TITLE_FOR_READERS:
        yield note(
            f"{place}.title",
            N_("The title in %(language)s is %(length)s characters long."),
            N_("Feed readers and mail programs cut it: say the rest in the summary."),
            language=language, length=len(text.title),
        )  # fmt: skip
    if not text.summary.strip():
        yield note(
            f"{place}.summary",
            N_("There is no summary in %(language)s."),
            N_("Lists, feeds and mails show the first words of the text: write one or two sentences."),
            language=language,
        )  # fmt: skip
    elif len(text.summary) > SUMMARY_FOR_LISTS:
        yield note(
            f"{place}.summary",
            N_("The summary in %(language)s is %(length)s characters long."),
            N_("Lists and mails show all of it: two sentences are enough."),
            language=language, length=len(text.summary),
        )  # fmt: skip


def _picture(place: str, code: str, edit: EntryEdit) -> Iterator[Finding]:
    if edit.photo_id is not None and not rules.is_described(edit, code):
        yield warning(
            f"{place}.photo_alt",
            N_("The photo has no description in %(language)s."),
            N_("Say what it shows, for readers who do not see it."),
            language=Names((code,)),
        )


def _reading(place: str, code: str, text: TextEdit) -> Iterator[Finding]:
    for name, plain in parts(text):
        found = readability.of(plain) if name != "title" else None
        if found is None:
            continue
        if found.longest:
            yield note(
                f"{place}.{name}",
                N_("A sentence has more than %(most)s words: “%(beginning)s”"),
                N_("Make two of it."),
                most=readability.LONG_SENTENCE,
                beginning=markup.shortened(found.longest, BEGINNING),
            )
        if found.is_hard(code):
            yield note(
                f"{place}.{name}",
                N_("This text in %(language)s is hard to read (LIX %(index)s)."),
                N_("Shorter sentences and everyday words help, above all who reads in a foreign language."),
                language=Names((code,)), index=found.index,
            )  # fmt: skip


def _belonging(edit: EntryEdit) -> Iterator[Finding]:
    if not edit.clusters:
        yield note(
            "clusters",
            N_("It belongs to no cluster."),
            N_("Nobody who follows a cluster will see it: choose one."),
        )
