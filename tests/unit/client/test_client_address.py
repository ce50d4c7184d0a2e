"""One URL out of all the spellings that a connection can hold."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client import StationSettings, WinCCConfigurationError

DEFAULT = "https://wincc01:34568/WinCCRestService"


def url_of(**fields: Any) -> str:
    return StationSettings.from_fields(**fields).address.url


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"host": "wincc01"}, DEFAULT),
        ({"host": " wincc01 "}, DEFAULT),
        ({"host": "WinCC01"}, DEFAULT),
        ({"host": "wincc01/"}, DEFAULT),
        ({"host": "wincc01:34568"}, DEFAULT),
        ({"host": "wincc01", "port": 34568}, DEFAULT),
        ({"host": "wincc01", "port": "34568"}, DEFAULT),
        ({"host": "wincc01", "port": ""}, DEFAULT),
        ({"host": "wincc01", "schema": "https"}, DEFAULT),
        ({"host": "wincc01", "schema": "HTTPS"}, DEFAULT),
        ({"host": "https://wincc01"}, DEFAULT),
        ({"host": "HTTPS://wincc01/"}, DEFAULT),
        ({"host": "https://wincc01:34568", "port": 34568, "schema": "https"}, DEFAULT),
        ({"host": "https://wincc01:34568/WinCCRestService/"}, DEFAULT),
        ({"host": "https://wincc01//WinCCRestService//"}, DEFAULT),
        ({"host": "wincc01", "port": 443}, "https://wincc01:443/WinCCRestService"),
        ({"host": "wincc01", "schema": "http"}, "http://wincc01:34568/WinCCRestService"),
        ({"host": "http://wincc01:8080"}, "http://wincc01:8080/WinCCRestService"),
        ({"host": "10.0.0.5"}, "https://10.0.0.5:34568/WinCCRestService"),
        ({"host": "wincc01", "extra": {"base_path": "plant/rest"}}, "https://wincc01:34568/plant/rest"),
        ({"host": "wincc01", "extra": {"base_path": "/plant//rest/"}}, "https://wincc01:34568/plant/rest"),
        ({"host": "wincc01", "extra": {"base_path": "/Plant 1"}}, "https://wincc01:34568/Plant%201"),
        ({"host": "https://wincc01/plant/rest"}, "https://wincc01:34568/plant/rest"),
        ({"host": "wincc01/plant/rest"}, "https://wincc01:34568/plant/rest"),
    ],
)
def test_every_spelling_of_an_address_gives_its_url(fields: dict[str, Any], url: str) -> None:
    assert url_of(**fields) == url


def test_the_fields_that_a_connection_uri_leaves_give_the_url_that_stood_in_it() -> None:
    # What Connection.from_uri("wincc://https://wincc01:34568/Path") makes of it.
    assert url_of(host="https://wincc01", port=34568, schema="Path") == "https://wincc01:34568/Path"


def test_a_base_path_in_the_schema_of_a_plain_host_is_understood() -> None:
    # What Connection.from_uri("wincc://wincc01:34568/WinCCRestService") makes of it.
    assert url_of(host="wincc01", port=34568, schema="WinCCRestService") == DEFAULT


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("fe80::1", None),
        ("[fe80::1]", None),
        ("[fe80::1]:34568", None),
        ("https://[fe80::1]", 34568),
        ("https://fe80::1", None),
        ("https://[fe80::1]:34568/WinCCRestService", None),
        ("fe80::1/WinCCRestService", None),
    ],
)
def test_every_spelling_of_an_ipv6_address_gives_its_url(host: str, port: int | None) -> None:
    address = StationSettings.from_fields(host=host, port=port).address

    assert address.host == "fe80::1"
    assert address.url == "https://[fe80::1]:34568/WinCCRestService"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"host": "https://wincc01:1", "port": 2}, ["port", "1", "2"]),
        ({"host": "https://wincc01", "schema": "http"}, ["scheme", "'https'", "'http'"]),
        ({"host": "https://wincc01/a", "extra": {"base_path": "/b"}}, ["path", "'/a'", "'/b'"]),
        ({"host": "https://wincc01/a", "schema": "b"}, ["path", "'/a'", "'/b'"]),
        ({"host": "https://anna@wincc01", "login": "otto"}, ["login"]),
        ({"host": "https://anna:one@wincc01", "password": "two"}, ["password"]),
    ],
)
def test_two_fields_that_contradict_each_other_are_an_error_that_names_both(
    fields: dict[str, Any], named: list[str]
) -> None:
    with pytest.raises(WinCCConfigurationError) as caught:
        StationSettings.from_fields(**fields)

    assert all(word in caught.value.message for word in named)
    assert "Keep" in caught.value.hint


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"host": None}, "no host"),
        ({"host": "  "}, "no host"),
        ({"host": "https://"}, "no readable host name"),
        ({"host": "wincc 01"}, "no readable host name"),
        ({"host": ":34568"}, "no readable host name"),
        ({"host": "ftp://wincc01"}, "'ftp'"),
        ({"host": "opc.tcp://wincc01"}, "'opc.tcp'"),
        ({"host": "wincc01", "schema": "opc"}, "'opc'"),
        ({"host": "wincc01", "port": 0}, "port"),
        ({"host": "wincc01", "port": 65536}, "65536"),
        ({"host": "wincc01", "port": "rest"}, "'rest'"),
        ({"host": "wincc01:rest"}, "port"),
        ({"host": "wincc01:70000"}, "port"),
        ({"host": "wincc01:1:2"}, "port"),
        ({"host": "[fe80::1"}, "more in it than"),
        ({"host": "https://wincc01/?a=b"}, "more in it than"),
        ({"host": "https://wincc01/#top"}, "more in it than"),
    ],
)
def test_an_address_that_cannot_be_read_is_an_error_that_names_it(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(WinCCConfigurationError) as caught:
        StationSettings.from_fields(**fields)

    assert named in caught.value.message
    assert caught.value.hint


def test_a_login_in_the_url_is_used_and_percent_decoded() -> None:
    settings = StationSettings.from_url("https://plant%5Canna:p%40ss%2Fword@wincc01")

    assert (settings.username, settings.password) == ("plant\\anna", "p@ss/word")
    assert settings.address.url == DEFAULT


SCHEMES_IN_HOST = ["", "https://", "HTTPS://"]
PORTS_IN_HOST = ["", ":8443"]
PATHS_IN_HOST = ["", "/", "/rest/v1", "//rest/v1/"]


@given(
    host=st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z][a-z0-9]{0,8}){0,2}", fullmatch=True),
    in_host=st.sampled_from(list(product(SCHEMES_IN_HOST, PORTS_IN_HOST, PATHS_IN_HOST))),
    schema=st.sampled_from([None, "", "https", "HTTPS"]),
    port=st.sampled_from([None, 8443, "8443", " 8443 "]),
    base_path=st.sampled_from([None, "rest/v1", "/rest/v1/", "/rest//v1"]),
)
def test_any_combination_of_spellings_of_one_address_gives_one_url(
    host: str, in_host: tuple[str, str, str], schema: str | None, port: int | str | None, base_path: str | None
) -> None:
    scheme, port_in_host, path_in_host = in_host
    extra = {} if base_path is None else {"base_path": base_path}

    url = url_of(host=f"{scheme}{host}{port_in_host}{path_in_host}", schema=schema, port=port, extra=extra)

    expected_port = 8443 if port_in_host or port else 34568
    expected_path = "/rest/v1" if base_path or "rest" in path_in_host else "/WinCCRestService"
    assert url == f"https://{host}:{expected_port}{expected_path}"


@given(
    before=st.sampled_from(["", "https://", "http://", "ftp://"]),
    secret=st.text(min_size=6).map(lambda text: f"Zq{text}qZ"),
    after=st.sampled_from(["", ":34568", ":rest", "/Path", "/Path?x=1"]),
    schema=st.sampled_from([None, "http", "opc"]),
)
def test_no_password_in_the_host_is_ever_shown(before: str, secret: str, after: str, schema: str | None) -> None:
    try:
        settings = StationSettings.from_fields(host=f"{before}anna:{secret}@wincc01{after}", schema=schema)
    except WinCCConfigurationError as error:
        shown = f"{error} {error!r}"
    else:
        shown = f"{settings} {settings!r} {settings.address} {settings.address!r} {settings.station}"

    assert "Zq" not in shown
    assert "qZ" not in shown


def test_a_login_at_a_wrong_place_of_the_connection_is_not_shown_either() -> None:
    with pytest.raises(WinCCConfigurationError) as caught:
        StationSettings.from_fields(host="https://anna", port=None, schema="geheim@wincc01:34568/Path")

    assert "geheim" not in str(caught.value)
