"""Colours that can be read: contrast, inks, and shades of one hue. Pure.

Contrast is that of WCAG 2.2: text needs 4.5 to 1 against its ground.
"""

from __future__ import annotations

import colorsys

INKS = ("#ffffff", "#06201a")
TEXT_CONTRAST = 4.5
CALM_SATURATION = 0.55
STEP = 0.01

Channels = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """The ink, light or dark, that reads better on that colour."""
    return max(INKS, key=lambda ink: contrast(ink, colour))


def readable(colour: str, ground: str, ratio: float = TEXT_CONTRAST) -> str:
    """The nearest colour of that hue that reads as text on `ground`."""
    hue, light, saturation = colorsys.rgb_to_hls(*_channels(colour))
    dark = _luminance(ground) < 0.2
    step = STEP if dark else -STEP
    # A colour that only becomes lighter glares from dark paper; a paler one reads calmly.
    saturation = min(saturation, CALM_SATURATION) if dark else saturation
    while contrast(colour, ground) < ratio and 0 <= light <= 1:
        light += step
        colour = _hex(colorsys.hls_to_rgb(hue, min(max(light, 0), 1), saturation))
    return colour


def mix(colour: str, other: str, share: float) -> str:
    """`share` of the first colour, the rest of the second."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    red, green, blue = (one * share + two * (1 - share) for one, two in pairs)
    return _hex((red, green, blue))


def is_colour(text: str) -> bool:
    """Whether the text is `#rrggbb`."""
    return len(text) == 7 and text[0] == "#" and set(text[1:]) <= set("0123456789abcdefABCDEF")


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> Channels:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _hex(channels: Channels) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
