"""The simulated station as Python code sees it."""

from __future__ import annotations

import math
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_wincc.simulator.archive_catalogue import default_archives
from airflow_provider_wincc.simulator.certificates import Authority
from airflow_provider_wincc.simulator.control import control_app
from airflow_provider_wincc.simulator.control_connection import airflow_connection
from airflow_provider_wincc.simulator.dialect import Dialect
from airflow_provider_wincc.simulator.errors import SimulatorStartError
from airflow_provider_wincc.simulator.faults import make_fault
from airflow_provider_wincc.simulator.kept_state import KeptState
from airflow_provider_wincc.simulator.plant_file import PlantFile
from airflow_provider_wincc.simulator.rest import RestService, is_service_path
from airflow_provider_wincc.simulator.server import BackgroundServer
from airflow_provider_wincc.simulator.state import StationState
from airflow_provider_wincc.simulator.tags import GOOD
from airflow_provider_wincc.simulator.unit_settings import default_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from starlette.types import ASGIApp, Receive, Scope, Send

    from airflow_provider_wincc.client.models import DataType, Scalar
    from airflow_provider_wincc.simulator.archive_settings import SimulatedArchive
    from airflow_provider_wincc.simulator.archives import ProcessValueArchive
    from airflow_provider_wincc.simulator.connections import Connections
    from airflow_provider_wincc.simulator.faults import Fault
    from airflow_provider_wincc.simulator.journal import RequestRecord, WriteRecord
    from airflow_provider_wincc.simulator.message_records import MessageRecord
    from airflow_provider_wincc.simulator.production_unit import ProductionUnit
    from airflow_provider_wincc.simulator.tags import SimulatedTag
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit
    from airflow_provider_wincc.simulator.users import SimulatedUser


class Simulator:
    """A WinCC station in this process: the REST service over HTTPS, a small plant, and faults on demand.

    It is a test double of a documented interface, not WinCC. Use it as a context manager; tags, faults and
    dialect may be set before it starts. All methods may be called from any thread.

    :param port: port to listen on; 0 takes a free one.
    :param host: address to listen on. Anything but a loopback address lets other machines in.
    :param tls: serve https with a certificate of a CA made at the start; False serves plain http.
    :param dialect: how the station answers where real stations differ.
    :param plant: ``demo`` moves in real time, ``still`` starts frozen and moves by :meth:`step` only; or an own plant:
        a :class:`PlantFile`, or the path of one that ends in ``.yaml`` or ``.yml``.
    :param tags: further tags by name, typed by their values: bool, int (int32), float (float64) or text.
    :param units: production units that take orders; left out, there is one, ``Mixer1``, of profile A, or those of
        the own plant.
    :param archives: process value archives; left out, there is one, ``ProcessData``, or those of the own plant.
    :param client_certificates: clients must show a certificate from :meth:`issue_client_certificate`.
    :param hostname: make the certificate for this name alone, to test a host name that does not match.
    :param state: keep the state in this folder from one start to the next: values of tags, messages, users with
        passwords, and the CA. What is kept goes before what the plant and ``tags`` say.
    :param reset: forget what is kept there at the first start.
    :raises ValueError: for a value that is none of these.
    :raises PlantFileError: for a plant file that cannot be read; a :class:`ValueError`.
    """

    def __init__(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        tls: bool = True,
        dialect: Dialect | None = None,
        plant: Literal["demo", "still"] | str | PathLike[str] | PlantFile = "demo",
        tags: Mapping[str, Scalar] | None = None,
        units: Iterable[SimulatedUnit] | None = None,
        archives: Iterable[SimulatedArchive] | None = None,
        client_certificates: bool = False,
        hostname: str | None = None,
        state: str | PathLike[str] | None = None,
        reset: bool = False,
    ) -> None:
        if not tls and (client_certificates or hostname):
            raise ValueError("client_certificates and hostname need tls=True")
        if reset and state is None:
            raise ValueError("reset needs state, the folder whose content is to be forgotten")
        self._kept = None if state is None else KeptState(state, reset=reset)
        self._port = port
        self._host = host
        self._tls = tls
        self._client_certificates = client_certificates
        self._hostname = hostname
        chosen = _plant_of(plant)
        given_units, given_archives = (
            (default_units(), default_archives()) if isinstance(chosen, str) else (chosen.units, chosen.archives)
        )
        self._state = StationState(
            dialect or Dialect(),
            chosen,
            given_units if units is None else units,
            given_archives if archives is None else archives,
        )
        self._state.tags.set_all(dict(tags or {}))
        self._authority: Authority | None = None
        self._server: BackgroundServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        where = "not started" if self._server is None else self.url
        return f"<Simulator {where}, {len(self._state.tags)} tags>"

    def start(self) -> None:
        """Listen and serve; when this returns, the station answers.

        :raises SimulatorStartError: when the port is in use or the address cannot be listened on, or when the
            station runs already.
        :raises KeptStateError: when another simulator uses the state folder, or the state in it is damaged.
        """
        if self._server is not None:
            raise SimulatorStartError(f"the simulated station runs already, at {self.url}")
        if self._kept is not None:
            self._kept.open(self._state)
        self._state.catch_up_with_timeline()
        try:
            self._authority = self._make_authority() if self._tls else None
            self._server = BackgroundServer(
                self._application,
                self._tick,
                host=self._host,
                port=self._port,
                authority=self._authority,
                client_certificates=self._client_certificates,
            )
        except BaseException:
            self._remove_certificates()
            if self._kept is not None:
                self._kept.close(self._state)
            raise
        self._state.units.start()
        if self._kept is not None:
            self._kept.start(self._state)

    def stop(self) -> None:
        """Cut all connections, close the socket and remove the certificates; does nothing when not running.

        With a state folder, the state is saved and the certificates stay.
        """
        server, self._server = self._server, None
        self._state.units.stop()
        try:
            if server is not None:
                server.stop()
        finally:
            self._remove_certificates()
            if self._kept is not None:
                self._kept.close(self._state)

    @property
    def port(self) -> int:
        """The port that the station listens on."""
        return self._running().port

    @property
    def url(self) -> str:
        """Origin of the station, such as ``https://127.0.0.1:43211``; the REST service is below it.

        A station that listens on all addresses gives the loopback one.
        """
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # nosec B104 # noqa: S104 - compared, not bound
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self._tls else 'http'}://{shown}:{self.port}"

    @property
    def ca_file(self) -> str | None:
        """Path of the PEM file of the CA that signed the station's certificate; None over plain http."""
        self._running()
        return None if self._authority is None else self._authority.ca_file

    @property
    def users(self) -> Mapping[str, SimulatedUser]:
        """Users by name: ``engineer`` reads and writes, ``viewer`` reads, ``guest`` may do nothing."""
        return MappingProxyType(self._state.users)

    def issue_client_certificate(self) -> tuple[str, str]:
        """Issue a certificate that the station trusts; returns the paths of certificate and key.

        :raises SimulatorStartError: over plain http, or before the start.
        """
        self._running()
        if self._authority is None:
            raise SimulatorStartError("a station over plain http has no certificates; use tls=True")
        return self._authority.issue_client_certificate()

    def set(
        self,
        name: str,
        value: Scalar,
        *,
        quality: int = GOOD,
        timestamp: datetime | None = None,
        error_code: int = 0,
        error: str = "",
        data_type: DataType | str | type | None = None,
    ) -> None:
        """Give a tag a value, and define it if it is new.

        Quality and error stay until the next ``set``: the plant and writes by REST change the value and its
        timestamp only. A tag with an error code refuses writes by REST.

        :param quality: quality code, one byte.
        :param timestamp: when the value was formed, aware; now if left out.
        :param data_type: type of a new tag; by its value if left out.
        :raises WrongValueError: when the value does not fit the type of the tag.
        :raises ValueError: for a quality, timestamp or type that is none.
        """
        self._state.tags.set(
            name,
            value,
            quality=quality,
            timestamp=timestamp,
            error_code=error_code,
            error=error,
            data_type=data_type,
        )

    def get(self, name: str) -> SimulatedTag:
        """Return a tag as it stands.

        :raises UnknownTagError: when there is none of this name.
        """
        return self._state.tags.get(name)

    def remove(self, name: str) -> None:
        """Take a tag out; the part of the plant that needs it stands still.

        :raises UnknownTagError: when there is none of this name.
        """
        self._state.tags.remove(name)

    @property
    def tag_names(self) -> list[str]:
        """Names of all tags in the order in which they were defined."""
        return [tag.name for tag in self._state.tags.all()]

    def unit(self, name: str) -> ProductionUnit:
        """Return a production unit, to see what it did and to let something happen to it.

        :raises UnknownUnitError: when there is none of this name.
        """
        return self._state.units.get(name)

    def archive(self, name: str) -> ProcessValueArchive:
        """Return an archive, to see what it has without a request.

        :raises UnknownArchiveError: when there is none of this name.
        """
        return self._state.archives.get(name)

    def raise_message(
        self,
        number: int,
        *,
        texts: Sequence[str] | None = None,
        process_values: Sequence[Scalar] | None = None,
        instance: str | None = None,
        time: datetime | None = None,
    ) -> None:
        """Let a message come in. One that is in already comes in anew; one that is locked does not.

        :param texts: user text blocks from the first, up to 10, taken as they are; those configured if left out.
        :param process_values: process value blocks from the first, up to 10.
        :param instance: name of the instance, where one message serves several.
        :param time: when, aware; now if left out.
        :raises UnknownMessageError: when there is no message of this number.
        :raises ValueError: naming the argument that is wrong.
        """
        self._state.messages.come_in(number, texts=texts, process_values=process_values, instance=instance, time=time)

    def clear_message(self, number: int, *, instance: str | None = None, time: datetime | None = None) -> bool:
        """Let a message go out.

        :param instance: only this one; all of the number if left out.
        :param time: when, aware; now if left out.
        :returns: False when it was not in.
        :raises UnknownMessageError: when there is no message of this number.
        """
        return self._state.messages.go_out(number, instance=instance, time=time)

    def acknowledge_message(
        self, number: int, *, user: str | None = None, instance: str | None = None, time: datetime | None = None
    ) -> bool:
        """Acknowledge a message, as an operator does.

        :param user: who does it; the one at the screen, tag ``@CurrentUser``, if left out.
        :param instance: only this one; all of the number if left out.
        :param time: when, aware; now if left out.
        :returns: False when there was nothing to acknowledge.
        :raises UnknownMessageError: when there is no message of this number.
        """
        return self._state.messages.acknowledge(number, user=user, instance=instance, time=time)

    def lock_message(self, number: int) -> bool:
        """Lock a message: it is no longer pending and does not come in. False when it was locked.

        :raises UnknownMessageError: when there is no message of this number.
        """
        return self._state.messages.lock(number)

    def unlock_message(self, number: int) -> bool:
        """Unlock a message: it can come in again. False when it was not locked.

        :raises UnknownMessageError: when there is no message of this number.
        """
        return self._state.messages.unlock(number)

    def hide_message(self, number: int) -> bool:
        """Hide a message: the message list does not show it. False when it was hidden.

        :raises UnknownMessageError: when there is no message of this number.
        """
        return self._state.messages.hide(number)

    def show_message(self, number: int) -> bool:
        """Show a hidden message again. False when it was not hidden.

        :raises UnknownMessageError: when there is no message of this number.
        """
        return self._state.messages.show(number)

    def burst_of_messages(self, count: int, *, class_name: str = "Error") -> None:
        """Let many messages come in within one second, each of another number.

        :param count: how many, 1 to 10,000.
        :param class_name: ``Error``, ``Warning`` or ``Process``.
        :raises ValueError: for a count or class that is none.
        """
        self._state.messages.burst(count, class_name=class_name)

    def reset_messages(self) -> None:
        """Forget all messages, locked and hidden ones too, then raise those that the plant has now; counters go on."""
        self._state.message_monitor.reset()

    @property
    def pending_messages(self) -> list[MessageRecord]:
        """What the message list shows, oldest first: what happened last to each message that is pending."""
        return self._state.messages.pending

    @property
    def message_archive(self) -> list[MessageRecord]:
        """The last 20,000 rows of what happened to messages, oldest first."""
        return self._state.messages.archive

    def fail_next(
        self,
        fault: Fault | str,
        count: int = 1,
        *,
        method: str | None = None,
        path: str | None = None,
        seconds: float | None = None,
        tag: str | None = None,
    ) -> None:
        """Let the next matching requests meet a fault; faults wait in the order in which they were asked for.

        :param fault: a :class:`Fault` or its name.
        :param count: how many requests.
        :param method: only requests of this verb.
        :param path: only paths that match this pattern of :mod:`fnmatch`, below ``/WinCCRestService``,
            percent-decoded, case ignored, such as ``/tagManagement/Value/*``.
        :param seconds: how long a delay (1 if left out) or stall (30) lasts.
        :param tag: for ``bad_quality`` and ``initial_quality``: only reads of this tag, or archive tag, and only
            its item.
        :raises ValueError: naming the word that is wrong.
        """
        self._state.faults.add(make_fault(fault, count=count, method=method, path=path, seconds=seconds, tag=tag))

    def clear_faults(self) -> None:
        """Forget the faults that still wait."""
        self._state.faults.clear()

    @property
    def requests(self) -> list[RequestRecord]:
        """The last 10,000 requests to the REST service, oldest first; refused logins are among them."""
        return self._state.journal.requests

    def clear_requests(self) -> None:
        """Forget the requests; their numbers go on."""
        self._state.journal.clear_requests()

    @property
    def writes(self) -> list[WriteRecord]:
        """The last 10,000 values that were written by REST and took effect, oldest first."""
        return self._state.journal.writes

    def set_dialect(self, **switches: Any) -> None:
        """Change switches of the dialect; those left out stay. The switches are those of :class:`Dialect`.

        :raises ValueError: for a switch that there is not, or a value that it does not have.
        """
        self._state.dialect = self._state.dialect.changed(**switches)

    def freeze(self) -> None:
        """Stop the plant: values change by writes and :meth:`set` only.

        Units with ``runs_when_frozen`` go on.
        """
        with self._state.tags.lock:
            self._state.frozen = True

    def thaw(self) -> None:
        """Let the plant move in real time."""
        with self._state.tags.lock:
            self._state.frozen = False

    def step(self, seconds: float) -> None:
        """Move the frozen plant on by a time, at once; the same steps always give the same values.

        :raises ValueError: for a time below 0.
        :raises RuntimeError: when the plant is not frozen.
        """
        if not math.isfinite(seconds) or seconds < 0:
            raise ValueError(f"seconds is a number from 0, not {seconds!r}")
        with self._state.tags.lock:
            if not self._state.frozen:
                raise RuntimeError("the plant moves in real time; call freeze() before step()")
            self._state.plant.step(seconds)
            self._state.units.step(seconds)

    def stop_service(self) -> None:
        """Switch the REST service off: each request gets status 503 with an HTML body."""
        self._state.service_on = False

    def start_service(self) -> None:
        """Switch the REST service on again."""
        self._state.service_on = True

    def drop_idle_connections(self) -> int:
        """Close all connections that are kept alive without a request on them; returns how many.

        :raises SimulatorStartError: before the start.
        """
        return self._running().drop_idle_connections()

    def _running(self) -> BackgroundServer:
        if self._server is None:
            raise SimulatorStartError("the simulated station is not running; use it in a with statement")
        return self._server

    def _make_authority(self) -> Authority:
        if self._kept is None:
            return Authority(self._host, self._hostname)
        try:
            return Authority(self._host, self._hostname, folder=self._kept.folder.path)
        except (OSError, ValueError):
            raise self._kept.folder.damaged() from None

    def _remove_certificates(self) -> None:
        authority, self._authority = self._authority, None
        if authority is not None:
            authority.close()

    def _application(self, connections: Connections) -> ASGIApp:
        rest = RestService(self._state, connections)
        control = control_app(self._state, lambda: airflow_connection(self))

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await (rest if is_service_path(scope) else control)(scope, receive, send)

        return application

    def _tick(self, seconds: float) -> None:
        with self._state.tags.lock:
            if not self._state.frozen:
                self._state.plant.step(min(seconds, _LONGEST_TICK))


def _plant_of(plant: object) -> str | PlantFile:
    if isinstance(plant, PlantFile) or plant in ("demo", "still"):
        return plant
    if isinstance(plant, PathLike) or (isinstance(plant, str) and plant.lower().endswith((".yaml", ".yml"))):
        return PlantFile.read(plant)
    raise ValueError(f"plant is demo or still, a PlantFile or the path of a YAML file, not {plant!r}")


_LONGEST_TICK = 1.0
"""A machine that slept for an hour does not make up for it in one go; in seconds."""
