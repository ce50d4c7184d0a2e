"""Login and roles."""

from __future__ import annotations

import base64
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from rest_caller import RestCaller

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator


def test_each_user_has_a_role_and_a_password_of_its_own(station: Simulator) -> None:
    roles = {name: user.role for name, user in station.users.items()}
    passwords = {user.password for user in station.users.values()}

    assert roles == {"engineer": "full", "viewer": "read-only", "guest": "none"}
    assert len(passwords) == 3
    assert not any(password in repr(station.users) for password in passwords)


def wrong_headers(station: Simulator) -> list[str | None]:
    def basic(text: bytes) -> str:
        return "Basic " + base64.b64encode(text).decode()

    password = station.users["engineer"].password
    return [
        None,
        "",
        "Basic",
        "Basic ???",
        "Bearer " + password,
        basic(b"engineer:wrong"),
        basic(b"nobody:" + password.encode()),
        basic(b"Engineer:" + password.encode()),
        basic(b"\xff\xfe"),
    ]


def test_a_missing_or_wrong_login_gets_401_with_a_challenge(station: Simulator) -> None:
    caller = RestCaller(station, user=None)
    with closing(caller.session):
        for header in wrong_headers(station):
            headers = {} if header is None else {"Authorization": header}
            answer = caller.get("/tagManagement/Value/Tank1.Level", headers=headers)

            assert (answer.status_code, answer.text) == (401, ""), header
            assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
            assert station.requests[-1].user is None


def test_an_unknown_path_below_the_service_asks_for_a_login_too(station: Simulator) -> None:
    caller = RestCaller(station, user=None)
    with closing(caller.session):
        assert caller.get("/nowhere").status_code == 401


@pytest.mark.parametrize(("user", "read", "write"), [("viewer", 200, 403), ("guest", 403, 403)])
def test_roles_allow_what_they_say(station: Simulator, user: str, read: int, write: int) -> None:
    station.set("T.Role", 1)
    caller = RestCaller(station, user=user)
    with closing(caller.session):
        statuses = [
            caller.get("/tagManagement/Value/T.Role").status_code,
            caller.read("T.Role").status_code,
            caller.get("/tagManagement/Connections").status_code,
            caller.write("T.Role", 2).status_code,
            caller.write_many({"T.Role": 2}).status_code,
        ]

    assert statuses == [read, read, read, write, write]
    assert station.get("T.Role").value == 1
