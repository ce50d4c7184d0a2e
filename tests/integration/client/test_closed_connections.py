"""A closed client has no connection left, whatever else still refers to it."""

from __future__ import annotations

import psutil
import pytest

from airflow_provider_wincc.client import WinCCPermissionError


def test_a_closed_client_has_no_connection_left_while_its_error_is_kept(station, open_client):
    client = open_client("guest")

    with pytest.raises(WinCCPermissionError) as refused:
        client.read_tags(["T.A"])
    opened = connections_to(station)
    client.close()

    assert len(opened) == 1
    assert refused.value.__traceback__ is not None
    assert connections_to(station) == []


def test_a_client_that_was_closed_opens_a_connection_again(station, client):
    client.read_tags(["T.A"])
    client.close()

    client.read_tags(["T.A"])

    assert len(connections_to(station)) == 1


def connections_to(station):
    """Return the ends of this process's connections to the station that are ours and not the station's."""
    process = psutil.Process()
    look = getattr(process, "net_connections", None) or process.connections
    return [one for one in look(kind="tcp") if one.raddr and one.raddr.port == station.port and one.status != "NONE"]
