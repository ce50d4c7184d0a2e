"""Own plants, lists of tags and kept state from the command line."""

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

from airflow_provider_wincc.simulator import PlantFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMAND = str(Path(sys.executable).with_name("airflow-wincc"))
ENVIRONMENT = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
LIST = (
    "Name;Data type;Start value;Group\nOven.Batch;Text tag 16-bit character set;000042;Öfen\nOven.Raw;Raw data type;;\n"
)


class Running:
    def __init__(self, folder: Path, *options: str) -> None:
        self.file = folder / "station.json"
        self.process = subprocess.Popen(
            [COMMAND, "simulate", "--port", "0", "--describe", str(self.file), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=ENVIRONMENT,
        )
        patience = time.monotonic() + 60
        while not self.file.exists():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < patience, "no description within 60 seconds"
            time.sleep(0.02)
        self.description: dict[str, Any] = json.loads(self.file.read_text())

    def call(self, method: str, tag: str, **options: Any) -> dict[str, Any]:
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self.description["ca_file"] or False
            session.auth = ("engineer", self.description["users"]["engineer"]["password"])
            url = f"{self.description['url']}/WinCCRestService/tagManagement/Value/{tag}"
            answer: dict[str, Any] = session.request(method, url, timeout=10, **options).json()
        return answer

    def end(self, number: int = signal.SIGTERM) -> tuple[str, str]:
        self.process.send_signal(number)
        told = self.process.communicate(timeout=30)
        self.file.unlink(missing_ok=True)
        return told


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start the command in a folder of its own; whatever still runs at the end is killed."""
    started: list[Running] = []

    def begin(*options: str) -> Running:
        started.append(Running(tmp_path, *options))
        return started[-1]

    yield begin
    for command in started:
        if command.process.poll() is None:
            command.process.kill()
            command.process.communicate()


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, timeout=60, check=False, cwd=folder, env=ENVIRONMENT
    )


def test_a_plant_file_and_a_list_are_simulated_together(start: Callable[..., Running], tmp_path: Path) -> None:
    (tmp_path / "tags.csv").write_bytes(LIST.encode("utf-16"))
    (tmp_path / "plant.yaml").write_text("tags: {Oven.Batch: {unit: no}, Oven.On: true}", encoding="utf-8")

    station = start("--plant", "plant.yaml", "--tags", "tags.csv")
    values = [station.call("GET", tag)["value"] for tag in ("Oven.Batch", "Oven.On")]
    out, err = station.end()

    assert (values, station.process.returncode) == (["000042", "true"], 0)
    assert err == "Left out of tags.csv: 1 of type 'Raw data type', which is not simulated.\n"
    assert "Simulated WinCC station" in out


def test_a_list_alone_is_simulated(start: Callable[..., Running], tmp_path: Path) -> None:
    (tmp_path / "tags.csv").write_bytes(LIST.encode("cp1252"))

    station = start("--tags", "tags.csv", "--http")

    assert station.call("GET", "Oven.Batch")["value"] == "000042"
    assert station.call("GET", "Tank1.Level").get("error") is not None


def test_what_was_written_outlives_a_killed_simulator_and_the_connection_stays_valid(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    first = start("--plant", "still", "--state", "kept")
    first.call("PUT", "Tank1.Setpoint", json={"value": 77})
    patience = time.monotonic() + 60
    while '"value": 77.0' not in (tmp_path / "kept" / "state.json").read_text(encoding="utf-8"):
        assert time.monotonic() < patience, "not saved within 60 seconds"
        time.sleep(0.05)
    first.end(signal.SIGKILL)

    second = start("--plant", "still", "--state", "kept")

    assert second.call("GET", "Tank1.Setpoint")["value"] == "77"
    for key in ("users", "ca_file"):
        assert second.description[key] == first.description[key]


def test_two_simulators_on_one_folder_are_refused_with_one_line(start: Callable[..., Running], tmp_path: Path) -> None:
    first = start("--plant", "still", "--state", "kept")

    second = run(tmp_path, "simulate", "--port", "0", "--state", "kept")

    assert second.returncode == 1
    assert second.stderr.decode() == (
        f"airflow-wincc simulate: the state folder {tmp_path / 'kept'} is used by another simulator "
        f"(process {first.process.pid}); stop that one, or give this one a folder of its own\n"
    )


def test_a_typo_in_a_plant_file_ends_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "plant.yaml").write_text("tags:\n  Oven.On:\n    vlaue: true\n", encoding="utf-8")

    result = run(tmp_path, "simulate", "--plant", "plant.yaml")

    assert result.returncode == 1
    assert result.stderr.decode() == (
        "airflow-wincc simulate: plant.yaml, line 3, column 5, key tags.Oven.On.vlaue: unknown key 'vlaue'; "
        "did you mean 'value'? Known are type, value, quality, unit, description, group, connection, behaviour\n"
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--plant", "none.yaml"], "there is no file 'none.yaml'"),
        (["--plant", "stil"], "demo, still or a YAML file"),
        (["--reset"], "it needs --state FOLDER"),
        (["--encoding", "cp1251"], "it needs --tags LIST"),
    ],
)
def test_options_that_make_no_sense_are_told(options: list[str], told: str, tmp_path: Path) -> None:
    result = run(tmp_path, "simulate", *options)

    assert result.returncode == 2
    assert told in result.stderr.decode()


def test_a_list_becomes_a_plant_file_on_standard_output(tmp_path: Path) -> None:
    (tmp_path / "tags.csv").write_bytes(LIST.encode("utf-16"))

    result = run(tmp_path, "plant-from-tags", "tags.csv")

    (tag,) = PlantFile.parse(result.stdout.decode("utf-8")).tags
    assert (tag.name, tag.value, tag.group) == ("Oven.Batch", "000042", "Öfen")
    assert result.stderr.decode() == "Left out: 1 of type 'Raw data type', which is not simulated.\n"
    assert result.returncode == 0


def test_a_list_that_is_none_ends_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "tags.csv").write_text("a;b\n1;2\n", encoding="utf-8")

    result = run(tmp_path, "plant-from-tags", "tags.csv")

    assert result.returncode == 1
    assert result.stdout == b""
    assert result.stderr.decode().startswith("airflow-wincc plant-from-tags: tags.csv: no row names the columns")
