"""What a document is, by its content; and everything that is none, or more than one thing."""

from __future__ import annotations

import re

import pytest

from feedsvc.content.media import recognise
from feedsvc.errors import Invalid
from tests.support import uploads
from tests.support.uploads import MAIN, ODF, office, pdf

NONE, TWO = "is none that can be handed out", "two kinds of file at once"
DAMAGED, MACROS, BOMB = "damaged or not complete", "holds macros", "unpacks to far more"


@pytest.mark.parametrize("ending", ["pdf", *MAIN, *ODF])
def test_each_kind_is_known_by_its_content(ending: str) -> None:
    data = pdf() if ending == "pdf" else office(ending)
    assert recognise.kind_of(data).ending == ending
    assert recognise.kind_of(data, f"C:\\Users\\me\\Guide.v2.{ending.upper()}").ending == ending


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", NONE),
        (b"MZ\x90\x00", NONE),
        (b"<html><script>alert(1)</script>", NONE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", NONE),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x/>", NONE),
        (b"GIF89a/*" + pdf() + b"*/=1;alert(1)", NONE),
        (b"\n" + pdf(), NONE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "an old Office program"),
        (b"%PDF-1.7\n", DAMAGED),
        (pdf()[:-20], DAMAGED),
        (b"%PDF-1.7 %%EOF", DAMAGED),
        (pdf(b"<!DOCTYPE html><html>"), TWO),
        (pdf(b"<SCRIPT >alert(1)</SCRIPT>\n"), TWO),
        (pdf(after=b"<script>alert(1)</script>"), TWO),
        (pdf(after=uploads.archive({"a.txt": b"a"})), TWO),
        (pdf(uploads.archive({"a.txt": b"a"}, comment=b"x" * 300)), TWO),
        (b"PK\x03\x04", DAMAGED),
        (office()[:-30], DAMAGED),
        (office() + b"<script>alert(1)</script>", TWO),
        (office() + pdf(), TWO),
        (uploads.archive({"a.txt": b"a"}), NONE),
        (uploads.archive({"index.html": b"<script>"}), NONE),
        (uploads.archive({"AndroidManifest.xml": b"", "META-INF/MANIFEST.MF": b""}), NONE),
        (office("docx", {"word/vbaProject.bin": b"x"}), MACROS),
        (office("xlsx", {"xl/VBAPROJECT.BIN": b"x"}), MACROS),
        (office("xlsx", {"xl/macrosheets/sheet1.xml": b"x"}), MACROS),
        (office("odt", {"Basic/Standard/Module1.xml": b"x"}), MACROS),
        (office("ods", {"Scripts/python/x.py": b"x"}), MACROS),
        (office("docx", {"../../etc/cron.d/x": b"x"}), DAMAGED),
        (office("docx", {"/etc/passwd": b"x"}), DAMAGED),
        (office("docx", {"C:\\Windows\\x.dll": b"x"}), DAMAGED),
        (office("docx", {f"m{number}": b"" for number in range(3_001)}), BOMB),
        (office("docx", {"zero.xml": bytes(21_000_000)}), BOMB),
        (office("docx", {"[Content_Types].xml": b" " * 1_000_001}), BOMB),
        (uploads.overlapping(), BOMB),
    ],
)  # fmt: skip
def test_what_is_none_is_refused_in_words(data: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why) as raised:
        recognise.kind_of(data)
    assert [problem.field for problem in raised.value.problems] == ["document"]


def test_macros_are_found_by_their_type_as_well() -> None:
    macro = "application/vnd.ms-word.document.macroEnabled.main+xml"
    data = uploads.archive({"[Content_Types].xml": macro.encode(), "main.xml": b""})
    with pytest.raises(Invalid, match=MACROS):
        recognise.kind_of(data)


def test_an_archive_that_is_locked_is_refused_before_it_is_opened() -> None:
    data = bytearray(office())
    for found in re.finditer(rb"PK\x01\x02", bytes(data)):
        data[found.start() + 8] |= 1
    with pytest.raises(Invalid, match="locked with a password"):
        recognise.kind_of(bytes(data))


@pytest.mark.parametrize(
    "name", ["guide.docx", "guide.html", "guide.pdf.exe", "guide.pdf ", "x.svg", "a/b.pdf\\c.zip"]
)
def test_a_name_that_says_something_else_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="The name ends in"):
        recognise.kind_of(pdf(), name)


@pytest.mark.parametrize("cut", [5, 30, 100, 300, -3, -23])
def test_any_end_of_a_file_that_is_missing_is_found(cut: int) -> None:
    for data in (office("docx"), office("ods"), pdf()):
        if len(data) > abs(cut):
            with pytest.raises(Invalid):
                recognise.kind_of(data[:cut])
