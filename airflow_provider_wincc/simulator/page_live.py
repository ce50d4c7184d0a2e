"""Everything that moves on the page for people, as one JSON that tells what has changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.page_changes import ChangeLog
from airflow_provider_wincc.simulator.page_messages import pending_messages
from airflow_provider_wincc.simulator.page_orders import unit_orders
from airflow_provider_wincc.simulator.page_requests import RequestRates
from airflow_provider_wincc.simulator.page_tags import tag_row

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.state import StationState
    from airflow_provider_wincc.simulator.tags import SimulatedTag


class LiveView:
    """Tells pages what has changed; for the thread of the server.

    The page asks twice a second. That is sturdier than a stream: it lives through a restart of the station, through
    connections that are cut on purpose, and it sends nothing while nobody looks.
    """

    def __init__(self, state: StationState) -> None:
        self._state = state
        self._tags: ChangeLog[SimulatedTag] = ChangeLog()
        self._sections: ChangeLog[Any] = ChangeLog()
        self._rates = RequestRates(state.journal)

    def changes(self, since: str) -> dict[str, Any]:
        """Tell what has changed since a mark; everything for an empty or unknown one.

        :returns: ``mark`` for the next time; ``whole``: whether the tags are all there are; ``tags``, changed ones as
            in :func:`tag_row`; ``gone``, names of removed ones; ``sections``, changed ones whole.
        """
        tag_mark, _, section_mark = since.partition(".")
        tags = self._tags.changes({tag.name: tag for tag in self._state.tags.all()}, tag_mark)
        sections = self._sections.changes(self._described(), section_mark)
        return {
            "mark": f"{tags.mark}.{sections.mark}",
            "whole": tags.whole,
            "tags": [tag_row(tag) for tag in tags.contents.values()],
            "gone": tags.gone,
            "sections": sections.contents,
        }

    def _described(self) -> dict[str, Any]:
        state = self._state
        return {
            "station": {
                "plant": state.plant_name,
                "frozen": state.frozen,
                "service": state.service_on,
            },
            "units": [unit_orders(unit) for unit in state.units.all()],
            "messages": pending_messages(state.messages),
            "requests": self._rates.description(),
            "faults": [asdict(fault) for fault in state.faults.pending],
            "dialect": asdict(state.dialect),
        }
