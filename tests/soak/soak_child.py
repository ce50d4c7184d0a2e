"""What the processes of a soak have in common: they do what they are asked, one line after the other, and answer."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import logging
import os
import re
import sys
from collections import Counter
from functools import lru_cache
from typing import Any

import structlog

# What a library prints must not come between the answers, so that it goes where the errors go.
_answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)

_MOST_TYPES = 400
_OURS = "airflow_provider_wincc"
_Cache = type(lru_cache(int))


def be_quiet() -> None:
    """Write no log but errors: the log is not what is soaked."""
    logging.disable(logging.WARNING)
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  as long as the process lives
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(nowhere)
    )


def next_command() -> dict[str, Any]:
    """Wait for the next command; the end of the input is the command to end."""
    line = sys.stdin.readline()
    return json.loads(line) if line else {"do": "end"}


def answer(**words: Any) -> None:
    """Answer the command."""
    # Who asked may have gone.
    with contextlib.suppress(BrokenPipeError):
        _answers.write(json.dumps(words) + "\n")
        _answers.flush()


class _MallocInfo(ctypes.Structure):
    """What the C library of GNU says of its memory: ``struct mallinfo2``."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def own_objects() -> dict[str, Any]:
    """Count what this process holds.

    ``objects`` is how many Python's collector finds, ``types`` the commonest of them, ``allocated`` the MiB in use by
    the C library's own count, left out where it does not count. What only looks like growth is cleared away first:
    garbage, what is in caches of ours that have a bound and in that of regular expressions, and free memory that the
    allocator keeps.
    """
    for _ in range(3):
        gc.collect()
    for cache in [one for one in gc.get_objects() if type(one) is _Cache]:
        if str(cache.__module__).startswith(_OURS) and cache.cache_info().maxsize is not None:
            cache.cache_clear()
    re.purge()
    gc.collect()
    held = _allocated()
    types = Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())
    return {"objects": types.total(), "types": dict(types.most_common(_MOST_TYPES)), **held}


def _allocated() -> dict[str, float]:
    library = ctypes.CDLL(None)
    if not hasattr(library, "malloc_trim") or not hasattr(library, "mallinfo2"):
        return {}
    library.malloc_trim(0)
    library.mallinfo2.restype = _MallocInfo
    told = library.mallinfo2()
    return {"allocated": (told.uordblks + told.hblkhd) / (1 << 20)}
