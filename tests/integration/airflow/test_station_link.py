"""The link from a task to the web page of its station: an address out of the connection, or nothing."""

from __future__ import annotations

import pytest

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.links.station import WinCCStationLink
from airflow_provider_wincc.operators.tags import WinCCReadTagsOperator

ADDRESS = "https://wincc01.plant.example:8443/WebUX?screen=Line3#Mixer1"
WRONG = [
    "https://engineer:hunter2@wincc01.plant.example/",
    "https://engineer:1/hunter2@wincc01.plant.example/",
    "https://engineer@wincc01.plant.example/",
    "javascript:alert(1)",
    "//wincc01.plant.example",
    "wincc01.plant.example",
    "ftp://wincc01.plant.example",
    "https://",
    "https://wincc01:port/",
    "https://wincc01:0/",
    "https://[fd00::7/",
    "https://wincc01.plant.example\\.evil.example/",
    "https://wincc01.plant.example/a b",
    "https://wincc01.plant.example/\nWebUX",
    5,
    ["https://wincc01.plant.example/"],
]


def link_of(conn_id):
    operator = WinCCReadTagsOperator(task_id="read", tags=["Tank1.Level"], wincc_conn_id=conn_id)
    return WinCCStationLink().get_link(operator, ti_key=None)


@pytest.mark.parametrize("address", [ADDRESS, f"  {ADDRESS} ", "http://10.0.0.7", "HTTPS://[fd00::7]/page"])
def test_it_is_the_address_of_the_connection_and_asks_the_station_nothing(station, connect, address):
    connect("plant_a", web_page=address)

    assert link_of("plant_a") == address.strip()
    assert station.requests == []


@pytest.mark.parametrize("extra", [{}, {"web_page": None}, {"web_page": ""}])
def test_without_an_address_there_is_no_link(connect, extra):
    connect("plant_a", **extra)

    assert link_of("plant_a") == ""


@pytest.mark.parametrize("address", WRONG, ids=repr)
def test_a_wrong_address_is_an_error_of_the_connection_and_no_link(connect, caplog, address):
    connect("plant_a", web_page=address)

    with pytest.raises(WinCCConfigurationError, match=r"'plant_a'.*'web_page' cannot be read") as caught:
        WinCCHook("plant_a").get_settings()
    assert link_of("plant_a") == ""
    assert "'web_page' cannot be read" in caplog.text
    assert "hunter2" not in caplog.text + str(caught.value)


def test_a_slip_of_its_name_is_told(connect):
    connect("plant_a", webpage=ADDRESS)

    with pytest.raises(WinCCConfigurationError, match="Write 'web_page'"):
        WinCCHook("plant_a").get_settings()


@pytest.mark.parametrize("conn_id", ["not_defined", "{{ not_rendered }}", "", None])
def test_a_connection_that_cannot_be_read_gives_no_link_and_no_error(conn_id):
    assert link_of(conn_id) == ""


def test_an_extra_that_is_not_json_gives_no_link_and_no_error(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_PLANT_A", '{"conn_type": "wincc", "extra": "no JSON, but hunter2"}')

    assert link_of("plant_a") == ""
