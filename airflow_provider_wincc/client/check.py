"""A connection test that says which step failed and what to do about it."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class StationCheck:
    """How far we get with a station.

    :param passed: the steps that worked.
    :param failed: the step that did not; None when all worked.
    :param error: why, with a hint.
    """

    passed: tuple[Step, ...]
    failed: Step | None = None
    error: WinCCError | None = None

    @property
    def ok(self) -> bool:
        """Whether every step worked."""
        return self.failed is None

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
    passed: list[Step] = []
    try:
        with WinCCClient(replace(settings, read_retries=0)) as client:
            if proxy_of(settings) is not None:
                # The proxy looks the name up and connects; what fails before TLS fails between us and the proxy.
                passed.append(Step.ADDRESS)
            else:
                _resolve(settings)
                passed.append(Step.ADDRESS)
                _connect(settings)
                passed.append(Step.TCP)
            client.check_login()
            passed = [step for step in Step if step is not Step.FIRST_READ]
            client.try_read_tags([_PROBE])
    except WinCCError as error:
        failed, before = _failed_step(error, passed)
        return StationCheck(tuple(before), failed, error)
    return StationCheck((*passed, Step.FIRST_READ))


def _resolve(settings: StationSettings) -> None:
    try:
        socket.getaddrinfo(settings.address.host, settings.address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise WinCCConnectionError(
            f"The host name {settings.address.host!r} is not known here.",
            hint="Check the spelling of the host, and whether this machine can resolve it.",
            station=settings.station,
        ) from None


def _connect(settings: StationSettings) -> None:
    address = (settings.address.host, settings.address.port)
    try:
        socket.create_connection(address, timeout=settings.connect_timeout).close()
    except TimeoutError:
        raise WinCCTimeoutError(
            f"No connection within {settings.connect_timeout:g} s.",
            hint=WinCCConnectionError.default_hint,
            station=settings.station,
        ) from None
    except OSError as error:
        raise WinCCConnectionError(f"No connection: {error.strerror or error}.", station=settings.station) from None


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
