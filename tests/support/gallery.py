"""Pictures of every kind of page, for `docs/gallery.md`. `make gallery` runs this file.

The site is the demo at a fixed time. Each kind of page is shown in four windows, so that what is
wide, narrow, light, dark, French and German is seen by whoever looks through the gallery.
"""

from __future__ import annotations

import io
import logging
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from feedsvc.app import create_app
from feedsvc.db import Database
from feedsvc.demo.load import load
from feedsvc.settings import Settings
from tests.support import chromium, live, schema
from tests.support.chromium import Reader
from tests.support.clock import FixedClock

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "gallery"
MOST_BYTES = 1_500_000  # of all pictures together
QUALITY = 52
SHOWN_WIDTH = 720  # pixels: wider windows are drawn smaller
# In these words the page of a call, an article and a cluster have the same address in each language:
# an address of another language leads on.
KINDS = {
    "home": "/",
    "calls": "/calls/?cluster=cleantech&status=open",
    "call": "/calls/circular-use-of-recovered-process-heat",
    "news": "/news/",
    "article": "/news/clusters-a-reform-that-puts-companies-first",
    "cluster": "/clusters/cleantech",
    "search": "/search?q=heat",
    "feeds": "/feeds/",
    "subscribe": "/subscribe?cluster=cleantech",
    "changes": "/changes/",
    "about": "/about",
    "embed": "/embed?cluster=cleantech",
}


@dataclass(frozen=True)
class Window:
    """A width in CSS pixels, the colours, the language, and how much of the page is shown."""

    width: int
    dark: bool
    prefix: str
    height: int

    @property
    def name(self) -> str:
        return f"{self.width}-{'dark' if self.dark else 'light'}"


WINDOWS = (
    Window(1280, False, "", 1250),
    Window(768, True, "/de", 1250),
    Window(390, False, "/fr", 1100),
    Window(320, True, "/de", 1100),
)


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """The demo on a free port, at the time of the tests."""
    clock = FixedClock()
    settings = Settings(
        instance_path=folder,
        database_url=f"sqlite:///{folder / 'gallery.sqlite3'}",
        base_url="https://calls.agency.example",
        secret_key="for pictures only",
    )
    schema.create(settings.database_url)
    db = Database(settings.database_url)
    with db.begin() as session:
        load(session, settings=settings, now=clock())
    app = create_app(settings, clock=clock)
    try:
        with live.served(lambda _: app) as url:
            yield url
    finally:
        app.extensions["feedsvc"].db.close()
        db.close()


def picture(reader: Reader, address: str, window: Window) -> bytes:
    """The upper part of a page as WebP."""
    reader.width(window.width)
    reader.dark(window.dark)
    reader.driver.get(address)
    shot = reader.driver.execute_cdp_cmd(
        "Page.captureScreenshot",
        {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": window.width, "height": window.height, "scale": 1},
        },
    )
    image = Image.open(io.BytesIO(b64decode(shot["data"]))).convert("RGB")
    image.thumbnail((SHOWN_WIDTH, window.height))
    out = io.BytesIO()
    image.save(out, "WEBP", quality=QUALITY, method=6)
    return out.getvalue()


def take() -> dict[str, bytes]:
    """Every picture by its file name."""
    with (
        tempfile.TemporaryDirectory() as folder,
        site(Path(folder)) as url,
        chromium.running(Path(folder) / "chromium") as reader,
    ):
        return {
            f"{kind}-{window.name}.webp": picture(reader, url + window.prefix + path, window)
            for kind, path in KINDS.items()
            for window in WINDOWS
        }


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # no line for each request
    pictures = take()
    total = sum(map(len, pictures.values()))
    if total > MOST_BYTES:
        raise SystemExit(f"the pictures have {total:,} bytes together, more than {MOST_BYTES:,}")
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    for name, content in pictures.items():
        (FOLDER / name).write_bytes(content)
    print(f"{len(pictures)} pictures, {total:,} bytes in {FOLDER}")


if __name__ == "__main__":
    main()
