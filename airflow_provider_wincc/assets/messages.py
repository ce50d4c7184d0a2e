"""Messages as assets: what DAGs are scheduled by when messages come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.assets.tags import tag_asset
from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
from airflow_provider_wincc.hooks.message_lineage import name_for_lineage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Asset, AssetWatcher


def message_asset(
    rest_filter: str,
    wincc_conn_id: str = "wincc_default",
    *,
    message_list: MessageList | str = MessageList.SHORT_TERM_ARCHIVE,
    watchers: Sequence[AssetWatcher] | None = None,
    extra: dict[str, Any] | None = None,
) -> Asset:
    """Return the asset that stands for the messages that a filter shows of a list.

    Its name and URI are ``wincc://<connection id>/<list>:<filter>``, percent-encoded and without credentials, its
    group is ``wincc``. The same filter, list and connection give the same asset everywhere; it is the one that reading
    and exporting those messages report to Airflow's lineage.

    :param rest_filter: name of a REST filter that is configured in WinCC.
    :param wincc_conn_id: id of the connection. Neither it nor the filter may be a template.
    :param message_list: which of the runtime lists.
    :param watchers: what sends events for the asset, such as one with a :class:`WinCCMessageEventTrigger`.
    :param extra: further facts about the asset, of JSON types.
    :raises WinCCConfigurationError: when there is no such list, or the filter has no name.
    :raises ValueError: when the connection id is empty, or the URI would have more than 1500 characters.
    """
    query = MessageQuery(rest_filter, message_list)  # type: ignore[arg-type]  # it takes the text, too
    name = name_for_lineage(query.message_list, query.rest_filter)
    return tag_asset(name, wincc_conn_id, watchers=watchers, extra=extra)
