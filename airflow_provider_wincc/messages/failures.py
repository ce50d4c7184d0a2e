"""What stands in the place of a reading of messages that cannot be had."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_wincc.client.errors import WinCCError


@dataclass(frozen=True, slots=True)
class MessageFailure:
    """Why the messages of one query cannot be read, though the station is there: its filter is unknown, for example.

    Two that say the same are equal.

    :param error: the error, which trying again does not help.
    """

    error: WinCCError = field(compare=False)
    said: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", str(self.error))
