"""A WinCC station in one process, to test and to try things out against.

It is a test double of a documented interface: REST over HTTPS, a small plant that moves, archives that hold
years of rows, and faults on demand. It needs the extra ``simulator``. The parts are loaded when they are first
used, so that the help of the command does not wait for a web server.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.archive_moments import DailySpan
    from airflow_provider_wincc.simulator.archive_settings import SimulatedArchive, SimulatedArchiveTag
    from airflow_provider_wincc.simulator.archives import ArchivedRow, ProcessValueArchive
    from airflow_provider_wincc.simulator.dialect import Dialect
    from airflow_provider_wincc.simulator.errors import (
        KeptStateError,
        PlantFileError,
        SimulatorStartError,
        TagListError,
        UnknownArchiveError,
        UnknownMessageError,
        UnknownTagError,
        UnknownUnitError,
        WrongValueError,
    )
    from airflow_provider_wincc.simulator.faults import Fault
    from airflow_provider_wincc.simulator.journal import RequestRecord, WriteRecord
    from airflow_provider_wincc.simulator.message_records import MessageRecord
    from airflow_provider_wincc.simulator.plant_file import PlantFile
    from airflow_provider_wincc.simulator.production_unit import ProductionUnit
    from airflow_provider_wincc.simulator.station import Simulator
    from airflow_provider_wincc.simulator.tag_list import TagList
    from airflow_provider_wincc.simulator.tags import SimulatedTag
    from airflow_provider_wincc.simulator.unit_records import StartRecord, UnitEvent
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit
    from airflow_provider_wincc.simulator.users import SimulatedUser

__all__ = [
    "ArchivedRow",
    "DailySpan",
    "Dialect",
    "Fault",
    "KeptStateError",
    "MessageRecord",
    "PlantFile",
    "PlantFileError",
    "ProcessValueArchive",
    "ProductionUnit",
    "RequestRecord",
    "SimulatedArchive",
    "SimulatedArchiveTag",
    "SimulatedTag",
    "SimulatedUnit",
    "SimulatedUser",
    "Simulator",
    "SimulatorStartError",
    "StartRecord",
    "TagList",
    "TagListError",
    "UnitEvent",
    "UnknownArchiveError",
    "UnknownMessageError",
    "UnknownTagError",
    "UnknownUnitError",
    "WriteRecord",
    "WrongValueError",
]

_HOMES = {
    "ArchivedRow": "archives",
    "DailySpan": "archive_moments",
    "Dialect": "dialect",
    "Fault": "faults",
    "KeptStateError": "errors",
    "MessageRecord": "message_records",
    "PlantFile": "plant_file",
    "PlantFileError": "errors",
    "ProcessValueArchive": "archives",
    "ProductionUnit": "production_unit",
    "RequestRecord": "journal",
    "SimulatedArchive": "archive_settings",
    "SimulatedArchiveTag": "archive_settings",
    "SimulatedTag": "tags",
    "SimulatedUnit": "unit_settings",
    "SimulatedUser": "users",
    "Simulator": "station",
    "SimulatorStartError": "errors",
    "StartRecord": "unit_records",
    "TagList": "tag_list",
    "TagListError": "errors",
    "UnitEvent": "unit_records",
    "UnknownArchiveError": "errors",
    "UnknownMessageError": "errors",
    "UnknownTagError": "errors",
    "UnknownUnitError": "errors",
    "WriteRecord": "journal",
    "WrongValueError": "errors",
}

for _module in ("starlette", "trustme", "typer", "uvicorn", "yaml"):
    if find_spec(_module) is None:
        raise ModuleNotFoundError(
            f"the simulator needs {_module}: pip install 'airflow-provider-wincc[simulator]'", name=_module
        )


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
