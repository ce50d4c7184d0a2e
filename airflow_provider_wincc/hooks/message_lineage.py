"""What messages are called in lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_wincc.client.messages.query import MessageList


def name_for_lineage(message_list: MessageList, rest_filter: str) -> str:
    """Return the name of what a filter shows of a list: ``short_term_archive:Errors``.

    Beside a tag it cannot be mistaken for one: no name of a tag has a colon in it, but for the two behind the name of
    a server. What is read of a filter is one data set, whatever the pattern and the language.
    """
    return f"{message_list.value}:{rest_filter}"
