"""The plain-Python client of the WinCC REST interface. It imports nothing of Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.address import DEFAULT_BASE_PATH, DEFAULT_PORT, StationAddress
from airflow_provider_wincc.client.archives.forms import ArchiveForm, ArchiveTimes
from airflow_provider_wincc.client.archives.values import (
    ArchiveColumns,
    ArchiveInfo,
    ArchiveTagInfo,
    ArchiveValue,
    ArchiveWindow,
    TimerInfo,
)
from airflow_provider_wincc.client.errors import (
    WinCCAuthenticationError,
    WinCCConfigurationError,
    WinCCConnectionError,
    WinCCError,
    WinCCFailConditionMetError,
    WinCCInterlockNotMetError,
    WinCCNotFoundError,
    WinCCNoUsableReadingError,
    WinCCPermissionError,
    WinCCResponseError,
    WinCCRuntimeError,
    WinCCServiceUnavailableError,
    WinCCTagError,
    WinCCTagNotFoundError,
    WinCCTimeoutError,
    WinCCTLSError,
    WinCCWriteOutcomeUnknownError,
    WinCCWriteRefusedError,
    WinCCWriteVerificationError,
)
from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
from airflow_provider_wincc.client.messages.values import (
    Message,
    MessageConfiguration,
    MessageReading,
    MessageState,
)
from airflow_provider_wincc.client.models import (
    DataType,
    FailureKind,
    Quality,
    QualityLevel,
    TagFailure,
    TagInfo,
    TagReadings,
    TagValue,
)
from airflow_provider_wincc.client.policy import TagLimits, WritePolicy
from airflow_provider_wincc.client.settings import StationSettings

if TYPE_CHECKING:
    from airflow_provider_wincc.client.client import WinCCClient

__all__ = [
    "DEFAULT_BASE_PATH",
    "DEFAULT_PORT",
    "ArchiveColumns",
    "ArchiveForm",
    "ArchiveInfo",
    "ArchiveTagInfo",
    "ArchiveTimes",
    "ArchiveValue",
    "ArchiveWindow",
    "DataType",
    "FailureKind",
    "Message",
    "MessageConfiguration",
    "MessageList",
    "MessageQuery",
    "MessageReading",
    "MessageState",
    "Quality",
    "QualityLevel",
    "StationAddress",
    "StationSettings",
    "TagFailure",
    "TagInfo",
    "TagLimits",
    "TagReadings",
    "TagValue",
    "TimerInfo",
    "WinCCAuthenticationError",
    "WinCCClient",
    "WinCCConfigurationError",
    "WinCCConnectionError",
    "WinCCError",
    "WinCCFailConditionMetError",
    "WinCCInterlockNotMetError",
    "WinCCNoUsableReadingError",
    "WinCCNotFoundError",
    "WinCCPermissionError",
    "WinCCResponseError",
    "WinCCRuntimeError",
    "WinCCServiceUnavailableError",
    "WinCCTLSError",
    "WinCCTagError",
    "WinCCTagNotFoundError",
    "WinCCTimeoutError",
    "WinCCWriteOutcomeUnknownError",
    "WinCCWriteRefusedError",
    "WinCCWriteVerificationError",
    "WritePolicy",
]


def __getattr__(name: str) -> Any:
    # The client brings requests with it, which a DAG file that only names errors and types does not need.
    if name == "WinCCClient":
        from airflow_provider_wincc.client.client import WinCCClient

        return WinCCClient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
