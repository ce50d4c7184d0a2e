"""An own plant for the simulated station, read from a YAML file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.errors import PlantFileError
from airflow_provider_wincc.simulator.plant_file_archives import read_archives
from airflow_provider_wincc.simulator.plant_file_messages import read_messages
from airflow_provider_wincc.simulator.plant_file_nodes import read_nodes
from airflow_provider_wincc.simulator.plant_file_tags import KnownTags, read_tags
from airflow_provider_wincc.simulator.plant_file_timeline import read_timeline
from airflow_provider_wincc.simulator.plant_file_units import read_units
from airflow_provider_wincc.simulator.plant_messages import PlantMessages
from airflow_provider_wincc.simulator.tags import SimulatedTag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike
    from typing import Self

    from airflow_provider_wincc.simulator.archive_settings import SimulatedArchive
    from airflow_provider_wincc.simulator.plant_behaviours import Behaviour
    from airflow_provider_wincc.simulator.plant_tags import PlantTag
    from airflow_provider_wincc.simulator.timeline import TimelineEvent
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit

_LARGEST = 32 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class PlantFile:
    """An own plant: what stands in the file, checked. ``docs/own-plant.md`` describes the file.

    :param name: what the plant is called.
    :param tags: its tags, but for those of production units and those that each station has.
    :param units: its production units.
    :param archives: its process value archives.
    :param messages: its messages and what raises them.
    :param timeline: what happens to it by itself.
    :param frozen: whether it stands still until it is stepped or thawed.
    """

    name: str = "own"
    tags: tuple[PlantTag, ...] = ()
    units: tuple[SimulatedUnit, ...] = ()
    archives: tuple[SimulatedArchive, ...] = ()
    messages: PlantMessages = field(default_factory=PlantMessages)
    timeline: tuple[TimelineEvent, ...] = ()
    frozen: bool = False

    @classmethod
    def read(cls, path: str | PathLike[str], *, listed: Iterable[PlantTag] = ()) -> Self:
        """Read a plant from a YAML file in UTF-8.

        :param listed: further tags, such as those of :func:`read_tag_list`; a tag of the file goes before one of
            the same name.
        :raises PlantFileError: naming file, line, column and key of the first thing that is wrong.
        """
        file = Path(path)
        try:
            blob = file.read_bytes()
        except OSError as problem:
            raise PlantFileError(
                f"cannot be read: {problem.strerror or problem}", source=str(file), line=1, column=1
            ) from None
        if len(blob) > _LARGEST:
            raise PlantFileError("a plant has at most 32 MB", source=str(file), line=1, column=1)
        try:
            text = blob.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            line = blob.count(b"\n", 0, problem.start) + 1
            raise PlantFileError("no UTF-8; save the file as UTF-8", source=str(file), line=line, column=1) from None
        return cls.parse(text, source=str(file), name=file.stem, listed=listed)

    @classmethod
    def parse(cls, text: str, *, source: str = "plant", name: str = "own", listed: Iterable[PlantTag] = ()) -> Self:
        """Read a plant from YAML text.

        :param source: what errors call it.
        :param name: what the plant is called when the text does not say.
        :param listed: further tags, see :meth:`read`.
        :raises PlantFileError: naming line, column and key of the first thing that is wrong.
        """
        top = read_nodes(text, source).fields("a mapping with keys such as tags")
        named, frozen = top.take("name"), top.take("frozen")
        tags = read_tags(top.take("tags"), listed)
        units = read_units(top.take("units"), tags)
        known = KnownTags.of(tags, units)
        archives = read_archives(top.take("archives"))
        messages = read_messages(top.take("messages"), known)
        timeline = read_timeline(top.take("timeline"), known, messages)
        top.done()
        known.check_behaviours(tags)
        return cls(
            name=name if named is None else named.text(),
            tags=tuple(tag for tag, _ in tags.values()),
            units=units,
            archives=archives,
            messages=messages,
            timeline=timeline,
            frozen=False if frozen is None else frozen.flag(),
        )

    @property
    def behaviours(self) -> Mapping[str, Behaviour]:
        """What tags do by themselves, by name."""
        return {tag.name: tag.behaviour for tag in self.tags if tag.behaviour is not None}

    def simulated_tags(self) -> list[SimulatedTag]:
        """Make the tags as they stand when the station starts."""
        now = datetime.now(UTC)
        return [
            SimulatedTag(
                name=tag.name,
                data_type=tag.data_type,
                value=tag.value,
                timestamp=now,
                quality=tag.quality,
                unit=tag.unit,
                description=tag.description,
                group=tag.group,
                connection=tag.connection,
            )
            for tag in self.tags
        ]
