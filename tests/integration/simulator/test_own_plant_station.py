"""An own plant over REST, and the state that is kept of it."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rest_caller import RestCaller
from simulator_waiting import wait_until

from airflow_provider_wincc.simulator import KeptStateError, PlantFile, Simulator, SimulatorStartError

if TYPE_CHECKING:
    from collections.abc import Callable

PLANT = """
name: Bakery
frozen: true
tags:
  Oven.Setpoint: {type: float32, value: 180, group: Oven, connection: S7_Oven}
  Oven.Temperature:
    {type: float32, value: 20, unit: C, group: Oven, behaviour: {kind: follow, tag: Oven.Setpoint, time_constant: 20}}
  Oven.Walk: {value: 5.0, behaviour: {kind: random_walk, step: 1, low: 0, high: 10}}
  Oven.Batch: {type: text, value: 000042}
units:
  Kneader1: {}
archives:
  Ovens: {Oven_Temperature: {}}
messages:
  101:
    {class: Error, text: {en: Too hot, de: Zu heiß}, group: Baking, raised_by: {tag: Oven.Temperature, above: 150}}
  102: {class: Warning, text: Low, raised_by: {tag: Oven.Setpoint, below: 10}}
timeline:
  - {at: 10, service: stopped}
  - {at: 20, service: running}
  - {at: 30, set: {Oven.Walk: 9}}
  - {at: 40, fault: unavailable}
"""


@pytest.fixture
def kept(tmp_path: Path) -> Callable[..., Simulator]:
    """Make stations, not started, that keep their state in one folder."""

    def make(text: str = PLANT, **settings: object) -> Simulator:
        return Simulator(plant=PlantFile.parse(text), state=tmp_path / "state", **settings)  # type: ignore[arg-type]

    return make


def test_tag_management_lists_what_the_file_has() -> None:
    with Simulator(plant=PlantFile.parse(PLANT)) as station:
        rest = RestCaller(station)
        with closing(rest.session):
            names = [row["variableName"] for row in rest.get("/tagManagement/variables").json()["variables"]]
            groups = [row["groupName"] for row in rest.get("/tagManagement/Groups").json()["groups"]]
            connections = [
                row["connectionName"] for row in rest.get("/tagManagement/Connections").json()["connections"]
            ]
            structures = rest.get("/tagManagement/StructureTypes").json()["structureTypes"]
            batch = rest.get("/tagManagement/Value/oven.batch").json()["value"]

    assert {"Oven.Setpoint", "Oven.Batch", "Kneader1.Order.Id", "@CurrentUser", "Messages.Pending"} <= set(names)
    assert "Tank1.Level" not in names
    assert "Oven" in groups
    assert {"Internal", "S7_Oven"} <= set(connections)
    assert (structures, batch) == ([], "000042")


def test_messages_of_the_file_are_configured_and_come_in() -> None:
    with Simulator(plant=PlantFile.parse(PLANT)) as station:
        rest = RestCaller(station)
        with closing(rest.session):
            station.set("Oven.Temperature", 151)
            rest.write("Oven.Setpoint", 5)
            pending = rest.get("/alarmLogging/MessageList/All").json()["messages"]
            german = rest.get("/alarmLogging/Message/101", headers={"Accept-Language": "de-DE"}).json()
            limits = rest.get("/alarmLogging/LimitValues").json()["limitValues"]
            groups = rest.get("/alarmLogging/MessageGroups").json()["messageGroups"]
            listed = rest.get("/alarmLogging/Messages").json()["messages"]

    assert [row["msgNo"] for row in pending] == [101, 102]
    assert german["text1"] == "Zu heiß"
    assert [(each["variableName"], each["kind"]) for each in limits] == [
        ("Oven.Temperature", "upper limit"),
        ("Oven.Setpoint", "lower limit"),
    ]
    assert groups == [{"name": "Baking", "msgNos": [101]}]
    assert [row["msgNo"] for row in listed] == [101, 102]


def test_the_timeline_stops_the_service_and_brings_it_back() -> None:
    with Simulator(plant=PlantFile.parse(PLANT)) as station:
        rest = RestCaller(station)
        with closing(rest.session):
            statuses = []
            for seconds in (9.9, 0.1, 10, 20, 0):
                station.step(seconds)
                statuses.append(rest.get("/tagManagement/Value/Oven.Walk").status_code)

    assert statuses == [200, 503, 200, 503, 200]


def test_an_own_plant_moves_in_real_time() -> None:
    text = "tags: {A: {value: 0, behaviour: {kind: counter, per_second: 10, every: 0.1}}}"
    with Simulator(plant=PlantFile.parse(text)) as station:
        wait_until(lambda: station.get("A").value != 0, what="the counter")


def test_values_messages_passwords_and_the_authority_are_kept(kept: Callable[..., Simulator]) -> None:
    with kept() as first:
        first.step(30)
        first.set("Oven.Temperature", 155.5, quality=0x4C)
        first.set("Oven.Temperature", 156.5)
        first.set("Oven.Batch", "000043", quality=0x18)
        first.acknowledge_message(101, user="Anna")
        first.hide_message(102)
        before = ([first.get(name) for name in ("Oven.Temperature", "Oven.Batch", "Oven.Walk")], first.pending_messages)
        rows, password, ca_file = first.message_archive, first.users["engineer"].password, first.ca_file
        authority = Path(str(ca_file)).read_bytes()

    with kept() as second:
        after = (
            [second.get(name) for name in ("Oven.Temperature", "Oven.Batch", "Oven.Walk")],
            second.pending_messages,
        )
        rest = RestCaller(second)
        with closing(rest.session):
            status = rest.get("/tagManagement/Value/Oven.Batch").status_code

        assert before[1]
        assert (after, second.message_archive) == (before, rows)
        assert (second.users["engineer"].password, second.ca_file) == (password, ca_file)
        assert (Path(str(ca_file)).read_bytes(), status) == (authority, 200)
        assert second.hide_message(102) is False


def test_the_clock_goes_on_and_what_the_timeline_left_behind_is_put_back(kept: Callable[..., Simulator]) -> None:
    with kept() as whole:
        whole.step(60)
        expected = whole.get("Oven.Temperature").value
    with kept(reset=True) as first:
        first.step(15)
    with kept() as second:
        rest = RestCaller(second)
        with closing(rest.session):
            stopped = rest.get("/tagManagement/Value/Oven.Walk").status_code
        second.step(20)
    with kept() as third:
        third.step(25)

        assert stopped == 503
        assert third.get("Oven.Walk").value == 9.0
        assert third.get("Oven.Temperature").value == pytest.approx(expected, rel=1e-5)


def test_a_message_that_was_raised_before_is_not_raised_again(kept: Callable[..., Simulator]) -> None:
    with kept() as first:
        first.set("Oven.Temperature", 160)
        (before,) = first.pending_messages
    with kept() as second:
        (after,) = second.pending_messages
        second.set("Oven.Temperature", 100)
        second.acknowledge_message(101)

        assert after == before
        assert second.pending_messages == []


def test_reset_forgets_and_makes_new_certificates(kept: Callable[..., Simulator], tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "notes.txt").write_text("mine", encoding="utf-8")
    with kept() as first:
        first.issue_client_certificate()
        first.set("Oven.Batch", "000043")
        password, authority = first.users["engineer"].password, Path(str(first.ca_file)).read_bytes()

    with kept(reset=True) as second:
        assert second.get("Oven.Batch").value == "000042"
        assert second.users["engineer"].password != password
        assert Path(str(second.ca_file)).read_bytes() != authority
        assert list((tmp_path / "state").glob("client-*")) == []
        assert (tmp_path / "state" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_the_demo_plant_keeps_its_state_too(tmp_path: Path) -> None:
    with Simulator(plant="still", state=tmp_path / "state") as first:
        first.set("Tank1.Level", 95.0)
    with Simulator(plant="still", state=tmp_path / "state") as second:
        assert second.get("Tank1.Level").value == 95.0
        assert [message.number for message in second.pending_messages] == [2001, 3001, 1001]


def test_what_the_plant_has_no_more_or_has_otherwise_is_forgotten(kept: Callable[..., Simulator]) -> None:
    with kept("tags: {A: 1, B: 2, C: 3}\nmessages: {7: {class: Error, text: x}}") as first:
        first.set("A", 10)
        first.set("B", 20)
        first.raise_message(7)
    with kept("tags: {A: 1, B: {type: text, value: b}}") as second:
        assert [second.get(name).value for name in "AB"] == [10, "b"]
        assert "C" not in second.tag_names
        assert second.pending_messages == []


def test_the_tags_of_a_production_unit_begin_anew(kept: Callable[..., Simulator]) -> None:
    with kept() as first:
        first.set("Kneader1.Order.Id", "4711")
    with kept() as second:
        assert second.get("Kneader1.Order.Id").value == ""


def test_a_second_station_on_the_folder_is_refused_until_the_first_ends(kept: Callable[..., Simulator]) -> None:
    with kept():
        second = kept()
        with pytest.raises(KeptStateError, match=r"state is used by another simulator \(process \d+\); stop that one"):
            second.start()
    with second:
        assert second.get("Oven.Batch").value == "000042"


def test_a_station_that_cannot_start_leaves_the_folder_free(kept: Callable[..., Simulator]) -> None:
    with Simulator(plant="still") as other, pytest.raises(SimulatorStartError, match="port is in use"):
        kept(port=other.port).start()
    with kept() as station:
        assert station.get("Oven.Batch").value == "000042"


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": 2}', '{"format": 1, "tags": 7}', "\xff"])
def test_a_damaged_state_is_told_and_can_be_forgotten(
    damage: str, kept: Callable[..., Simulator], tmp_path: Path
) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "state.json").write_bytes(damage.encode("latin-1"))

    with pytest.raises(KeptStateError, match="damaged; forget it with --reset"):
        kept().start()
    with kept(reset=True) as station:
        assert station.get("Oven.Batch").value == "000042"


def test_a_damaged_authority_is_told(kept: Callable[..., Simulator], tmp_path: Path) -> None:
    with kept():
        pass
    (tmp_path / "state" / "ca.pem").write_text("no certificate", encoding="utf-8")

    with pytest.raises(KeptStateError, match="damaged; forget it with --reset"):
        kept().start()
    with kept(reset=True) as station:
        assert station.url


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("", encoding="utf-8")

    with pytest.raises(KeptStateError, match="cannot be written to"):
        Simulator(plant="still", state=tmp_path / "state").start()


def test_secrets_can_be_read_by_their_owner_only(kept: Callable[..., Simulator], tmp_path: Path) -> None:
    with kept():
        modes = {
            name: stat.S_IMODE((tmp_path / "state" / name).stat().st_mode)
            for name in (".", "state.json", "ca.key", "station.key")
        }

    assert modes == {".": 0o700, "state.json": 0o600, "ca.key": 0o600, "station.key": 0o600}


def test_passwords_are_saved_as_soon_as_the_station_answers(kept: Callable[..., Simulator], tmp_path: Path) -> None:
    with kept() as station:
        saved = json.loads((tmp_path / "state" / "state.json").read_text(encoding="utf-8"))

        assert saved["users"]["engineer"]["password"] == station.users["engineer"].password


def test_a_state_over_plain_http_has_no_certificates(kept: Callable[..., Simulator], tmp_path: Path) -> None:
    with kept(tls=False) as station:
        assert station.ca_file is None
    assert not (tmp_path / "state" / "ca.pem").exists()


def test_reset_without_a_folder_is_refused() -> None:
    with pytest.raises(ValueError, match="reset needs state"):
        Simulator(reset=True)
