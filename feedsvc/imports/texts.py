"""Mend the texts of other people's files, and write them as Markdown. Pure."""

from __future__ import annotations

import html
import re

from feedsvc.markup import clean, one_line

# What UTF-8 looks like after it was read as Windows-1252: “beneficiariesâ€™”, “SociÃ©tÃ©”.
_MOJIBAKE = re.compile("[ÂÃâ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,12});")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|h\d)\s*>", re.IGNORECASE)
_LOST_BREAK = re.compile(r"(?<=[.\s])(?:rn){2,}(?=[A-Z])")  # \\r\\n whose backslashes were lost
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
_BLOCK_START = re.compile(r"^(\d{0,9})([#+=.)-])", re.ASCII)
_BULLET = re.compile(r"^\s*[-•*–]\s+")
_HEADING = re.compile(r"^[A-Z][A-Za-z ]{2,38}:$")


def repaired(text: str) -> str:
    """The text without invisible characters, entities and, where that is sure, mojibake."""
    text = _INVISIBLE.sub("", text)
    if _MOJIBAKE.search(text):
        text = _decoded_again(text)
    return html.unescape(text) if _ENTITY.search(text) else text


def line(text: str) -> str:
    """A repaired text on one line, without tags: for titles and names."""
    return one_line(_TAG.sub(" ", repaired(text)))


def paragraphs(text: str) -> str:
    """A repaired text in its lines, without tags."""
    text = _TAG.sub("", _BREAK.sub("\n", _LOST_BREAK.sub("\n\n", repaired(text))))
    lines = (" ".join(part.split()) for part in clean(text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def markdown(text: str) -> str:
    """Plain paragraphs as Markdown that shows the same: its own signs are escaped.

    Lines that begin with a bullet become lists, and labels that stand alone become headings.
    """
    out: list[str] = []
    in_list = False
    for part in text.splitlines():
        bullet = bool(_BULLET.match(part))
        if out and bullet != in_list and out[-1]:
            out.append("")
        in_list = bullet
        out.append(_markdown_line(part, bullet))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out))


def _markdown_line(part: str, bullet: bool) -> str:
    if bullet:
        return f"- {_escaped(_BULLET.sub('', part))}"
    return f"## {part[:-1]}\n" if _HEADING.match(part) else _escaped(part)


def _escaped(part: str) -> str:
    """The line without a sign that means something: numbers and dashes start no list of ours."""
    return _BLOCK_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", part))


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` characters, cut between words and marked as cut."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    words = kept.rsplit(" ", 1)[0] if " " in kept else kept
    return words.rstrip(" ,.;:–-") + "…"


def teaser(text: str, limit: int = 300) -> str:
    """The first words of plain paragraphs, without the label that often stands first."""
    lines = text.splitlines()
    while lines and (not lines[0] or _HEADING.match(lines[0])):
        lines.pop(0)
    return cut(one_line(" ".join(_BULLET.sub("", part) for part in lines)), limit)


def _decoded_again(text: str) -> str:
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text  # not sure: better the source's own damage than ours
