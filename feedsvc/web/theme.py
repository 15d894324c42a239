"""The accent colour of a site, made readable on light and on dark paper. Pure."""

from __future__ import annotations

from functools import lru_cache

from feedsvc.colours import ink_on, readable

LIGHT_PAPER, DARK_PAPER = "#fbfaf7", "#101615"
LIGHT_TINT = "#eef3ef"  # the darkest light ground that links stand on: site.css, --tint
COMFORTABLE = 7.0  # dark grounds ask for more than the minimum to read calmly


@lru_cache(maxsize=64)  # every page names it by its digest, and strangers may ask for any accent
def stylesheet(accent: str) -> str:
    """The site's colours as custom properties, for `/theme.css`."""
    light = readable(accent, LIGHT_TINT)
    dark = readable(accent, DARK_PAPER, COMFORTABLE)
    return (
        "@layer theme {\n  :root {\n"
        f"    --accent: light-dark({light}, {dark});\n"
        f"    --accent-ink: light-dark({ink_on(light)}, {ink_on(dark)});\n"
        "  }\n}\n"
    )
