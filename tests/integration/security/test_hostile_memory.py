"""How much memory a hostile answer can take: of the bytes of it, and of what is read out of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hostile_answers import UNREADABLE
from hostile_server import HostileServer, ok

MAX_ANSWER_MB = 2
# Bytes that are no answer are kept once as they come, and once put together; Python takes its own share of a thread.
OF_BYTES = 5
# An empty object is two characters of JSON, and 64 bytes of memory with its place in a list.
OF_VALUES = 32
BESIDE = 60


def memory_of(server: HostileServer, operation: str, limit: int) -> tuple[str, int]:
    """Read in a process with a limit of memory; return how it ended, and the megabytes it took."""
    script = Path(__file__).with_name("hostile_memory.py")
    done = subprocess.run(
        [sys.executable, str(script), server.url, operation, str(limit), str(MAX_ANSWER_MB)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    ending, _, megabytes = done.stdout.strip().rpartition(" ")
    return ending, int(megabytes)


@pytest.mark.parametrize(
    "case",
    ["gzip bomb", "deflate bomb", "endless", "endless chunks", "endless size of a chunk", "redirect with a bomb"],
)
def test_bytes_take_a_few_times_the_largest_answer(case: str) -> None:
    limit = OF_BYTES * MAX_ANSWER_MB + BESIDE

    with HostileServer(UNREADABLE[case]) as server:
        ending, megabytes = memory_of(server, "read_tags", limit)

    assert ending in {"WinCCResponseError", "WinCCConnectionError"}
    assert megabytes <= limit


SIZE = MAX_ANSWER_MB * 1_000_000 - 1000
VALUES = {
    "empty objects": ok(b"[" + b"{}," * (SIZE // 3) + b"{}]"),
    "empty lists": ok(b"[" + b"[]," * (SIZE // 3) + b"[]]"),
    "numbers": ok(b"[" + b"1.5," * (SIZE // 4) + b"1]"),
    "short keys": ok(b"[" + b'{"a":1},' * (SIZE // 8) + b"{}]"),
    "deep": ok(b"[" * (SIZE // 2) + b"]" * (SIZE // 2)),
    "one text": ok(b'"' + "é".encode() * (SIZE // 2) + b'"'),
    "not JSON": ok("😀".encode() * (SIZE // 4)),
}


@pytest.mark.parametrize("operation", ["read_tags", "read_archive_windows ahead"])
@pytest.mark.parametrize("case", VALUES)
def test_values_take_at_most_32_times_the_largest_answer(case: str, operation: str) -> None:
    limit = OF_VALUES * MAX_ANSWER_MB + BESIDE

    with HostileServer(VALUES[case]) as server:
        _, megabytes = memory_of(server, operation, limit)

    assert megabytes <= limit


def rows_of(row: str) -> bytes:
    """Return an answer of as many rows as fit, each with a number of its own."""
    count = SIZE // (len(row) + 7)
    return ok(f"[{','.join(row.replace('#', str(number)) for number in range(count))}]".encode())


@pytest.mark.parametrize(
    ("operation", "row"),
    [
        ("read_messages", '{"MsgNr":#,"State":1,"DateTime":"2026-03-02T08:15:30Z"}'),
        ("browse_tags", '{"name":"T#"}'),
        ("list_archive_tags", '{"name":"T#"}'),
        ("list_messages", '{"name":"T#"}'),
        ("list_limit_values", '{"name":"T#"}'),
    ],
)
def test_rows_that_are_what_they_should_be_take_no_more(operation: str, row: str) -> None:
    limit = OF_VALUES * MAX_ANSWER_MB + BESIDE

    with HostileServer(rows_of(row)) as server:
        ending, megabytes = memory_of(server, operation, limit)

    assert ending == "answered"
    assert megabytes <= limit


def test_two_gigabytes_packed_into_two_megabytes_are_not_unpacked() -> None:
    content = UNREADABLE["gzip bomb"]
    assert isinstance(content, bytes)
    assert len(content) < 4_000_000

    with HostileServer(content) as server:
        assert memory_of(server, "read_tags", OF_BYTES * MAX_ANSWER_MB + BESIDE)[0] == "WinCCResponseError"
