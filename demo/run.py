"""The course of the demo, from the first process to the outcome."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack, closing
from importlib.metadata import version
from os.path import relpath
from typing import TYPE_CHECKING

from demo.airflow_api import AirflowApi
from demo.airflow_server import AirflowServer, child_environment, prepare_airflow
from demo.erp import Erp
from demo.errors import DemoError, DemoTimeoutError, InterruptedBySignalError
from demo.lock import exclusive
from demo.orders import ORDERS, UNIT
from demo.report import Report, print_error, table
from demo.run_follower import failed_logs, follow_run
from demo.settings import DemoSettings
from demo.station import Station, UnitRecord, simulator, wait_for_station
from demo.timeline import timeline
from demo.verdict import complaints
from demo.waiting import StopRequest, Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from demo.erp import ErpOrder
    from demo.processes import Service

DAG_ID = "wincc_order_handoff"
POOL = "wincc_mixer1"


def run_demo(stop: StopRequest) -> int:
    """Run the demo and return its exit code.

    :returns: 0 when every order went as it must, 1 when anything did not, 128 + signal when stopped before the end.
    """
    try:
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
        settings = DemoSettings.from_environment(os.environ, terminal=terminal)
        with exclusive(settings.home):
            return Demo(settings, stop).run()
    except DemoError as error:
        print_error(str(error), error.details)
        return 1
    except InterruptedBySignalError as error:
        print_error(f"{error}; everything that the demo started has been stopped")
        return 128 + error.signal_number


class Demo:
    """One run of the demo; whatever it starts is stopped when `run` is left."""

    def __init__(self, settings: DemoSettings, stop: StopRequest) -> None:
        self._settings = settings
        self._stopwatch = Stopwatch(settings.timeout, stop=stop)
        self._report = Report(self._stopwatch)

    def run(self) -> int:
        """Start everything, run the DAG, tell the outcome, and stop everything."""
        with ExitStack() as started:
            station_service = started.enter_context(self._start_simulator())
            station = wait_for_station(station_service, home=self._settings.home, stopwatch=self._stopwatch)
            self._report.step(f"station answers at {station.url}")
            erp = Erp(self._settings.home / "erp.db")
            server = self._prepare_airflow(station, erp)
            airflow = started.enter_context(self._start_airflow(server))
            api = started.enter_context(closing(AirflowApi(server.url, user=server.user, password=server.password)))
            self._wait_until_healthy(api, airflow)
            api.log_in()
            self._wait_for_dag(api, airflow)
            api.create_pool(POOL, slots=1)
            faults = self._hand_off_orders(api, airflow, station, erp)
            self._report.section(_addresses(server, station))
            self._report.section(_outcome(faults))
            if self._settings.stay:
                self._stay_up([station_service, airflow])
            self._report.step("stopping")
        self._report.step("everything is stopped")
        return 1 if faults else 0

    def _start_simulator(self) -> Service:
        self._report.step("starting the simulated WinCC station")
        return simulator(child_environment(os.environ), home=self._settings.home)

    def _prepare_airflow(self, station: Station, erp: Erp) -> AirflowServer:
        return prepare_airflow(
            self._settings.home / "airflow",
            dags_folder=self._settings.dags_folder,
            connections={"wincc_default": station.airflow_connection(), "erp": erp.airflow_connection()},
        )

    def _start_airflow(self, server: AirflowServer) -> Service:
        log = self._settings.home / "airflow.log"
        self._report.step(f"starting Airflow {version('apache-airflow')} (it writes to {relpath(log)})")
        return server.start(log=log)

    def _wait_until_healthy(self, api: AirflowApi, airflow: Service) -> None:
        missing: list[str] = []

        def look() -> bool | None:
            missing[:] = api.unhealthy_parts()
            return None if missing else True

        try:
            self._wait_for_airflow("Airflow to be healthy", look, airflow)
        except DemoTimeoutError as error:
            raise DemoError(f"{error} Not healthy: {', '.join(missing)}.", details=error.details) from error
        self._report.step("Airflow is healthy: scheduler, triggerer, DAG processor, API server")

    def _wait_for_dag(self, api: AirflowApi, airflow: Service) -> None:
        def look() -> bool | None:
            if errors := api.import_errors():
                details = [line for file, trace in errors for line in (f"{file}:", *trace.splitlines())]
                raise DemoError(f"Airflow cannot load {len(errors)} DAG file(s).", details=details)
            return api.has_dag(DAG_ID) or None

        folder = self._settings.dags_folder
        self._wait_for_airflow(f"Airflow to load the DAG {DAG_ID} from {folder}", look, airflow)
        self._report.step(f"DAG {DAG_ID} is loaded")

    def _wait_for_airflow(self, what: str, look: Callable[[], bool | None], airflow: Service) -> None:
        """Wait for something in Airflow; when it does not come, show what Airflow wrote."""

        def look_while_it_runs() -> bool | None:
            airflow.check()
            return look()

        try:
            self._stopwatch.wait_for(what, look_while_it_runs)
        except DemoTimeoutError as error:
            raise DemoTimeoutError(str(error), details=airflow.log_tail()) from error

    def _hand_off_orders(self, api: AirflowApi, airflow: Service, station: Station, erp: Erp) -> list[str]:
        """Release the orders, run the DAG, show what became of them; return what is not as it must be."""
        erp.release(ORDERS, unit=UNIT)
        self._report.step(f"the ERP has released {len(ORDERS)} orders for {UNIT}")
        api.unpause(DAG_ID)
        run_id = api.trigger(DAG_ID)
        self._report.step(f"run {run_id} is triggered")
        outcome = follow_run(api, DAG_ID, run_id, airflow=airflow, stopwatch=self._stopwatch, report=self._report)
        self._report.step(outcome.sentence())
        listed, record = erp.orders(), station.unit_record(UNIT)
        self._show(listed, record)
        faults = complaints(ORDERS, listed, record.starts)
        if faults:
            self._report.section(failed_logs(api, DAG_ID, run_id, outcome))
        return faults

    def _show(self, listed: Sequence[ErpOrder], record: UnitRecord) -> None:
        orders = [(row.order_id, row.payload, row.status, _first_sentence(row.reason)) for row in listed]
        starts = [(start.order_id, json.dumps(start.payload), f"{start.at:%H:%M:%S}") for start in record.starts]
        moments = [
            (f"{moment.seconds:5.1f} s", moment.order_id, moment.place, moment.event)
            for moment in timeline(listed, record.events)
        ]
        for lines in (
            table("The ERP's table of orders:", ("order", "payload", "status", "reason"), orders),
            table(f"What {UNIT} has started:", ("order", "payload", "at (UTC)"), starts),
            table("Timeline:", ("after", "order", "where", "what"), moments),
        ):
            self._report.section(lines)

    def _stay_up(self, services: Sequence[Service]) -> None:
        self._report.section(["Airflow and the station stay up. Press Ctrl-C to stop them."])
        try:
            while True:
                self._stopwatch.sleep(1)
                for service in services:
                    service.check()
        except InterruptedBySignalError:
            self._report.section([])


def _addresses(server: AirflowServer, station: Station) -> list[str]:
    """Name the two web pages and their logins, which are random and live as long as this demo."""
    return [
        f"Airflow   {server.url}   user {server.user}   password {server.password}",
        f"Station   {station.url}   user {station.user}   password {station.password}",
    ]


def _outcome(faults: Sequence[str]) -> list[str]:
    if faults:
        return ["Outcome: NOT as it must be.", *faults]
    confirmed = sum(order.ends_as == "confirmed" for order in ORDERS)
    refused = len(ORDERS) - confirmed
    return [
        f"Outcome: {confirmed} orders confirmed, started once each; {refused} refused by the unit, never started.",
        "The DAG run is marked failed because of the refused order, so that somebody looks.",
    ]


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0]
