"""What the message system is configured with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCError, WinCCNotFoundError
from airflow_provider_wincc.client.messages.answers import entry_of
from airflow_provider_wincc.client.messages.area import MessageArea, without_area
from airflow_provider_wincc.client.messages.arguments import name_in_path
from airflow_provider_wincc.client.messages.kinds import REST_FILTER
from airflow_provider_wincc.client.messages.languages import language_headers
from airflow_provider_wincc.client.messages.values import MessageConfiguration
from airflow_provider_wincc.client.paging import list_named, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from airflow_provider_wincc.client.messages.kinds import ConfigurationKind
    from airflow_provider_wincc.client.settings import StationSettings
    from airflow_provider_wincc.client.transport import Transport


class MessageConfigurationReader:
    """Reads the configuration of the message system of one station."""

    def __init__(self, transport: Transport, settings: StationSettings) -> None:
        self._transport = transport
        self._area = MessageArea(transport, settings)

    def entries(
        self, kind: ConfigurationKind, *, page_size: int = 1000, language: str | None
    ) -> Iterator[MessageConfiguration]:
        """Yield all entries of a kind.

        :param page_size: most entries in one answer; of a list without pages it says nothing.
        :raises WinCCConfigurationError: when an argument is wrong; at once, and nothing was sent.
        """
        named = list_named(
            self._transport,
            kind.list_path,
            kind.name_keys,
            page_size=page_size if kind.has_pages else None,
            headers=language_headers(language),
            names_repeat=kind.names_repeat,
        )
        return self._entries(kind, named)

    def entry(
        self, kind: ConfigurationKind, name: str, *, language: str | None, name_language: str | None = None
    ) -> MessageConfiguration:
        """Return one entry.

        :raises WinCCConfigurationError: when an argument is wrong; nothing was sent.
        :raises WinCCNotFoundError: when the station has no such entry.
        """
        path = kind.entry_path + name_in_path(kind.words, name)
        headers = language_headers(language, name_language)
        try:
            item = self._area.read(path, lambda answer: entry_of(answer, kind.name_keys), headers=headers)
        except WinCCError as error:
            self._area.refuse_unknown_entry(kind, name, name_language, error)
            raise
        return MessageConfiguration(name_of(item, kind.name_keys) or name, item)

    def _entries(
        self, kind: ConfigurationKind, named: Iterator[tuple[str, Mapping[str, Any]]]
    ) -> Iterator[MessageConfiguration]:
        try:
            for name, item in named:
                yield MessageConfiguration(name, item)
        except WinCCNotFoundError as error:
            if kind is REST_FILTER:
                raise without_area(error) from error
            self._area.refuse_missing_area(error)
            raise
