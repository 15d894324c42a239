"""What a document is, by its content; and everything that is none, or more than one thing."""

from __future__ import annotations

import re
import zlib

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


ACTS, FETCHES = "starts another program, or calls a server", "fetched from a server"
PACKED = b"7 0 obj<</Type/ObjStm/N 1/First %d/Filter/FlateDecode>>stream\r\n%b\nendstream endobj\n"


def packed(one: bytes) -> bytes:
    """Two objects, 5 and 6, packed into one."""
    head = b"5 0 6 %d " % len(one)
    return PACKED % (len(head), zlib.compress(head + one + b"<</S/URI/URI(https://a.example/)>>"))


@pytest.mark.parametrize(
    "body",
    [
        b"5 0 obj<</AA<</O<</S/Launch/F(cmd.exe)>>>>>>endobj\n",
        packed(b"<</S/L#61unch/F(x)>>"),
        packed(b"<</OpenAction 6 0 R>>"),
        b"".join(b"5 0 obj<</OpenAction %d 0 R>>endobj\n" % number for number in range(11)),
        b"5 0 obj<</OpenAction<</S/URI/URI(https://a.example/)>>>>endobj\n",
        b"5 0 obj<</OpenAction 6 0 R>>endobj\n6 0 obj<</S/#53ubmitForm/F(x)>>endobj\n",
    ],
)
def test_a_pdf_that_acts_by_itself_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid, match=ACTS):
        recognise.kind_of(pdf(body))


@pytest.mark.parametrize(
    ("body", "runs"),
    [
        (b"5 0 obj<</S/JavaScript/JS(app.alert\\(1\\))>>endobj\n", True),
        (b"5 0 obj<</Names<</J#61vaScript 6 0 R>>>>endobj\n", True),
        (packed(b"<</S/Rendition/JS(x)>>"), True),
        (b"5 0 obj<</T(About /JavaScripting)>>stream\n\x8a/JS \nendstream endobj\n", False),
    ],
)
def test_a_pdf_that_holds_a_program_is_taken_and_that_is_said(body: bytes, runs: bool) -> None:
    data = pdf(body)
    assert recognise.runs(data, recognise.kind_of(data)) is runs


@pytest.mark.parametrize(
    "body",
    [
        b"5 0 obj<</OpenAction[3 0 R/XYZ null null 0]/Lang(en)>>endobj\n",  # as LibreOffice writes
        b"5 0 obj<</OpenAction 6 0 R>>endobj\n6 0 obj<</S/GoTo/D[3 0 R/Fit]>>endobj\n",
        b"5 0 obj<</A<</S/URI/URI(https://fund.example/)>>>>endobj\n",
        packed(b"<</A<</S/URI/URI(https://fund.example/)>>>>"),
        PACKED % (4, b"not packed at all"),
    ],
)
def test_a_pdf_with_links_and_a_first_page_is_taken(body: bytes) -> None:
    assert recognise.kind_of(pdf(body)).ending == "pdf"


def test_a_pdf_that_nobody_can_look_into_is_refused() -> None:
    with pytest.raises(Invalid, match="locked with a password"):
        recognise.kind_of(pdf(b"8 0 obj<</Encrypt 9 0 R>>endobj\n"))
    with pytest.raises(Invalid, match=BOMB):
        recognise.kind_of(pdf(packed(bytes(30_000_001))))


@pytest.mark.parametrize(
    ("kind", "target", "is_refused"),
    [
        ("attachedTemplate", "https://evil.example/a.dotm", True),
        ("attachedTemplate", "&#104;ttp://evil.example/a.dotm", True),
        ("attachedTemplate", "\\\\10.0.0.1\\share\\a.dotx", True),
        ("attachedTemplate", "file://server/share/a.dotx", True),
        ("attachedTemplate", "file:///\\\\server\\a.dotx", True),
        ("oleObject", "mhtml:https://evil.example/x!x-usc:https://evil.example/x", True),
        ("attachedTemplate", "file:///C:\\Templates\\Letter.dotx", False),
        ("attachedTemplate", "Normal.dotm", False),
        ("hyperlink", "https://fund.example/", False),
    ],
)
def test_a_template_of_another_server_is_refused(kind: str, target: str, is_refused: bool) -> None:
    tag = f"<Relationship TargetMode='External' Id='r1' Type='http://x/{kind}' Target='{target}'/>"
    data = office("docx", {"word/_rels/settings.xml.rels": tag.encode()})
    if not is_refused:
        assert recognise.kind_of(data).ending == "docx"
        return
    with pytest.raises(Invalid, match=FETCHES):
        recognise.kind_of(data)


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
