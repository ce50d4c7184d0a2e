"""Tags that are read again and again, and what is new in each reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCError, WinCCTagNotFoundError
from airflow_provider_wincc.client.models import FailureKind, TagFailure
from airflow_provider_wincc.waiting import TagWait

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.client.models import TagValue
    from airflow_provider_wincc.conditions import Condition


class Watch:
    """Reads tags and judges a condition by them, once for each :meth:`look`.

    :param names: tags to read, those of the condition among them.
    :param condition: what is waited for; None for nothing.
    """

    def __init__(self, client: WinCCClient, names: Sequence[str], condition: Condition | None) -> None:
        self.readings: dict[str, TagValue | TagFailure] = {}
        """The last reading of each tag, in the order of their names."""
        self.changed: list[str] = []
        """The tags whose value or quality is another one than in the reading before."""
        self.trouble: WinCCError | None = None
        """Why there is no newer reading; None when the last one worked."""
        self.condition = condition
        self._client = client
        self._names = names
        self._wait = None if condition is None else TagWait(condition)

    def look(self) -> bool:
        """Read the tags once; return whether the condition is met.

        A station that cannot be reached is waited for once it has answered.

        :raises WinCCTagNotFoundError: when the station does not know a tag.
        :raises WinCCError: when the first reading fails, when trying again cannot help, or when the condition does
            not fit a value.
        """
        try:
            found = self._client.try_read_tags(self._names)
        except WinCCError as error:
            if not self.readings or not error.retryable:
                raise
            self.changed, self.trouble = [], error
            if self._wait is not None:
                self._wait.observe_failure(error)
            return False
        self.trouble = None
        self._take({name: (found.values | found.failures)[name] for name in self._names})
        return self._judge()

    def explain(self) -> str:
        """Say which part of the condition is not met, with the last readings."""
        return "" if self._wait is None else self._wait.explain()

    def _take(self, readings: dict[str, TagValue | TagFailure]) -> None:
        unknown = {name: failure for name, failure in readings.items() if _is_unknown(failure)}
        if unknown:
            raise _not_found(unknown, self._client.settings.station)
        self.changed = [name for name, reading in readings.items() if _seen(reading) != _seen(self.readings.get(name))]
        self.readings = readings

    def _judge(self) -> bool:
        outcome = None if self._wait is None else self._wait.observe(self.readings)
        if outcome is not None and outcome.error is not None:
            raise outcome.error
        return outcome is not None


def _is_unknown(reading: TagValue | TagFailure) -> bool:
    return isinstance(reading, TagFailure) and reading.kind is FailureKind.NOT_FOUND


def _seen(reading: TagValue | TagFailure | None) -> object:
    if reading is None or isinstance(reading, TagFailure):
        return reading
    return reading.text, reading.quality


def _not_found(unknown: Mapping[str, TagValue | TagFailure], station: str) -> WinCCTagNotFoundError:
    failures = {name: failure for name, failure in unknown.items() if isinstance(failure, TagFailure)}
    told = ", ".join(f"{name!r} ({failure})" for name, failure in failures.items())
    return WinCCTagNotFoundError(f"The station does not know {told}.", errors=failures, station=station)
