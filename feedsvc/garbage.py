"""What a process makes to begin with is there for its whole life, and no garbage.

Python looks for garbage among all objects now and then, and stops every thread meanwhile: of a quarter of a
million of them, which is what code and mappings come to, for a tenth of a second. Readers waited for that,
and a scheduler that was just writing held the database for as long.
"""

from __future__ import annotations

import gc


def spare_what_is_there() -> None:
    """Look through it once more, and from then on only through what is made later."""
    gc.collect()
    gc.freeze()
