"""``WinCCStationLink``: from a task in Airflow's web page to the web page of its station."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook, BaseOperatorLink

from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

_log = logging.getLogger(__name__)


class WinCCStationLink(BaseOperatorLink):
    """Leads to the ``web_page`` of the task's connection; where none is set, the task shows no link.

    Airflow asks for the address on the worker, at the end of each try and whenever a task is deferred, and keeps it as
    an XCom for its web page. No request is sent to the station.
    """

    name = "WinCC station"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:  # noqa: ARG002  Airflow's signature
        """Return the address, or an empty text; never raises, since what the task did is done by then."""
        # The options bring more with them than parsing a DAG file needs.
        from airflow_provider_wincc.hooks.airflow_options import read_web_page

        try:
            # All operators that have this link have a connection to a station.
            connection = BaseHook.get_connection(operator.wincc_conn_id)  # type: ignore[attr-defined]
            return read_web_page(connection.extra_dejson) or ""
        except WinCCConfigurationError as error:
            _log.warning("No link to the station: %s", error)
        except Exception as error:  # noqa: BLE001  secrets backends raise what they like, and the task is over
            # Left out, because it may quote a secret.
            _log.info("No link to the station, because its connection cannot be read (%s).", type(error).__name__)
        return ""
