"""What files, databases and JSON can keep of what a station says."""

from __future__ import annotations

import math
import re
from typing import Any

REPLACEMENT = "\ufffd"
"""Unicode's own character for what is none."""

# PostgreSQL refuses NUL in texts and in JSON; half a surrogate pair is no character, and no encoding has it.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable_text(text: str) -> str:
    """Return the text with the :data:`REPLACEMENT` in place of NUL and of half surrogate pairs.

    All other characters stay, control characters and markup among them.
    """
    return _UNSTORABLE.sub(REPLACEMENT, text)


def storable(value: Any) -> Any:
    """Return a value of JSON types with all texts in it made storable, and numbers that JSON has not as their words."""
    match value:
        case str():
            return storable_text(value)
        case float() if not math.isfinite(value):
            return repr(value)
        case dict():
            return {storable_text(key): storable(item) for key, item in value.items()}
        case list():
            return [storable(item) for item in value]
        case _:
            return value
