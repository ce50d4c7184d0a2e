"""The simulated station of a soak, in a process of its own."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulated_units import simulated_unit
from soak_child import answer, next_command
from soak_faults import Dice, cut_connections
from soak_journal import SoakJournal
from soak_plan import ARCHIVE_TAGS, UNITS, SoakPlan
from soak_plant import Plant

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.simulator.archive_catalogue import benchmark_archive
from airflow_provider_wincc.simulator.certificates import Authority

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.message_records import MessageRecord


def main() -> None:
    """Do what is asked, until the input ends."""
    folder, plan = Path(sys.argv[1]), SoakPlan.from_json(sys.argv[2])
    station = SoakStation(plan, folder)
    with station.simulator as simulator:
        # The port stays the same over restarts.
        simulator._port = simulator.port
        while (command := next_command())["do"] != "end":
            answer(**station.do(command))
        # Nobody must start it again while it is stopped.
        station.plant.stand()


class SoakStation:
    """The station, its plant and its faults."""

    def __init__(self, plan: SoakPlan, folder: Path) -> None:
        self._plan = plan
        self.simulator = Simulator(
            plant="still",
            tags={**dict.fromkeys(plan.waits, 0), **dict.fromkeys(plan.edges, 0), **dict.fromkeys(plan.sets, 0.0)},
            units=[simulated_unit(name, parameters=PARAMETERS) for name in UNITS],
            archives=[benchmark_archive(ARCHIVE_TAGS, 1000)],
        )
        # Clients know the CA from the start, so that it must outlive restarts.
        authority = folder / "authority"
        authority.mkdir()
        self.simulator._make_authority = lambda: Authority("127.0.0.1", folder=authority)
        self.plant = Plant(plan, self.simulator)
        self.dice = Dice(plan.seed, self.plant.note_read)
        self.journal = SoakJournal()
        self.simulator._state.faults = self.dice
        self.simulator._state.journal = self.journal
        cut_connections(self.dice)

    def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked; return the answer."""
        match command["do"]:
            case "describe":
                return self._description()
            case "load":
                self.plant.move()
                self.dice.is_thrown = True
                return {}
            case "calm":
                self.plant.stand()
                self.dice.is_thrown = False
                plant = self.plant
                return {"counts": plant.counts, "serial": plant.serial, "messages": plant.messages}
            case "account":
                return self._account(command["windows"])
        raise ValueError(f"nobody knows how to {command['do']}")

    def _description(self) -> dict[str, Any]:
        passwords = {name: user.password for name, user in self.simulator.users.items()}
        return {"url": self.simulator.url, "ca_file": self.simulator.ca_file, "passwords": passwords}

    def _account(self, windows: list[list[str]]) -> dict[str, Any]:
        simulator, journal = self.simulator, self.journal
        archive = [record for record in simulator.message_archive if record.class_name == "Error"]
        return {
            "edges": self.plant.take_edges(),
            "values": {name: simulator.get(name).value for name in self._plan.sets},
            "repeated": journal.take_repeated(),
            "starts": [start.order_id for name in UNITS for start in simulator.unit(name).starts],
            "messages": [_in_window(archive, start, end) for start, end in windows],
            "requests": dict(journal.requests_by_user),
            "most_in_a_second": dict(journal.most_in_a_second),
            "most_at_once": dict(journal.most_at_once),
            "faults": dict(self.dice.counts),
            "troubles": dict(self.plant.troubles),
        }


PARAMETERS = {"WorkMaster": DataType.TEXT, "Quantity": DataType.FLOAT32}


def _in_window(archive: list[MessageRecord], start: str, end: str) -> int:
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    return sum(1 for record in archive if first <= record.time < last)


if __name__ == "__main__":
    main()
