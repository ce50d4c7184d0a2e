"""The body of an answer: read and unpacked up to a size."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError

from airflow_provider_wincc.client.bounded_http import AnswerTooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import requests

# requests itself reads bodies in small pieces, each of which costs a thread its turn.
_PIECE = 2**20
_LARGEST_OF_REFUSAL = 2**20
_LONGEST_PACKING = 40
_PLAIN = frozenset({"", "identity"})
# What zlib calls "find out whether it is gzip or zlib", and deflate without a frame, which some servers mean by it.
_WITH_FRAME = zlib.MAX_WBITS | 32
_WITHOUT_FRAME = -zlib.MAX_WBITS
ACCEPTED = "gzip, deflate"
"""The header ``Accept-Encoding``."""


class UnreadableBodyError(Exception):
    """A body is packed in a way that cannot be unpacked."""


def read_body(response: requests.Response, size: int) -> bytes:
    """Read the body, unpacked.

    A body that is only a few bytes packed can be of any size unpacked: it is unpacked piece by piece.

    :param size: most bytes, packed as well as unpacked.
    :raises AnswerTooLargeError: when there are more; then, and when it cannot be unpacked, the connection is closed.
    :raises UnreadableBodyError: when it cannot be unpacked.
    """
    try:
        body = _read(response, size)
    except BaseException:
        # What is left of it would be taken for the answer to the next request.
        response.raw.close()
        raise
    response.raw.release_conn()
    return body


def read_body_of_refusal(response: requests.Response, size: int) -> bytes:
    """Read the body beside a status that says no; nothing is left of one that cannot be read.

    The status is all that counts: a login that was refused must not look like a connection that may be tried again.
    """
    try:
        return read_body(response, min(size, _LARGEST_OF_REFUSAL))
    except (AnswerTooLargeError, UnreadableBodyError, HTTPError, OSError):
        return b""


def _read(response: requests.Response, size: int) -> bytes:
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > 18 or int(announced) > size):
        raise AnswerTooLargeError(f"{announced[:18]} bytes are announced")
    packing = response.headers.get("Content-Encoding", "").strip().lower()[:_LONGEST_PACKING]
    pieces: Iterable[bytes] = response.raw.stream(_PIECE, decode_content=False)
    if packing not in _PLAIN:
        pieces = _unpacked(pieces, packing)
    body = []
    for piece in pieces:
        size -= len(piece)
        if size < 0:
            raise AnswerTooLargeError("the body is too large")
        body.append(piece)
    return body[0] if len(body) == 1 else b"".join(body)


def _unpacked(pieces: Iterable[bytes], packing: str) -> Iterator[bytes]:
    if packing not in {"gzip", "x-gzip", "deflate"}:
        raise UnreadableBodyError(f"it is packed as {packing!r}, which was not asked for")
    unpacker = None
    try:
        for piece in pieces:
            if unpacker is None:
                unpacker = zlib.decompressobj(_frame_of(piece, packing))
            packed = piece
            while packed and not unpacker.eof:
                yield unpacker.decompress(packed, _PIECE)
                packed = unpacker.unconsumed_tail
        if unpacker is not None:
            yield unpacker.flush()
    except zlib.error:
        raise UnreadableBodyError(f"it says that it is packed as {packing!r}, and is not") from None
    if unpacker is not None and not unpacker.eof:
        raise UnreadableBodyError(f"it is packed as {packing!r}, and has no end")


def _frame_of(start: bytes, packing: str) -> int:
    is_framed = packing != "deflate" or (start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2]) % 31 == 0)
    return _WITH_FRAME if is_framed else _WITHOUT_FRAME
