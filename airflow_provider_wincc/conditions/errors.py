"""The error and the warning of conditions."""

from __future__ import annotations

from airflow_provider_wincc.client.errors import WinCCError


class WinCCConditionError(WinCCError):
    """A condition is wrong in itself, or does not fit the value that a tag has.

    It is raised when a condition is defined, rendered or read from JSON, and while it is evaluated when a value
    cannot be compared in the way that the condition asks for. Trying again does not help: either the condition
    or the tag in the station must be changed.
    """


class FloatEqualityWarning(UserWarning):
    """A tag is compared for equality with a floating-point number, which measured values hardly ever equal."""
