"""Messages as assets: one URI for what a filter shows of a list, the same as in lineage."""

from __future__ import annotations

import pytest
from airflow.sdk import Asset, AssetWatcher

from airflow_provider_wincc.assets.messages import message_asset
from airflow_provider_wincc.assets.tags import tag_asset
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.messages import MessageList
from airflow_provider_wincc.triggers.message_events import WinCCMessageEventTrigger


def test_the_asset_of_messages_names_connection_list_and_filter():
    asset = message_asset("Line3 errors", "plant_a", message_list="message_list", extra={"line": 3})

    assert asset.uri == "wincc://plant_a/message_list%3ALine3%20errors"
    assert (asset.name, asset.group, asset.extra) == (asset.uri, "wincc", {"line": 3})
    assert Asset(asset.uri).uri == asset.uri == asset.normalized_uri


def test_it_is_no_asset_of_a_tag_and_each_list_has_its_own():
    uris = {message_asset("Errors", message_list=each).uri for each in MessageList}

    assert len(uris) == len(MessageList)
    assert tag_asset("Errors").uri not in uris
    assert message_asset("Errors").uri == message_asset("Errors", message_list="short_term_archive").uri


def test_it_takes_watchers():
    watcher = AssetWatcher(name="errors", trigger=WinCCMessageEventTrigger("wincc_default", "Errors"))

    assert message_asset("Errors", watchers=[watcher]).watchers == [watcher]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"rest_filter": " "}, "rest_filter"), ({"rest_filter": "Errors", "message_list": "alarms"}, "message_list")],
)
def test_what_names_no_messages_is_refused(arguments, message):
    with pytest.raises(WinCCConfigurationError, match=message):
        message_asset(**arguments)
