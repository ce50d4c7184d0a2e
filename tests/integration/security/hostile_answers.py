"""Answers that no station gives: endless, packed, slow, broken, or of another product."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from hostile_server import Request, Wire, ok, with_status

if TYPE_CHECKING:
    from hostile_server import Answer

ESCAPES = "\x1b[2J\x1b]0;owned\x07\r\n2026-01-01 CRITICAL injected line\x00\u202egnp.exe"
_SQUEEZED_MB = 10
_GZIP, _ZLIB, _BARE = 31, 15, -15


def bomb(megabytes: int, frame: int = _GZIP) -> bytes:
    """Return a packed body that is a thousandth of its size: so many megabytes of spaces, as JSON may have."""
    packer = zlib.compressobj(9, zlib.DEFLATED, frame)
    start = packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * _SQUEEZED_MB * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * (megabytes // _SQUEEZED_MB) + packer.flush()


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed + end


def for_ever(start: bytes, piece: bytes, *, every: float = 0.0) -> Answer:
    def answer(_: Request, wire: Wire) -> None:
        wire.send(start)
        wire.send_for_ever(piece, every=every)

    return answer


def packed(encoding: str, body: bytes) -> bytes:
    return ok(body, f"Content-Encoding: {encoding}")


def nested(depth: int, opening: str = "[", closing: str = "]") -> bytes:
    return (opening * depth + "1" + closing * depth).encode()


HEAD = b"HTTP/1.1 200 OK\r\n"
# Each is refused by every operation, whatever was asked for.
UNREADABLE: dict[str, bytes | Answer] = {
    "a length of terabytes": for_ever(HEAD + b"Content-Length: 999999999999999\r\n\r\n[", b" " * 65536),
    "a length of 10,000 digits": for_ever(HEAD + b"Content-Length: " + b"9" * 10_000 + b"\r\n\r\n[", b" " * 65536),
    "endless": for_ever(HEAD + b"\r\n[", b" " * 65536),
    "endless chunks": for_ever(chunked(b"[", end=b""), b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "endless size of a chunk": for_ever(chunked(b"[", end=b""), b"0" * 65536),
    "endless extension of a chunk": for_ever(chunked(b"[", end=b"1;"), b"x" * 65536),
    "one chunk of exabytes": for_ever(chunked(b"[", end=b"fffffffffffffff\r\n"), b" " * 65536),
    "endless headers": for_ever(HEAD, b"X-Header: " + b"x" * 1000 + b"\r\n"),
    "endless header": for_ever(HEAD + b"X-Header: ", b"x" * 65536),
    "endless status line": for_ever(b"HTTP/1.1 200 ", b"x" * 65536),
    "endless interim answers": for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless early hints": for_ever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    "gzip bomb": packed("gzip", bomb(2000)),
    "zlib bomb": packed("deflate", bomb(2000, _ZLIB)),
    "deflate bomb": packed("deflate", bomb(2000, _BARE)),
    "gzip in gzip": packed("gzip, gzip", zlib.compress(bomb(10), wbits=_GZIP)),
    "an encoding nobody asked for": packed("br", b"[]"),
    "gzip that is none": packed("gzip", b"[]"),
    "gzip without its end": packed("gzip", zlib.compress(b"[]", wbits=_GZIP)[:-8]),
    "nothing at all": b"",
    "half a status line": b"HTTP/1.",
    "a status line of another protocol": b"ICY 200 OK\r\n\r\n[]",
    "a status of letters": b"HTTP/1.1 OK 200\r\n\r\n[]",
    "a status of five digits": b"HTTP/1.1 20000 OK\r\n\r\n[]",
    "a status of three zeros": b"HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\n[]",
    "zeros": b"\x00" * 4096,
    "a line with escapes": ESCAPES.encode() + b"\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n[]",
    "shorter than its length": HEAD + b"Content-Length: 100\r\n\r\n[]",
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]",
    "a size of a chunk in letters": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n[]\r\n0\r\n\r\n",
    "chunks without an end": chunked(b"[]", end=b""),
    "markup of a login page": ok(
        b"<html><title>Sign in</title><form action=/login>" + b"<" * 50_000, "Content-Type: text/html"
    ),
    "xml": ok(b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "Content-Type: text/xml"),
    "styles that never end": ok(b"<style>" * 20_000, "Content-Type: text/html"),
    "invalid UTF-8": ok(b'[{"variableName": "\xff\xfe\xfa"}]'),
    "null bytes": ok(b"\x00" * 1000),
    "text with escapes": ok(ESCAPES.encode()),
    "100,000 levels of lists": ok(nested(100_000)),
    "100,000 levels of objects": ok(nested(100_000, '{"a":', "}")),
    **{f"{depth} levels of lists": ok(nested(depth)) for depth in (33, 200, 800, 900, 950, 990)},
    "900 levels in a row": ok(b'[{"variableName": "Tank1.Level", "value": ' + nested(900) + b"}]"),
    "a number": ok(b"1e999"),
    "a number of 100,000 digits": ok(b"9" * 100_000),
    "a text": ok(json.dumps(ESCAPES * 1000).encode()),
    "half a surrogate pair": ok(b'"\\ud800"'),
    "lists of lists": ok(b"[" + b"[]," * 100_000 + b"[]]"),
    "redirect with a bomb": with_status(
        "302 Found", bomb(2000), "Content-Encoding: gzip", "Location: https://sso.example/"
    ),
    "refused with an endless body": for_ever(b"HTTP/1.1 400 Bad Request\r\n\r\n", b"x" * 65536),
    "busy with a bomb": with_status("500 Internal Server Error", bomb(2000), "Content-Encoding: gzip"),
}


def _rows(value: str) -> bytes:
    row = '{"variableName": "Tank1.Level", "value": %s, "qualitycode": %s, "errorcode": %s, "error": %s}'
    return ok(f"[{row % (value, value, value, value)}]".encode())


# Each of these may be taken for something by an operation that is that tolerant.
ODD: dict[str, bytes | Answer] = {
    "empty": ok(b""),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n[]",
    "blanks": ok(b" \r\n\t " * 1000),
    "UTF-16": ok('[{"variableName": "Tank1.Level", "value": "1"}]'.encode("utf-16")),
    "a byte order mark": ok(b"\xef\xbb\xbf[]"),
    "null": ok(b"null"),
    "an empty list": ok(b"[]"),
    "an empty object": ok(b"{}"),
    "empty objects": ok(b"[" + b"{}," * 20_000 + b"{}]"),
    "a list of null": ok(b"[null]"),
    "NaN": _rows("NaN"),
    "Infinity": _rows("-Infinity"),
    "1e999": _rows("1e999"),
    "a long number": _rows("9" * 4000),
    "a long hexadecimal number": _rows('"0x' + "f" * 50_000 + '"'),
    "a long text": _rows(json.dumps("x" * 200_000)),
    "escapes": _rows(json.dumps(ESCAPES)),
    "half a pair": _rows('"\\ud800"'),
    "lists": _rows("[[[[1]]]]"),
    "objects": _rows('{"error": {"error": 1}}'),
    "true": _rows("true"),
    "doubled keys": ok(b'[{"variableName": "A", "variableName": "Tank1.Level", "value": 1, "VALUE": 2, "value": []}]'),
    "long keys": ok(json.dumps([{"k" * 100_000 + str(number): 1} for number in range(20)]).encode()),
    "many keys": ok(json.dumps([{f"k{number}": 1 for number in range(50_000)}]).encode()),
    "another content type": ok(b"[]", "Content-Type: image/png"),
    "cookies": ok(b"[]", *(f"Set-Cookie: c{number}={'x' * 4000}" for number in range(90))),
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n[]",
    "more than its length": HEAD
    + b"Content-Length: 2\r\n\r\n[]"
    + ok(b'[{"variableName": "Tank1.Level", "value": 666}]'),
    "a negative length": HEAD + b"Content-Length: -5\r\n\r\n[]",
    "endless trailers": for_ever(chunked(b"[]", end=b"0\r\n"), b"X-Trailer: x\r\n" * 5000),
    "a page that never ends": ok(b'{"continuationPoint": 7, "values": [{"variableName": "Tank1.Level", "value": 1}]}'),
}


def slowly(start: bytes, piece: bytes) -> Answer:
    """Send a piece every 20 ms, so that no read ever waits for long."""
    return for_ever(start, piece, every=0.02)


SLOW: dict[str, Answer] = {
    "status line": slowly(b"", b"H"),
    "headers": slowly(HEAD, b"A: b\r\n" * 1),
    "body": slowly(HEAD + b"Content-Length: 1000000\r\n\r\n[", b" "),
    "chunks": slowly(chunked(b"[", end=b""), b"1\r\n \r\n"),
    "size of a chunk": slowly(chunked(b"[", end=b""), b"0"),
    "interim answers": slowly(b"HTTP/1.1 100 Continue\r\nX: ", b"y"),
}
