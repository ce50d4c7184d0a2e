"""What has changed since somebody looked last."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Content = TypeVar("Content")


class Changes(NamedTuple, Generic[Content]):
    """What has changed.

    :param whole: whether this is everything there is, and not only what has changed.
    :param contents: new and changed contents by key.
    :param gone: keys that are no longer there.
    :param mark: hand it back to get what changes from now on.
    """

    whole: bool
    contents: dict[str, Content]
    gone: list[str]
    mark: str


class ChangeLog(Generic[Content]):
    """Contents by key, each with the number of the look that found it changed.

    It keeps nothing for each onlooker, so any number of pages may look, and one that comes back after an hour gets
    what it missed. For one thread.
    """

    def __init__(self) -> None:
        # A mark of another run of the station must not be taken for one of this run.
        self._run = secrets.token_hex(4)
        self._look = 0
        self._entries: dict[str, tuple[Content, int]] = {}
        self._gone: dict[str, int] = {}

    def changes(self, contents: Mapping[str, Content], since: str = "") -> Changes[Content]:
        """Compare what there is now with what there was, and tell what an onlooker has not seen.

        :param contents: everything there is now, by key.
        :param since: mark of what the onlooker has seen; anything else than a mark of this log gets everything.
        """
        self._compare(contents)
        seen = self._look_of(since)
        whole = seen is None
        return Changes(
            whole,
            {key: content for key, (content, changed) in self._entries.items() if changed > (seen or 0)},
            [] if seen is None else [key for key, changed in self._gone.items() if changed > seen],
            f"{self._run}-{self._look}",
        )

    def _look_of(self, mark: str) -> int | None:
        run, _, look = mark.partition("-")
        if run != self._run or not re.fullmatch(r"[0-9]{1,18}", look) or int(look) > self._look:
            return None
        return int(look)

    def _compare(self, contents: Mapping[str, Content]) -> None:
        self._look += 1
        for key in [key for key in self._entries if key not in contents]:
            del self._entries[key]
            self._gone[key] = self._look
        for key, content in contents.items():
            known = self._entries.get(key)
            if known is None or (known[0] is not content and known[0] != content):
                self._entries[key] = (content, self._look)
                self._gone.pop(key, None)
