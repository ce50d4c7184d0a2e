"""What of a task's log a reader of the demo should see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

PROVIDER = "airflow_provider_wincc"
_LONGEST_LINE = 200

LogEntry = Mapping[str, Any] | str


def wincc_lines(entries: Iterable[LogEntry]) -> list[str]:
    """Select the lines that speak of the station: logged by the provider, or with "WinCC" in their text.

    Debug lines are left out, of an entry with several lines only the first is kept, and what ended the task comes
    as a line of its own.
    """
    lines: list[str] = []
    for entry in entries:
        if _is_about_wincc(entry):
            lines.append(_first_line(_event(entry)))
        elif isinstance(entry, Mapping) and (chain := entry.get("error_detail")):
            lines.append(_first_line(f"{chain[0].get('exc_type')}: {chain[0].get('exc_value')}"))
    return lines


def full_text(entries: Iterable[LogEntry]) -> list[str]:
    """Write the whole log as plain lines, exceptions included, without Airflow's folding marks."""
    lines: list[str] = []
    for entry in entries:
        event = _event(entry)
        if event.startswith(("::group::", "::endgroup::")):
            continue
        lines += event.splitlines()
        if isinstance(entry, Mapping):
            lines += _exception_lines(entry.get("error_detail") or [])
    return lines


def _is_about_wincc(entry: LogEntry) -> bool:
    if isinstance(entry, str):
        return "WinCC" in entry
    if entry.get("level") == "debug":
        return False
    return PROVIDER in str(entry.get("logger", "")) or "WinCC" in _event(entry)


def _event(entry: LogEntry) -> str:
    return entry if isinstance(entry, str) else str(entry.get("event", ""))


def _first_line(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


def _exception_lines(chain: Iterable[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for exception in chain:
        frames = exception.get("frames") or []
        lines += [f"  {frame.get('filename')}:{frame.get('lineno')} in {frame.get('name')}" for frame in frames]
        lines.append(f"{exception.get('exc_type')}: {exception.get('exc_value')}")
    return lines
