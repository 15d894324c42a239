"""What kind of document some bytes are: by what is in them, never by their name. Pure.

Nothing that could be two things at once passes: a PDF begins with its mark and ends with it, an
office file is an archive from its first byte to its last. Archives are measured before anything in
them is unpacked, and next to nothing is.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from feedsvc.content.media import acting
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_


@dataclass(frozen=True)
class Kind:
    """A kind of document: what programs call it, and people; and how its archive shows it."""

    ending: str
    media_type: str
    name: str
    mark: str = ""


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_KINDS = (
    Kind("pdf", "application/pdf", "PDF"),
    Kind("docx", f"{_OOXML}wordprocessingml.document", "Word"),
    Kind("xlsx", f"{_OOXML}spreadsheetml.sheet", "Excel"),
    Kind("pptx", f"{_OOXML}presentationml.presentation", "PowerPoint"),
    Kind("odt", f"{_ODF}text", "ODT"),
    Kind("ods", f"{_ODF}spreadsheet", "ODS"),
    Kind("odp", f"{_ODF}presentation", "ODP"),
)
KINDS = {kind.ending: kind for kind in _KINDS}

LOCAL_HEADER, DIRECTORY, END_OF_ARCHIVE = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # of before 2007, and of what is locked since
MOST_MEMBERS = 3_000
MOST_UNPACKED = 300_000_000  # bytes
MOST_RATIO, RATIO_FROM = 150, 20_000_000  # text packs well; an archive of megabytes of it is a bomb
MOST_READ = 1_000_000  # of the one member that says what the archive is
TYPES, MIMETYPE, MANIFEST = "[Content_Types].xml", "mimetype", "META-INF/manifest.xml"
_MACROS = re.compile(
    r"(^|/)(vbaproject[^/]*|vbadata\.xml|macrosheets/.*)$|^(basic|scripts)/.", re.IGNORECASE
)
_PAGES = re.compile(rb"<(?:!doctype\s+html|html|script|svg|body|head|iframe)[\s>]", re.IGNORECASE)
_HEAD, _TAIL = 1024, 1024

NO_DOCUMENT = N_("This file is none that can be handed out. Choose a PDF, or a document of Word, Excel, PowerPoint or LibreOffice.")  # fmt: skip
TWO_THINGS = N_("This file is two kinds of file at once. Save it anew and choose it again.")
BROKEN = N_("This file is damaged or not complete. Save it anew and choose it again.")
MACROS = N_("This file holds macros. Save it without them: as .docx, .xlsx, .pptx or PDF.")
ACTS = N_("This PDF starts another program, or calls a server, when somebody opens it. Print it into a new PDF, or link to it instead.")  # fmt: skip
FETCHES = N_("This file has a template or another part fetched from a server when somebody opens it. Attach a template of your own, or save it as PDF.")  # fmt: skip
LOCKED = N_("This file is locked with a password. Save it without one.")
OLD = N_("This is a file of an old Office program, or one that is locked with a password. Save it as .docx, .xlsx, .pptx or PDF, without a password.")  # fmt: skip
BOMB = N_("This file unpacks to far more than a document holds. It is not taken.")
OTHER_NAME = N_("The name ends in “.%(ending)s”, but the content is that of a “.%(kind)s” file. Save it under the right name.")  # fmt: skip


def kind_of(data: bytes, label: str = "") -> Kind:
    """The kind, of the content and of the name that came with it alike.

    Raises: Invalid (field `document`), with what to do about it.
    """
    if data.startswith(b"%PDF-"):
        kind = _pdf(data)
    elif data.startswith(LOCAL_HEADER):
        kind = _archive(data)
    else:
        raise _refused(OLD if data.startswith(OLD_OFFICE) else NO_DOCUMENT)
    ending = PurePosixPath(label.replace("\\", "/")).suffix.lower().removeprefix(".")
    if ending and ending != kind.ending:
        raise _refused(OTHER_NAME, ending=ending[:12], kind=kind.ending)
    return kind


def _pdf(data: bytes) -> Kind:
    """A PDF that is nothing else (ISO 32000-1 sections 7.5.2 and 7.5.5)."""
    end = data.rfind(b"%%EOF", -_TAIL)
    if end < 0 or b"startxref" not in data[max(end - _TAIL, 0) : end]:
        raise _refused(BROKEN)
    if data[end + 5 :].strip(b"\r\n\t \0") or _PAGES.search(data[:_HEAD]) or _is_archive(data):
        raise _refused(TWO_THINGS)
    _look_into(data)
    return KINDS["pdf"]


def runs(data: bytes, kind: Kind) -> bool:
    """Whether a document that was taken holds a program: of a PDF, that is said and not refused."""
    return kind.ending == "pdf" and acting.runs(data)


def _look_into(data: bytes) -> None:
    if acting.is_locked(data):
        raise _refused(LOCKED)
    try:
        acts = acting.acts(data)
    except acting.TooMuch:
        raise _refused(BOMB) from None
    if acts:
        raise _refused(ACTS)


def _archive(data: bytes) -> Kind:
    if not _ends_as_archive(data):
        raise _refused(BROKEN if END_OF_ARCHIVE not in data else TWO_THINGS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _measure(archive, len(data))
            return _office(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, ValueError, struct.error, OSError, KeyError):  # fmt: skip
        raise _refused(BROKEN) from None


def _is_archive(data: bytes) -> bool:
    """Whether a program that looks for an archive from the end would find one."""
    place = data.rfind(END_OF_ARCHIVE, -(65_535 + 22))
    if not 0 <= place <= len(data) - 22:
        return False
    size = struct.unpack_from("<L", data, place + 12)[0]
    return data[max(place - size, 0) :].startswith((DIRECTORY, END_OF_ARCHIVE))


def _ends_as_archive(data: bytes) -> bool:
    """Whether an end of archive, with its comment, is the very end (APPNOTE.TXT section 4.3.16)."""
    place = data.rfind(END_OF_ARCHIVE, -(65_535 + 22))
    return 0 <= place <= len(data) - 22 and (
        place + 22 + struct.unpack_from("<H", data, place + 20)[0] == len(data)
    )


def _measure(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse what is not a plain archive that begins at the first byte, and bombs of any make."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise _refused(BOMB)
    if any(member.flag_bits & 1 for member in members):
        raise _refused(LOCKED)
    places = [member.header_offset for member in members]
    if not members or min(places) != 0:
        raise _refused(TWO_THINGS)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED or (unpacked > RATIO_FROM and unpacked > MOST_RATIO * size):
        raise _refused(BOMB)
    # Members that lie on each other are how a small archive unpacks to petabytes.
    if len(set(places)) < len(places) or sum(member.compress_size for member in members) > size:
        raise _refused(BOMB)
    names = [member.filename for member in members]
    if len(set(names)) < len(names) or any(map(_leads_astray, names)):
        raise _refused(BROKEN)


def _leads_astray(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith("/") or ".." in parts or "\\" in name or ":" in parts[0]


def _office(archive: zipfile.ZipFile) -> Kind:
    names = archive.namelist()
    if any(_MACROS.search(name) for name in names):
        raise _refused(MACROS)
    if any(acting.is_fetched(_text(archive, name)) for name in names if name.endswith(".rels")):
        raise _refused(FETCHES)
    if TYPES in names:
        return _ooxml(_text(archive, TYPES))
    if names[0] == MIMETYPE:
        return _odf(archive)
    raise _refused(NO_DOCUMENT)


def _ooxml(types: str) -> Kind:
    """By the type of its main part (ECMA-376 part 2, section 10.1.2)."""
    if "macroenabled" in types.lower() or "vbaproject" in types.lower():
        raise _refused(MACROS)
    found = [kind for kind in _KINDS if f'"{kind.media_type}.main+xml"' in types]
    if len(found) != 1:
        raise _refused(NO_DOCUMENT)
    return found[0]


def _odf(archive: zipfile.ZipFile) -> Kind:
    """By its first member, which is stored as it is (OpenDocument 1.3, part 2, section 3.3)."""
    said = _text(archive, MIMETYPE).strip()
    found = next((kind for kind in _KINDS if kind.media_type == said), None)
    if found is None or MANIFEST not in archive.namelist():
        raise _refused(NO_DOCUMENT)
    return found


def _text(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as member:
        read = member.read(MOST_READ + 1)
    if len(read) > MOST_READ:
        raise _refused(BOMB)
    return read.decode("utf-8")


def _refused(message: str, **values: object) -> Invalid:
    return Invalid(Problem("document", message, tuple(values.items())))
