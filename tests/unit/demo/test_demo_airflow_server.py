from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from demo.airflow_server import child_environment, free_ports, prepare_airflow
from demo.errors import DemoError


def test_settings_of_another_airflow_do_not_reach_the_demo() -> None:
    environment = child_environment(
        {
            "AIRFLOW_HOME": "/srv/airflow",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://production",
            "AIRFLOW_CONN_WINCC_DEFAULT": "{}",
            "LANG": "C.UTF-8",
        }
    )

    assert [name for name in environment if name.startswith("AIRFLOW")] == []
    assert environment["LANG"] == "C.UTF-8"


def test_programs_of_the_environment_come_first_on_the_path_and_this_machine_needs_no_proxy() -> None:
    environment = child_environment({"PATH": "/usr/bin", "NO_PROXY": "intranet"})

    first, *rest = environment["PATH"].split(":")
    assert (Path(first) / "airflow").exists()
    assert rest == ["/usr/bin"]
    assert environment["NO_PROXY"] == environment["no_proxy"] == "intranet,127.0.0.1"


def test_airflow_starts_from_an_empty_folder_with_a_new_password(tmp_path: Path) -> None:
    home = tmp_path / "airflow"
    home.mkdir()
    (home / "airflow.db").touch()

    first = prepare_airflow(home, dags_folder=tmp_path, connections={})
    second = prepare_airflow(home, dags_folder=tmp_path, connections={})

    passwords = home / "passwords.json"
    assert [path.name for path in home.iterdir()] == ["passwords.json"]
    assert json.loads(passwords.read_text()) == {"admin": second.password}
    assert passwords.stat().st_mode & 0o077 == 0
    assert first.password != second.password
    assert second.password not in repr(second)


def test_a_folder_that_cannot_be_emptied_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DemoError, match=r"Cannot empty .*file/airflow: Not a directory\. Delete it"):
        prepare_airflow(tmp_path / "file" / "airflow", dags_folder=tmp_path, connections={})


def test_airflow_gets_the_connection_the_dags_and_a_port_for_everything_that_listens(tmp_path: Path) -> None:
    server = prepare_airflow(tmp_path / "home", dags_folder=tmp_path, connections={"wincc_default": "{}"})

    settings = server.environment
    ports = {value for name, value in settings.items() if name.startswith("AIRFLOW__") and name.endswith("PORT")}
    assert settings["AIRFLOW_CONN_WINCC_DEFAULT"] == "{}"
    assert settings["AIRFLOW__CORE__DAGS_FOLDER"] == str(tmp_path)
    assert server.url == f"http://127.0.0.1:{settings['AIRFLOW__API__PORT']}"
    assert len(ports) == 3


def test_free_ports_are_different_and_can_be_listened_on() -> None:
    ports = free_ports(5)

    assert len(set(ports)) == 5
    for port in ports:
        with socket.create_server(("127.0.0.1", port)) as server:
            assert server.getsockname()[1] == port


@pytest.mark.parametrize("count", [0, 1])
def test_so_many_ports_as_asked_for_come_back(count: int) -> None:
    assert len(free_ports(count)) == count
