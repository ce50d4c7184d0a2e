"""A tag of an own plant as it is configured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.catalogue import INTERNAL
from airflow_provider_wincc.simulator.tags import GOOD

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import DataType, Scalar
    from airflow_provider_wincc.simulator.plant_behaviours import Behaviour


@dataclass(frozen=True, kw_only=True, slots=True)
class PlantTag:
    """A tag of an own plant.

    :param value: what it has at the start, of its type.
    :param quality: quality code at the start, one byte.
    :param behaviour: what it does by itself; None for nothing.
    """

    name: str
    data_type: DataType
    value: Scalar
    quality: int = GOOD
    unit: str = ""
    description: str = ""
    group: str = ""
    connection: str = INTERNAL
    behaviour: Behaviour | None = None
