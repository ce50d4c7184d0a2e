"""Names in the path of a request."""

from __future__ import annotations

import re

# HTTP.sys in front of the service is unreliable with anything else in a path; the list forms take every name.
_SAFE = re.compile(r"[\w@\[\]()$~-](?:[\w@\[\]()$~.-]{0,126}[\w@\[\]()$~-])?")


def is_safe_in_path(name: str) -> bool:
    """Whether a name, percent-encoded, reaches the service as a segment of a path."""
    return _SAFE.fullmatch(name) is not None
