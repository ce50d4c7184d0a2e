"""A connection test that says which step failed and what to do about it."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.client import WinCCClient
from airflow_provider_wincc.client.errors import (
    WinCCAuthenticationError,
    WinCCConfigurationError,
    WinCCConnectionError,
    WinCCError,
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCTimeoutError,
    WinCCTLSError,
)
from airflow_provider_wincc.client.proxies import proxy_of

if TYPE_CHECKING:
    from airflow_provider_wincc.client.settings import StationSettings

_PROBE = "@LocalMachineName"


class Step(StrEnum):
    """The steps from an address to a reading, in their order."""

    ADDRESS = "address"
    TCP = "TCP"
    TLS = "TLS"
    LOGIN = "login"
    PERMISSION = "permission"
    FIRST_READ = "first read"


class StepState(StrEnum):
    """What became of a step."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class StepResult:
    """How one step went.

    :param detail: what was found, or why it failed; never a password or a token.
    :param seconds: how long it took; None for a step that was not reached, and for one that had no part of its own:
        TLS, login and permission go through one request, whose time stands at the last of them that was tried.
    """

    step: Step
    state: StepState
    detail: str = ""
    seconds: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return ``step``, ``result``, ``detail`` and ``milliseconds`` as plain JSON types."""
        return {
            "step": self.step.value,
            "result": self.state.value,
            "detail": self.detail,
            "milliseconds": None if self.seconds is None else round(self.seconds * 1000, 1),
        }


@dataclass(frozen=True, slots=True)
class StationCheck:
    """How far we get with a station.

    :param steps: all steps, in their order.
    :param error: why one failed, with a hint; None when all passed.
    """

    steps: tuple[StepResult, ...]
    error: WinCCError | None = None

    @property
    def ok(self) -> bool:
        """Whether every step worked."""
        return self.failed is None

    @property
    def passed(self) -> tuple[Step, ...]:
        """The steps that worked."""
        return tuple(result.step for result in self.steps if result.state is StepState.PASSED)

    @property
    def failed(self) -> Step | None:
        """The step that did not work; None when all did."""
        return next((result.step for result in self.steps if result.state is StepState.FAILED), None)

    def __str__(self) -> str:
        passed = ", ".join(self.passed)
        if self.failed is None:
            return f"All steps passed: {passed}."
        return f"Step '{self.failed}' failed: {self.error}" + (f" (Passed before: {passed}.)" if passed else "")


def check_station(settings: StationSettings) -> StationCheck:
    """Go from the address to a first read, one step after the other; stop at the first that fails.

    Every request is sent once: a refused login is not repeated, because accounts lock. The read asks for a system
    tag; a station without that tag passes all the same, since it answered.
    """
    notes = _Notes(settings)
    try:
        with WinCCClient(replace(settings, read_retries=0)) as client:
            if proxy_of(settings) is not None:
                # The proxy looks the name up and connects; what fails before TLS fails between us and the proxy.
                notes.pass_step(Step.ADDRESS, "looked up by the proxy", timed=False)
                notes.details[Step.TCP] = "connected by the proxy"
            else:
                notes.pass_step(Step.ADDRESS, _resolve(settings))
                notes.pass_step(Step.TCP, _connect(settings))
            client.check_login()
            for step in (Step.TCP, Step.TLS, Step.LOGIN):
                notes.pass_step(step, timed=False)
            notes.pass_step(Step.PERMISSION)
            notes.pass_step(Step.FIRST_READ, _read(client))
    except WinCCError as error:
        return notes.failed(error)
    return StationCheck(notes.results())


class _Notes:
    """What was found out at each step, and how long it took."""

    def __init__(self, settings: StationSettings) -> None:
        self.details = _details_known_before(settings)
        self._passed: list[Step] = []
        self._seconds: dict[Step, float] = {}
        self._since = time.monotonic()

    def pass_step(self, step: Step, detail: str | None = None, *, timed: bool = True) -> None:
        """Note that a step worked; a second time it changes nothing."""
        if step in self._passed:
            return
        self._passed.append(step)
        if detail is not None:
            self.details[step] = detail
        if timed:
            now = time.monotonic()
            self._seconds[step] = now - self._since
            self._since = now

    def failed(self, error: WinCCError) -> StationCheck:
        """Return the check that ends with this error."""
        failed, self._passed = _failed_step(error, self._passed)
        self._seconds[failed] = time.monotonic() - self._since
        self.details[failed] = error.message
        return StationCheck(self.results(failed), error)

    def results(self, failed: Step | None = None) -> tuple[StepResult, ...]:
        """Return the result of each step."""
        states = dict.fromkeys(self._passed, StepState.PASSED)
        if failed is not None:
            states[failed] = StepState.FAILED
        return tuple(
            StepResult(step, states[step], self.details.get(step, ""), self._seconds.get(step))
            if step in states
            else StepResult(step, StepState.NOT_REACHED)
            for step in Step
        )


def _details_known_before(settings: StationSettings) -> dict[Step, str]:
    if settings.address.scheme != "https":
        tls = "not used: the scheme is http"
    elif settings.verify is False:
        tls = "the certificate is not checked (verify: false)"
    else:
        trusted = "true" if settings.verify is True else settings.verify
        tls = f"the certificate is trusted (verify: {trusted})"
    if settings.bearer_token:
        login = "with a bearer token"
    else:
        login = "none is sent" if settings.username is None else f"as {settings.username!r}"
    return {Step.TLS: tls, Step.LOGIN: login, Step.PERMISSION: "reading is allowed"}


def _resolve(settings: StationSettings) -> str:
    try:
        found = socket.getaddrinfo(settings.address.host, settings.address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise WinCCConnectionError(
            f"The host name {settings.address.host!r} is not known here.",
            hint="Check the spelling of the host, and whether this machine can resolve it.",
            station=settings.station,
        ) from None
    return ", ".join(dict.fromkeys(str(address[0]) for *_, address in found))


def _connect(settings: StationSettings) -> str:
    address = (settings.address.host, settings.address.port)
    try:
        with socket.create_connection(address, timeout=settings.connect_timeout) as connection:
            host, port, *_ = connection.getpeername()
    except TimeoutError:
        raise WinCCTimeoutError(
            f"No connection within {settings.connect_timeout:g} s.",
            hint=WinCCConnectionError.default_hint,
            station=settings.station,
        ) from None
    except OSError as error:
        raise WinCCConnectionError(f"No connection: {error.strerror or error}.", station=settings.station) from None
    return f"{host} port {port}"


def _read(client: WinCCClient) -> str:
    reading = client.try_read_tags([_PROBE]).values.get(_PROBE)
    return "the station answered" if reading is None else f"{_PROBE} is {reading.text!r}"


def _failed_step(error: WinCCError, passed: list[Step]) -> tuple[Step, list[Step]]:
    steps = list(Step)
    if isinstance(error, WinCCConfigurationError) or (
        # Nothing below the base path is known: the address is that of another service.
        isinstance(error, WinCCNotFoundError) and Step.PERMISSION not in passed
    ):
        step = Step.ADDRESS
    elif isinstance(error, WinCCTLSError):
        step = Step.TLS
    elif isinstance(error, WinCCAuthenticationError):
        step = Step.LOGIN
    elif isinstance(error, WinCCPermissionError):
        step = Step.PERMISSION
    elif error.status is not None:
        step = Step.FIRST_READ if Step.PERMISSION in passed else Step.LOGIN
    else:
        step = steps[len(passed)]
    return step, steps[: steps.index(step)]
