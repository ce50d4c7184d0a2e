"""Errors as plain JSON, so that a trigger can hand them to the task that it wakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.errors import (
    WinCCError,
    WinCCTagError,
    WinCCWriteOutcomeUnknownError,
    restored_error,
)
from airflow_provider_wincc.client.models import FailureKind, TagFailure
from airflow_provider_wincc.client.storable import storable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FIELDS = ("message", "hint", "method", "path", "station", "status", "retryable")


def error_to_json(error: WinCCError) -> dict[str, Any]:
    """Return an error as a dict of JSON types: ``kind`` (class name), ``message``, ``hint`` and where it happened."""
    data = {"kind": type(error).__name__, **{name: getattr(error, name) for name in _FIELDS}}
    if isinstance(error, WinCCTagError | WinCCWriteOutcomeUnknownError):
        data["errors"] = {
            name: {"kind": failure.kind.value, "reason": failure.reason, "code": failure.code}
            for name, failure in error.errors.items()
        }
    if isinstance(error, WinCCWriteOutcomeUnknownError):
        data["unknown"] = list(error.unknown)
    if error.written or error.not_sent:
        data["written"], data["not_sent"] = list(error.written), list(error.not_sent)
    # A station's own words are in it, and half a character of them would end Airflow's triggerer.
    carried: dict[str, Any] = storable(data)
    return carried


def error_from_json(data: Mapping[str, Any]) -> WinCCError:
    """Make the error again; one of an unknown class comes back as a plain :class:`WinCCError`."""
    kind = _classes().get(data["kind"], WinCCError)
    state: dict[str, Any] = {name: data.get(name) for name in _FIELDS}
    state["written"], state["not_sent"] = tuple(data.get("written", ())), tuple(data.get("not_sent", ()))
    if issubclass(kind, WinCCTagError | WinCCWriteOutcomeUnknownError):
        state["errors"] = {
            name: TagFailure(FailureKind(failure["kind"]), failure["reason"], failure["code"])
            for name, failure in data.get("errors", {}).items()
        }
    if issubclass(kind, WinCCTagError):
        state["values"] = {}
    if issubclass(kind, WinCCWriteOutcomeUnknownError):
        state["unknown"] = tuple(data.get("unknown", ()))
    return restored_error(kind, data["message"], state)


def _classes() -> dict[str, type[WinCCError]]:
    classes: list[type[WinCCError]] = [WinCCError, *_subclasses(WinCCError)]
    return {kind.__name__: kind for kind in classes}


def _subclasses(kind: type[WinCCError]) -> Iterator[type[WinCCError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)
