"""Text: Markdown to safe HTML, plain text of it, slugs, and what XML must never see."""

from __future__ import annotations

import html as entities
import re
import unicodedata
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

ALLOWED_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ALLOWED_SCHEMES = {"http", "https", "mailto"}

# XML 1.0 section 2.2 allows tab, newline, return and the planes above; no control characters,
# no lone surrogates, no U+FFFE and U+FFFF. Bidirectional overrides are legal XML, but let a title
# disguise itself, so they go too.
_ILLEGAL = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)
# White space where a line may break. The other kind is spelling: French has it before a colon.
_SPACES = re.compile("[^\\S\u00a0\u2007\u202f]+")
_POSSESSIVE = re.compile("['’]s\\b")
_SPELT_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "’": " ", "&": " "}
)
_TAG = re.compile(r"<[^>]+>")
_BLOCK_END = re.compile(r"</(?:p|h\d|li|blockquote|tr|pre|ul|ol|table)>|<br ?/?>|<hr ?/?>")


def clean(text: str) -> str:
    """The text without characters that XML forbids, in Unicode form NFC."""
    return unicodedata.normalize("NFC", _ILLEGAL.sub("", text))


def one_line(text: str) -> str:
    """Clean text on one line: for titles, names and mail subjects. No-break spaces stay."""
    return _SPACES.sub(" ", clean(text)).strip()


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table"])


def html(text: str) -> str:
    """Markdown as HTML from the allow list above; raw HTML in the text is shown as text.

    Headings start at level 2: the page's own title is level 1.
    """
    raw = str(_markdown().render(clean(text)))
    raw = re.sub(r"<(/?)h1>", r"<\1h2>", raw)
    return nh3.clean(
        raw,
        tags=ALLOWED_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes=ALLOWED_SCHEMES,
        link_rel="noopener",
    )


@lru_cache(maxsize=1000)  # the texts of what is listed now, of some kB each
def plain(text: str) -> str:
    """Markdown as plain text, one blank line between blocks."""
    stripped = _TAG.sub("", _BLOCK_END.sub("\n\n", html(text)))
    lines = (line.strip() for line in entities.unescape(stripped).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def excerpt(text: str, length: int = 200) -> str:
    """The first words of a Markdown text, at most `length` characters, cut between words."""
    return shortened(one_line(plain(text)), length)


def shortened(words: str, length: int) -> str:
    """At most `length` characters of a line, cut between words."""
    if len(words) <= length:
        return words
    return words[:length].rsplit(" ", 1)[0].rstrip(" ,.;:–-·") + "…"


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens, at most 80 characters: `Été 2024!` -> `ete-2024`.

    A longer text is cut between words. Umlauts are written out, as German does: `Wärme` ->
    `waerme`.
    """
    text = _POSSESSIVE.sub("s", unicodedata.normalize("NFC", text).lower()).translate(_SPELT_OUT)
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
    return words if len(words) <= 80 else words[:81].rpartition("-")[0] or words[:80]
