"""Options of a connection come from forms, URIs and the environment, often as text."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_wincc.client import (
    ArchiveForm,
    ArchiveTimes,
    StationSettings,
    TagLimits,
    WinCCClient,
    WinCCConfigurationError,
    WritePolicy,
)


def settings_with(**extra: Any) -> StationSettings:
    return StationSettings.from_fields(host="wincc01", extra=extra)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("True", True),
        (" yes ", True),
        ("1", True),
        (1, True),
        ("false", False),
        ("FALSE", False),
        ("off", False),
        ("0", False),
        (0, False),
        ("/etc/plant-ca.pem", "/etc/plant-ca.pem"),
        ("", True),
        (None, True),
    ],
)
def test_verify_is_read_from_every_form(given: object, read: bool | str) -> None:
    assert settings_with(verify=given).verify == read


@pytest.mark.parametrize(
    ("option", "attribute", "given", "read"),
    [
        ("batch_size", "batch_size", 80, 80),
        ("batch_size", "batch_size", " 80 ", 80),
        ("archive_batch_size", "archive_batch_size", "5", 5),
        ("archive_max_values", "archive_max_values", 1000, 1000),
        ("archive_form", "archive_form", " Multiple ", ArchiveForm.MULTIPLE),
        ("archive_times", "archive_times", "utc_z", ArchiveTimes.UTC_Z),
        ("archive_times", "archive_times", "", ArchiveTimes.UTC),
        ("connect_timeout", "connect_timeout", "2.5", 2.5),
        ("connect_timeout", "connect_timeout", 3, 3.0),
        ("read_timeout", "read_timeout", "1e2", 100.0),
        ("timezone", "timezone", " Europe/Berlin ", ZoneInfo("Europe/Berlin")),
        ("timezone", "timezone", "", UTC),
        ("client_cert", "client_certificate", "/etc/client.pem", "/etc/client.pem"),
        ("bearer_token", "bearer_token", " abc.def ", "abc.def"),
        ("proxy", "proxy", "http://anna:pw@proxy.example:3128", "http://anna:pw@proxy.example:3128"),
        ("proxy", "proxy", {"https": "socks5h://proxy.example"}, {"https": "socks5h://proxy.example"}),
        ("proxy", "proxy", '{"https": "http://proxy.example"}', {"https": "http://proxy.example"}),
        ("proxy", "proxy", False, "none"),
        ("proxy", "proxy", "none", "none"),
        ("proxy", "proxy", "false", "none"),
        ("proxy", "proxy", " No ", "none"),
        ("proxy", "proxy", "OFF", "none"),
        ("proxy", "proxy", "0", "none"),
        ("proxy", "proxy", 0, "none"),
        ("proxy", "proxy", {"https": False, "http": "no"}, {"https": "none", "http": "none"}),
        ("proxy", "proxy", {"all://wincc01": "http://proxy.example"}, {"all://wincc01": "http://proxy.example"}),
        ("proxy", "proxy", {"https://fd00::7": "http://proxy.example"}, {"https://fd00::7": "http://proxy.example"}),
    ],
)
def test_an_option_is_read_from_a_value_and_from_text(option: str, attribute: str, given: object, read: object) -> None:
    assert getattr(settings_with(**{option: given}), attribute) == read


@pytest.mark.parametrize("given", [True, "true", "True", "1", 1])
def test_read_only_is_read_from_every_form(given: object) -> None:
    assert settings_with(read_only=given).policy.read_only is True


@pytest.mark.parametrize(
    "given",
    [
        ["Mixer1.*", "Tank?.Setpoint"],
        '["Mixer1.*", "Tank?.Setpoint"]',
        "Mixer1.*, Tank?.Setpoint",
        "Mixer1.*\nTank?.Setpoint\n",
    ],
)
def test_patterns_are_read_from_a_list_and_from_text(given: object) -> None:
    assert settings_with(writable_tags=given).policy.writable_tags == ("Mixer1.*", "Tank?.Setpoint")


@pytest.mark.parametrize("given", [[], "[]"])
def test_an_empty_list_of_writable_tags_allows_nothing(given: object) -> None:
    assert settings_with(writable_tags=given).policy.writable_tags == ()


@pytest.mark.parametrize("given", [None, ""])
def test_writable_tags_that_are_not_filled_in_allow_everything(given: object) -> None:
    assert settings_with(writable_tags=given).policy.writable_tags is None


@pytest.mark.parametrize("given", [{"Tank*.Setpoint": [0, None]}, '{"Tank*.Setpoint": [0, null]}'])
def test_limits_are_read_from_an_object_and_from_text(given: object) -> None:
    assert settings_with(tag_limits=given).policy.tag_limits == (TagLimits("Tank*.Setpoint", 0, None),)


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("verify", 2),
        ("verify", ["x"]),
        ("read_only", "maybe"),
        ("batch_size", 0),
        ("batch_size", -1),
        ("batch_size", "ten"),
        ("batch_size", 1.5),
        ("batch_size", True),
        ("archive_batch_size", 0),
        ("archive_max_values", "many"),
        ("archive_form", "both"),
        ("archive_form", True),
        ("archive_times", "Europe/Berlin"),
        ("connect_timeout", 0),
        ("connect_timeout", "soon"),
        ("connect_timeout", True),
        ("read_timeout", -1),
        ("read_timeout", "inf"),
        ("read_timeout", "nan"),
        ("read_timeout", 10**400),
        ("read_timeout", 1e10),
        ("timezone", "Europe/Nowhere"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "Europe"),
        ("timezone", 1),
        ("writable_tags", [1]),
        ("writable_tags", [""]),
        ("writable_tags", {"a": 1}),
        ("writable_tags", "[broken"),
        ("tag_limits", "broken"),
        ("tag_limits", [1, 2]),
        ("tag_limits", {"Tank": 5}),
        ("tag_limits", {"Tank": [1]}),
        ("base_path", 1),
        ("base_path", "/a?b"),
        ("client_cert", 1),
        ("bearer_token", 1),
        ("proxy", "proxy.example:3128"),
        ("proxy", True),
        ("proxy", "true"),
        ("proxy", 1),
        ("proxy", {"https": True}),
        ("proxy", {"https": 1}),
        ("proxy", "{broken"),
    ],
)
def test_an_option_that_cannot_be_read_is_an_error_that_names_it(option: str, given: object) -> None:
    with pytest.raises(WinCCConfigurationError) as caught:
        settings_with(**{option: given})

    assert option.replace("base_path", "path") in str(caught.value)


@pytest.mark.parametrize("limits", [[5, 1], ["0", 100], [True, 1], [float("nan"), 1], [0, float("inf")]])
def test_limits_that_make_no_sense_are_an_error_that_names_their_pattern(limits: list[object]) -> None:
    with pytest.raises(WinCCConfigurationError, match=r"Tank1\.Setpoint"):
        settings_with(tag_limits={"Tank1.Setpoint": limits})


def test_limits_without_a_pattern_are_an_error() -> None:
    with pytest.raises(WinCCConfigurationError, match="empty pattern"):
        settings_with(tag_limits={"": [0, 1]})


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("readonly", "read_only"),
        ("readOnly", "read_only"),
        ("read-only", "read_only"),
        ("writable_tag", "writable_tags"),
        ("writeable_tags", "writable_tags"),
        ("tag_limit", "tag_limits"),
        ("batchsize", "batch_size"),
        ("Verify", "verify"),
        ("bearer-token", "bearer_token"),
        ("read_time_out", "read_timeout"),
        ("writable", "writable_tags"),
        ("writeable", "writable_tags"),
        ("Allowed-Tags", "writable_tags"),
        ("limits", "tag_limits"),
        ("limit", "tag_limits"),
        ("write_protected", "read_only"),
        ("verify_ssl", "verify"),
        ("sslVerify", "verify"),
        ("ca_file", "verify"),
        ("CAfile", "verify"),
        ("client_certificate", "client_cert"),
        ("key_file", "client_key"),
        ("token", "bearer_token"),
        ("proxies", "proxy"),
    ],
)
def test_a_slip_in_the_name_of_an_option_is_an_error_that_names_the_right_one(slip: str, meant: str) -> None:
    with pytest.raises(WinCCConfigurationError) as caught:
        settings_with(**{slip: "true"})

    assert f"{slip!r}" in caught.value.message
    assert f"{meant!r}" in caught.value.hint


@pytest.mark.parametrize("slip", ["writeable_tags", "writable"])
def test_a_slip_of_writable_tags_is_one_with_an_empty_list_too(slip: str) -> None:
    with pytest.raises(WinCCConfigurationError, match="'writable_tags'"):
        settings_with(**{slip: []})


def test_options_of_others_are_left_alone() -> None:
    assert settings_with(owner="line 3", timeout=5, tags=["A"], limits_of_shift="8 h", writable=None).verify is True


@pytest.mark.parametrize(
    "key",
    [
        "HTTPS",
        "socks5",
        "ftp",
        "no_proxy",
        "",
        5,
        "https://",
        "https://wincc01:34568",
        "https://wincc01/",
        "https://WINCC01",
        "wincc01",
    ],
)
def test_a_key_of_the_proxy_object_that_fits_no_station_is_an_error_that_names_it(key: object) -> None:
    with pytest.raises(WinCCConfigurationError, match="'proxy'") as caught:
        settings_with(proxy={"http": "http://proxy.example", key: "http://anna:secret@proxy.example"})

    assert f"{key!r}." in caught.value.message
    assert "secret" not in str(caught.value)


def test_a_key_of_the_proxy_object_that_has_a_login_is_not_quoted() -> None:
    with pytest.raises(WinCCConfigurationError, match="one with a login") as caught:
        settings_with(proxy={"http://anna:secret@proxy.example": "http://proxy.example"})

    assert "secret" not in str(caught.value)


def test_a_key_without_its_certificate_is_an_error() -> None:
    with pytest.raises(WinCCConfigurationError, match="client_cert"):
        settings_with(client_key="/etc/client.key")


@pytest.mark.parametrize("option", ["verify", "client_cert"])
def test_a_file_that_is_not_there_is_an_error_that_names_option_and_file(option: str) -> None:
    settings = settings_with(**{option: "/nowhere/plant.pem"})

    with pytest.raises(WinCCConfigurationError) as caught:
        WinCCClient(settings)

    assert option in caught.value.message
    assert "/nowhere/plant.pem" in caught.value.message


def test_a_ca_file_without_certificates_is_an_error(tmp_path: Any) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("not a certificate")

    with pytest.raises(WinCCConfigurationError, match=r"ca\.pem.*cannot be read"):
        WinCCClient(settings_with(verify=str(file)))


def test_a_client_certificate_that_is_none_is_an_error(tmp_path: Any) -> None:
    file = tmp_path / "client.pem"
    file.write_text("not a certificate")

    with pytest.raises(WinCCConfigurationError, match=r"client\.pem"):
        WinCCClient(settings_with(client_cert=str(file)))


def test_a_ca_file_of_the_environment_that_is_not_there_is_an_error_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")

    with pytest.raises(WinCCConfigurationError, match=r"REQUESTS_CA_BUNDLE.*/nowhere/bundle\.pem"):
        WinCCClient(settings_with())


@pytest.mark.parametrize("login", ["anna:secret", "half\ud800"])
def test_a_login_that_http_basic_cannot_carry_is_an_error(login: str) -> None:
    settings = StationSettings.from_fields(host="wincc01", login=login, password="Kiln-7-secret")

    with pytest.raises(WinCCConfigurationError, match="login"):
        WinCCClient(settings)


def test_a_bearer_token_with_a_line_break_is_an_error_that_does_not_quote_it() -> None:
    settings = settings_with(bearer_token="abc\ndef")

    with pytest.raises(WinCCConfigurationError, match="bearer_token") as caught:
        WinCCClient(settings)

    assert "abc" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch_size": 0},
        {"archive_max_values": 0},
        {"archive_form": "both"},
        {"connect_timeout": 0},
        {"read_timeout": -1},
        {"read_retries": -1},
        {"retry_wait": -0.1},
    ],
)
def test_settings_made_without_a_connection_are_checked_too(wrong: dict[str, Any]) -> None:
    with pytest.raises(WinCCConfigurationError, match=next(iter(wrong))):
        StationSettings(address=settings_with().address, **wrong)


def test_a_policy_with_a_text_instead_of_patterns_is_an_error() -> None:
    with pytest.raises(WinCCConfigurationError, match="Mixer"):
        WritePolicy(writable_tags="Mixer1.*")  # type: ignore[arg-type]
