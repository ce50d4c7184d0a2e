"""The command in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [str(Path(sys.executable).with_name("airflow-wincc")), "simulate"]


class Running:
    def __init__(self, folder: Path, *options: str) -> None:
        self.file = folder / "station.json"
        self.process = subprocess.Popen(
            [*COMMAND, "--port", "0", "--describe", str(self.file), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        patience = time.monotonic() + 30
        while not self.file.exists():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < patience, "no description within 30 seconds"
            time.sleep(0.02)
        self.description: dict[str, Any] = json.loads(self.file.read_text())

    def read(self) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self.description["ca_file"] or False
            session.auth = ("viewer", self.description["users"]["viewer"]["password"])
            return session.get(
                f"{self.description['url']}/WinCCRestService/tagManagement/Value/Tank1.Level", timeout=10
            )

    def end(self, number: int) -> tuple[str, str]:
        self.process.send_signal(number)
        return self.process.communicate(timeout=20)


@pytest.fixture
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    command = Running(tmp_path, *getattr(request, "param", ()))
    yield command
    if command.process.poll() is None:
        command.process.kill()
        command.process.communicate()


def test_the_described_station_answers_and_ends_cleanly_on_sigterm(running: Running) -> None:
    mode = running.file.stat().st_mode & 0o777
    answer = running.read()
    out, err = running.end(signal.SIGTERM)

    assert set(running.description) == {"url", "ca_file", "users"}
    assert {name: set(user) for name, user in running.description["users"].items()} == {
        name: {"password", "role"} for name in ("engineer", "viewer", "guest")
    }
    assert (mode, answer.status_code) == (0o600, 200)
    assert (running.process.returncode, err) == (0, "")
    assert not running.file.exists()
    assert list(running.file.parent.iterdir()) == []
    assert not Path(running.description["ca_file"]).parent.exists()
    assert running.description["url"] in out


@pytest.mark.parametrize("running", [("--http", "--plant", "still")], indirect=True)
def test_ctrl_c_ends_it_as_well_and_the_connection_can_be_copied(running: Running) -> None:
    answer = running.read()
    out, err = running.end(signal.SIGINT)

    connection = json.loads(out.partition("Airflow connection:\n")[2].splitlines()[0])
    assert answer.json()["value"] == "40"
    assert connection == {
        "conn_type": "wincc",
        "host": running.description["url"],
        "login": "engineer",
        "password": running.description["users"]["engineer"]["password"],
        "extra": {},
    }
    assert running.description["ca_file"] is None
    assert (running.process.returncode, err) == (0, "")


@pytest.mark.parametrize("running", [("--http", "--unit-speed", "50")], indirect=True)
def test_the_unit_works_at_the_speed_asked_for(running: Running) -> None:
    with requests.Session() as session:
        session.trust_env = False
        units = session.get(f"{running.description['url']}/simulator/units", timeout=10).json()

    assert {name: unit["speed"] for name, unit in units.items()} == {"Mixer1": 50.0}


@pytest.mark.parametrize("running", [("--http", "--archive-tags", "2", "--archive-period", "250")], indirect=True)
def test_a_further_archive_is_as_large_as_asked_for(running: Running) -> None:
    path = f"{running.description['url']}/WinCCRestService/tagLogging/Archive/Benchmark/values"
    window = {"begin": "2026-03-02T07:00:00", "end": "2026-03-02T07:59:59.999"}
    with requests.Session() as session:
        session.trust_env = False
        session.auth = ("viewer", running.description["users"]["viewer"]["password"])
        names = {"variableNames": ["Value1", "Value2", "Value3"]}
        items = session.post(path, params=window, json=names, timeout=10).json()

    assert [len(item.get("values", [])) for item in items] == [14_400, 14_400, 0]


def run(*arguments: str, prelude: str = "") -> subprocess.CompletedProcess[str]:
    code = f"import sys\n{prelude}\nfrom airflow_provider_wincc.cli import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )


def test_a_port_in_use_ends_with_one_line() -> None:
    with Simulator(plant="still") as station:
        result = run("simulate", "--port", str(station.port))

        assert result.returncode == 1
        assert result.stderr == (
            f"airflow-wincc simulate: cannot listen on 127.0.0.1:{station.port}: "
            "the port is in use; choose another one, or 0 for a free one\n"
        )


def test_a_description_that_cannot_be_written_ends_with_one_line(tmp_path: Path) -> None:
    result = run("simulate", "--port", "0", "--describe", str(tmp_path / "no" / "station.json"))

    assert result.returncode == 1
    assert result.stderr.startswith("airflow-wincc simulate: cannot write ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("missing", ["typer", "uvicorn", "trustme", "starlette"])
def test_without_the_extra_the_command_says_what_to_install(missing: str) -> None:
    result = run("simulate", prelude=f"sys.modules[{missing!r}] = None")

    assert result.returncode == 1
    assert result.stderr == (f"airflow-wincc needs {missing}: pip install 'airflow-provider-wincc[simulator]'\n")


def test_without_the_extra_the_import_says_what_to_install() -> None:
    code = "import sys; sys.modules['uvicorn'] = None; import airflow_provider_wincc.simulator"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert result.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: the simulator needs uvicorn: pip install 'airflow-provider-wincc[simulator]'"
    )


def test_help_lists_the_subcommand_without_loading_a_web_server() -> None:
    result = run("--help", prelude="import atexit\natexit.register(lambda: print('uvicorn' in sys.modules))")

    assert result.returncode == 0
    assert "simulate" in result.stdout
    assert result.stdout.splitlines()[-1] == "False"


def test_importing_the_command_imports_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; import airflow_provider_wincc.cli; "
        "print([name for name in ('typer', 'airflow', 'requests', 'uvicorn') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout == "[]\n"
