"""No credential of a connection is ever shown, whichever way it was given and whoever echoes it."""

from __future__ import annotations

import base64
import html
import json
import logging
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import responses
from mocked_station import VALUE, VALUES

from airflow_provider_wincc.client import StationSettings, WinCCClient, WinCCConfigurationError, WinCCError

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = 'Kiln 7/ä"<b>#x'
TOKEN = "eyJhbGciOi.J9-secret_token"
PROXY_PASSWORD = "Pr0xy/Pa@ss"
PROXY_PASSWORD_IN_URL = "Pr0xy%2fPa%40ss"
QUOTED = quote(PASSWORD, safe="")

WAYS: dict[str, dict[str, Any]] = {
    "fields": {"host": "wincc01.plant.example", "login": "engineer", "password": PASSWORD},
    "URL": {"host": f"https://engineer:{QUOTED}@wincc01.plant.example"},
    "bearer token": {"host": "wincc01.plant.example", "extra": {"bearer_token": TOKEN}},
    "proxy": {
        "host": "wincc01.plant.example",
        "extra": {"proxy": f"http://anna:{PROXY_PASSWORD_IN_URL}@127.0.0.1:1"},
    },
}
BASIC = base64.b64encode(f"engineer:{PASSWORD}".encode()).decode()
PROXY_BASIC = base64.b64encode(f"anna:{PROXY_PASSWORD}".encode()).decode()
FORMS = {
    "fields": [
        PASSWORD,
        QUOTED,
        BASIC,
        html.escape(PASSWORD),
        json.dumps(PASSWORD)[1:-1],
        json.dumps(PASSWORD, ensure_ascii=False)[1:-1],
    ],
    "bearer token": [TOKEN],
    "proxy": [PROXY_PASSWORD, quote(PROXY_PASSWORD, safe=""), PROXY_PASSWORD_IN_URL, PROXY_BASIC],
}
FORMS["URL"] = FORMS["fields"]
# Parts that would betray a secret even when it was cut or changed on its way.
PARTS = {"fields": ["Kiln"], "URL": ["Kiln"], "bearer token": ["eyJh", "secret_token"], "proxy": ["Pr0xy"]}
CASES = [(way, form) for way, forms in FORMS.items() for form in forms]


def settings_given_by(way: str) -> StationSettings:
    settings = StationSettings.from_fields(**WAYS[way])
    return StationSettings(
        **{**{name: getattr(settings, name) for name in settings.__dataclass_fields__}, "retry_wait": 0.001}
    )


@pytest.fixture(autouse=True)
def every_log_line_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def shown(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    """Return everything that anyone may get to see of an error: text, repr, traceback, chain, failures, log."""
    texts = [*traceback.format_exception(error), caplog.text]
    pending: list[BaseException | None] = [error]
    while pending:
        cause = pending.pop()
        if cause is not None:
            texts += [str(cause), repr(cause), str(vars(cause).get("errors", ""))]
            pending += [cause.__cause__, cause.__context__ if cause.__cause__ is None else None]
    return "\n".join(texts)


def assert_nothing_secret(text: str, way: str) -> None:
    for secret in [*FORMS[way], *PARTS[way]]:
        assert secret not in text


@pytest.mark.parametrize("way", WAYS)
def test_settings_and_client_do_not_show_a_secret(way: str) -> None:
    settings = settings_given_by(way)

    with WinCCClient(settings) as client:
        assert_nothing_secret(f"{settings!r} {settings} {settings.address!r} {client!r} {settings.station}", way)


@pytest.mark.parametrize(("way", "form"), CASES)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 500, 503])
def test_a_secret_that_the_station_sends_back_is_not_shown(
    mock: responses.RequestsMock, caplog: pytest.LogCaptureFixture, way: str, form: str, status: int
) -> None:
    for verb in (responses.GET, responses.POST, responses.PUT):
        for url in (VALUES, f"{VALUE}/Level"):
            mock.add(verb, url, status=status, body=f"<p>Bad login: {form}</p>")
    calls = [
        lambda client: client.read_tag("Level"),
        lambda client: client.read_tags(["Level"]),
        lambda client: client.write_tag("Level", 1),
        lambda client: client.write_tags({"Level": 1}),
    ]

    for call in calls:
        with WinCCClient(settings_given_by(way)) as client, pytest.raises(WinCCError) as caught:
            call(client)

        assert_nothing_secret(shown(caught.value, caplog), way)


@pytest.mark.parametrize(("way", "form"), CASES)
def test_a_secret_that_is_cut_off_at_the_end_of_a_quotation_is_not_shown_in_part(
    mock: responses.RequestsMock, caplog: pytest.LogCaptureFixture, way: str, form: str
) -> None:
    mock.get(f"{VALUE}/Level", status=500, body="x" * 197 + form)

    with WinCCClient(settings_given_by(way)) as client, pytest.raises(WinCCError) as caught:
        client.read_tag("Level")

    assert_nothing_secret(shown(caught.value, caplog), way)


ROWS = [
    {"variableName": "Level", "error": "%s"},
    {"variableName": "Level", "errorcode": "%s"},
    {"error": "%s"},
    {"odd": "%s"},
]


@pytest.mark.parametrize("row", [*ROWS, {"variableName": "Level", "value": "1", "qualitycode": "%s"}])
@pytest.mark.parametrize("way", ["fields", "bearer token"])
def test_a_secret_in_a_row_that_was_read_is_not_shown(
    mock: responses.RequestsMock, caplog: pytest.LogCaptureFixture, way: str, row: dict[str, str]
) -> None:
    mock.post(VALUES, json={key: value.replace("%s", FORMS[way][0]) for key, value in row.items()})

    with WinCCClient(settings_given_by(way)) as client, pytest.raises(WinCCError) as caught:
        client.read_tags(["Level"])

    assert_nothing_secret(shown(caught.value, caplog), way)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("way", ["fields", "bearer token"])
def test_a_secret_in_the_answer_to_a_write_is_not_shown(
    mock: responses.RequestsMock, caplog: pytest.LogCaptureFixture, way: str, row: dict[str, str]
) -> None:
    mock.put(VALUES, json={key: value.replace("%s", FORMS[way][0]) for key, value in row.items()})

    with WinCCClient(settings_given_by(way)) as client, pytest.raises(WinCCError) as caught:
        client.write_tags({"Level": 1})

    assert_nothing_secret(shown(caught.value, caplog), way)


@pytest.mark.parametrize("way", ["fields", "URL", "bearer token"])
def test_a_secret_in_the_target_of_a_redirect_is_not_shown(
    mock: responses.RequestsMock, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    secret = FORMS[way][1 if way != "bearer token" else 0]
    mock.get(f"{VALUE}/Level", status=302, headers={"Location": f"https://engineer:{secret}@sso.example/{secret}"})

    with WinCCClient(settings_given_by(way)) as client, pytest.raises(WinCCError, match=r"sso\.example") as caught:
        client.read_tag("Level")

    assert_nothing_secret(shown(caught.value, caplog), way)


@pytest.mark.parametrize("source", ["extra", "environment"])
def test_a_proxy_that_is_away_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, source: str
) -> None:
    settings = settings_given_by("proxy")
    if source == "environment":
        monkeypatch.setenv("HTTPS_PROXY", WAYS["proxy"]["extra"]["proxy"])
        settings = StationSettings(address=settings.address, retry_wait=0.001)

    with WinCCClient(settings) as client, pytest.raises(WinCCError) as caught:
        client.read_tag("Level")

    assert "http://127.0.0.1:1 " in caught.value.message
    assert "proxy" in caught.value.hint
    assert_nothing_secret(shown(caught.value, caplog), "proxy")


@pytest.mark.parametrize(
    "proxy",
    [
        "http://anna:Pr0xy/Pass@proxy:3128",
        "http://anna:Pr0xy#Pass@proxy:3128",
        "http://anna:Pr0xy?Pass@proxy:3128",
        "http://anna:Pr0xy[@proxy:3128",
        "http://anna:Pr0xy@proxy:port",
        "anna:Pr0xy@proxy:3128",
        {"https": "anna:Pr0xy@proxy:3128"},
        '{"https": "anna:Pr0xy@proxy:3128"',
    ],
)
def test_a_proxy_that_cannot_be_read_is_an_error_that_does_not_quote_it(proxy: Any) -> None:
    with pytest.raises(WinCCConfigurationError, match="proxy") as caught:
        StationSettings.from_url("https://wincc01.plant.example", proxy=proxy)

    assert "Pr0xy" not in "".join(traceback.format_exception(caught.value))


def test_a_login_with_half_a_character_is_not_quoted() -> None:
    settings = StationSettings.from_url("https://wincc01", username="engineer", password="Kiln\ud800")

    with pytest.raises(WinCCConfigurationError) as caught:
        WinCCClient(settings)

    assert "Kiln" not in "".join(traceback.format_exception(caught.value))


def test_the_login_is_sent_as_utf_8(mock: responses.RequestsMock) -> None:
    mock.get(f"{VALUE}/Level", json={"value": "1"})

    with WinCCClient(settings_given_by("fields")) as client:
        client.read_tag("Level")

    assert mock.calls[0].request.headers["Authorization"] == f"Basic {BASIC}"


def test_a_bearer_token_is_sent_instead_of_the_login(mock: responses.RequestsMock) -> None:
    mock.get(f"{VALUE}/Level", json={"value": "1"})
    settings = StationSettings.from_url("https://wincc01.plant.example", username="a", password="b", bearer_token=TOKEN)

    with WinCCClient(settings) as client:
        client.read_tag("Level")

    assert mock.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"
