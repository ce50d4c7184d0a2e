"""What a file says of where its rows come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc import __version__
from airflow_provider_wincc.archive_export.moments import to_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from airflow_provider_wincc.archive_export.aggregates import Aggregate

SCHEMA_VERSION = 1
"""Goes up when a column is added, removed, or means something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFacts:
    """What was exported.

    :param archive: name of the archive.
    :param station: address of the station, without credentials.
    :param tags: the archive tags that were asked for.
    :param start: first moment of what the file covers.
    :param end: first moment after it.
    :param every: length of the buckets, when the file holds buckets and not rows.
    :param aggregates: of each bucket; empty when the file holds rows.
    """

    archive: str
    station: str
    tags: Sequence[str]
    start: datetime
    end: datetime
    every: timedelta | None = None
    aggregates: Sequence[Aggregate] = ()

    def metadata(self) -> dict[str, str]:
        """Return all of it by keys with the prefix ``wincc.``; each value is JSON."""
        facts = {
            "archive": self.archive,
            "station": self.station,
            "tags": list(self.tags),
            "start": to_text(self.start),
            "end": to_text(self.end),
            "provider_version": __version__,
            "schema_version": SCHEMA_VERSION,
        }
        if self.every is not None:
            facts["every_seconds"] = self.every.total_seconds()
            facts["aggregates"] = [str(aggregate) for aggregate in self.aggregates]
        return {f"wincc.{name}": json.dumps(value) for name, value in facts.items()}
