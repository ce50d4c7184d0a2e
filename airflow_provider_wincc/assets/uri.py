"""The URI of a tag: ``wincc://<connection id>/<tag>``. Airflow loads this in many processes, so it is light."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from urllib.parse import SplitResult

SCHEME = "wincc"
LONGEST_URI = 1500
"""As many characters as Airflow allows."""

_FORM = f"expected {SCHEME}://<connection id>/<tag>, such as {SCHEME}://wincc_default/Tank1.Level"
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


class TagAddress(NamedTuple):
    """A tag of a station, which is named by its Airflow connection."""

    wincc_conn_id: str
    tag: str


def to_uri(address: TagAddress) -> str:
    """Return the URI of a tag, in ASCII: whatever is not a letter, a digit or one of ``-._~`` is percent-encoded.

    :raises ValueError: when a part is empty, is no text, or makes the URI too long.
    """
    uri = f"{SCHEME}://{_encoded('connection id', address.wincc_conn_id)}/{_encoded('tag', address.tag)}"
    if len(uri) > LONGEST_URI:
        raise ValueError(
            f"The asset URI of tag {address.tag!r} has {len(uri)} characters, and Airflow allows {LONGEST_URI}. "
            "Choose a shorter connection id."
        )
    return uri


def from_uri(uri: str) -> TagAddress:
    """Return the tag of a URI.

    :raises ValueError: when it is not the URI of a tag; it says what is wrong with it.
    """
    return _address(urlsplit(uri))


def sanitize_uri(uri: SplitResult) -> SplitResult:
    """Return the one form of a tag's URI; Airflow calls it for each asset of the scheme.

    :raises ValueError: when it is not the URI of a tag, or holds a user name or a query.
    """
    return urlsplit(to_uri(_address(uri)))


def _address(uri: SplitResult) -> TagAddress:
    if uri.scheme != SCHEME:
        raise ValueError(f"The URI {uri.geturl()!r} is not that of a WinCC tag: {_FORM}.")
    if "@" in uri.netloc:
        # Whatever stands there may be a secret.
        raise ValueError(f"A {SCHEME} URI holds a user name. Credentials belong into the connection; {_FORM}.")
    if uri.query or uri.fragment:
        raise ValueError(
            f"The URI {uri.geturl()!r} has a query or a fragment: {_FORM}. "
            "A ? in the name of a tag is written %3F, a # is written %23."
        )
    tag = _decoded(uri.path.removeprefix("/"), uri)
    wincc_conn_id = _decoded(uri.netloc, uri)
    if not wincc_conn_id or not tag:
        missing = "tag" if wincc_conn_id else "connection id"
        raise ValueError(f"The URI {uri.geturl()!r} names no {missing}: {_FORM}.")
    return TagAddress(wincc_conn_id, tag)


def _decoded(part: str, uri: SplitResult) -> str:
    if _BROKEN_ESCAPE.search(part):
        raise ValueError(f"The URI {uri.geturl()!r} has a % without two hexadecimal digits. A % itself is written %25.")
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"The URI {uri.geturl()!r} is not percent-encoded UTF-8.") from None


def _encoded(what: str, part: str) -> str:
    if not isinstance(part, str) or not part:
        raise ValueError(f"The {what} of a {SCHEME} asset is {part!r}. Give a text of at least one character.")
    try:
        return quote(part, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"The {what} {part!r} has half a surrogate pair in it, which is no character.") from None
