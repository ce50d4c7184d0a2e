from __future__ import annotations

import asyncio
import json
import socket

import pytest
from airflow.sdk import Connection
from asgiref.sync import async_to_sync

from airflow_provider_wincc import connection_form
from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.client.settings import OPTION_NAMES
from airflow_provider_wincc.hooks import wincc
from airflow_provider_wincc.hooks.airflow_options import AIRFLOW_OPTION_NAMES
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.provider_info import get_provider_info
from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS


def define(monkeypatch, **fields):
    connection = {"conn_type": "wincc", **fields}
    monkeypatch.setenv("AIRFLOW_CONN_PLANT", json.dumps(connection))
    return WinCCHook("plant")


def test_making_a_hook_looks_nothing_up():
    hook = WinCCHook("not_defined_anywhere")

    assert hook.wincc_conn_id == "not_defined_anywhere"


@pytest.mark.parametrize(
    ("connection", "url"),
    [
        ({"host": "h"}, "https://h:34568/WinCCRestService"),
        ({"host": "h", "schema": "https", "port": 8080}, "https://h:8080/WinCCRestService"),
        ({"host": "https://h:34569/Other/"}, "https://h:34569/Other"),
        ({"host": "http://h", "port": 8080}, "http://h:8080/WinCCRestService"),
        ({"host": "h", "extra": {"base_path": "Other"}}, "https://h:34568/Other"),
        ("wincc://https://h:34568/Path", "https://h:34568/Path"),
        ("wincc://h:8080/https", "https://h:8080/WinCCRestService"),
        ("wincc://h/?batch_size=20", "https://h:34568/WinCCRestService"),
    ],
)
def test_all_spellings_of_a_connection_give_the_right_url(monkeypatch, connection, url):
    text = connection if isinstance(connection, str) else json.dumps({"conn_type": "wincc", **connection})
    monkeypatch.setenv("AIRFLOW_CONN_PLANT", text)

    assert WinCCHook("plant").get_settings().address.url == url
    assert asyncio.run(WinCCHook("plant").aget_settings()).address.url == url


def test_options_given_in_a_uri_are_read_from_their_text(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_PLANT", "wincc://u:p@h/?verify=false&read_only=true&batch_size=20&read_timeout=5")

    settings = WinCCHook("plant").get_settings()

    assert (settings.verify, settings.policy.read_only) == (False, True)
    assert (settings.batch_size, settings.read_timeout) == (20, 5.0)


@pytest.mark.skipif(not AIRFLOW_V_3_2_PLUS, reason="Airflow 3.1 itself drops such a connection: it is not defined")
def test_an_extra_that_is_no_json_is_an_error_and_not_an_empty_one(monkeypatch):
    hook = define(monkeypatch, host="h", extra="{verify: /etc/ca.pem, token: 'secret-4711'}")

    with pytest.raises(WinCCConfigurationError, match="'plant' is not a JSON object") as caught:
        hook.get_settings()

    assert "secret-4711" not in str(caught.value)


def test_a_connection_without_host_is_named(monkeypatch):
    with pytest.raises(WinCCConfigurationError, match=r"'plant'.*no host"):
        define(monkeypatch, login="u").get_settings()


def test_sync_and_async_read_the_same_settings(station, connect):
    connect("plant", batch_size=7, tag_limits={"A": [0, 1]}, proxy=False)

    assert WinCCHook("plant").get_settings() == asyncio.run(WinCCHook("plant").aget_settings())


def test_what_airflow_tells_a_triggerer_of_an_extra_is_told_by_the_triggerers_own_event_loop(monkeypatch):
    class ToldOf(Connection):
        @property
        def extra_dejson(self):
            # As Airflow does in a triggerer: a call without await that becomes a message.
            async_to_sync(tell)()
            return {"batch_size": 7}

    async def tell():
        told_by.append(asyncio.get_running_loop())

    async def connection(conn_id):
        return ToldOf(conn_id=conn_id, conn_type="wincc", host="wincc01.plant.example", extra='{"batch_size": 7}')

    async def read():
        return asyncio.get_running_loop(), await WinCCHook("plant").aget_settings()

    told_by = []
    monkeypatch.setattr(wincc.compat_connection, "get_async_connection", connection)
    monkeypatch.delattr(wincc.compat_connection, "get_async_extra_dejson", raising=False)

    loop, settings = asyncio.run(read())

    assert told_by == [loop]
    assert settings.batch_size == 7


def test_the_client_is_the_same_each_time_and_reads(station, connect):
    connect("plant")
    hook = WinCCHook("plant")

    with hook.get_conn() as client:
        assert hook.get_conn() is client
        assert client.read_tag("Mixer1.State").value == "IDLE"


def test_the_connection_test_passes_all_steps(station, connect):
    connect("plant")

    assert WinCCHook("plant").test_connection() == (
        True,
        "All steps passed: address, TCP, TLS, login, permission, first read.",
    )


def test_the_connection_test_names_the_failing_step_and_what_to_do(station, connect, monkeypatch):
    password = station.users["engineer"].password
    good = {"host": station.url, "login": "engineer", "password": password, "extra": {"verify": station.ca_file}}
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed_port = unused.getsockname()[1]
    cases = [
        ("address", {**good, "host": "no-such-host.invalid"}, "resolve"),
        ("address", {**good, "extra": {"verify": "/not/there.pem"}}, "verify"),
        ("address", {**good, "host": f"{station.url}/Elsewhere"}, "base path"),
        ("TCP", {**good, "host": f"https://127.0.0.1:{closed_port}"}, "firewall"),
        ("TLS", {**good, "extra": {}}, "verify"),
        ("login", {**good, "password": "wrong-secret"}, "user name and password"),
        ("permission", {**good, "login": "guest", "password": station.users["guest"].password}, "permission"),
    ]
    for step, fields, advice in cases:
        ok, message = define(monkeypatch, **fields).test_connection()
        assert not ok
        assert message.startswith(f"Step '{step}' failed"), message
        assert advice in message
        assert password not in message
        assert "wrong-secret" not in message


def test_the_connection_test_says_when_the_first_read_fails(station, connect):
    connect("plant")
    station.fail_next("server_error", path="*/Values", count=9)

    ok, message = WinCCHook("plant").test_connection()

    assert not ok
    assert message.startswith("Step 'first read' failed")
    assert "login" in message


def test_a_refused_login_is_tried_once_by_the_connection_test(station, monkeypatch):
    define(monkeypatch, host=station.url, login="engineer", password="wrong", extra={"verify": station.ca_file})

    WinCCHook("plant").test_connection()

    assert [request.status for request in station.requests] == [401]


def test_a_client_certificate_is_sent(monkeypatch):
    with Simulator(plant="still", client_certificates=True) as station:
        certificate, key = station.issue_client_certificate()
        fields = {"host": station.url, "login": "engineer", "password": station.users["engineer"].password}
        without = define(monkeypatch, **fields, extra={"verify": station.ca_file}).test_connection()
        extra = {"verify": station.ca_file, "client_cert": certificate, "client_key": key}
        with_it = define(monkeypatch, **fields, extra=extra).test_connection()

    assert not without[0]
    assert with_it[0], with_it[1]


def test_the_form_has_every_option_and_no_other():
    assert set(connection_form.CONNECTION_FIELDS) == OPTION_NAMES | AIRFLOW_OPTION_NAMES
    assert OPTION_NAMES.isdisjoint(AIRFLOW_OPTION_NAMES)


def test_the_metadata_and_the_form_of_airflow_3_1_are_the_same_definition():
    (metadata,) = get_provider_info()["connection-types"]

    assert metadata["conn-fields"] == connection_form.CONNECTION_FIELDS
    assert metadata["ui-field-behaviour"]["placeholders"] == WinCCHook.get_ui_field_behaviour()["placeholders"]
    assert metadata["ui-field-behaviour"]["relabeling"] == WinCCHook.get_ui_field_behaviour()["relabeling"]


def test_no_field_has_a_default_that_saving_the_form_would_write():
    assert not any("default" in field["schema"] for field in connection_form.CONNECTION_FIELDS.values())


def test_the_token_field_is_a_password():
    assert connection_form.CONNECTION_FIELDS["bearer_token"]["schema"]["format"] == "password"
