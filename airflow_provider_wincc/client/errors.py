"""The errors of the WinCC client: one tree, each with what happened, where, and what to do about it.

They derive from ``Exception`` and not from ``AirflowException``: a sensor with ``soft_fail`` turns every
``AirflowException`` of a deferred task into a skip, and a plant that cannot be read must never look like one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from airflow_provider_wincc.client.models import TagFailure, TagValue


class WinCCError(Exception):
    """Base of all errors of this provider.

    :param message: what happened, in one sentence that names the thing.
    :param hint: what the user can do about it.
    :param method: HTTP method of the request, where there was one.
    :param path: path of the request, percent-encoded, without the query.
    :param station: address of the station as ``scheme://host:port``; never with credentials.
    :param status: HTTP status of the answer, where there was one.
    :param retryable: whether trying the same again can help; each class has its own answer.

    ``written`` and ``not_sent`` name the tags of a write that needed several requests: those confirmed before the
    failing request, and those left out after it. They are empty everywhere else.
    """

    retryable: bool = False
    default_hint: ClassVar[str] = ""
    written: tuple[str, ...] = ()
    not_sent: tuple[str, ...] = ()

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        method: str | None = None,
        path: str | None = None,
        station: str | None = None,
        status: int | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint
        self.method = method
        self.path = path
        self.station = station
        self.status = status
        if retryable is not None:
            self.retryable = retryable

    def __str__(self) -> str:
        request = " ".join(part for part in (self.method, self.path) if part)
        where = " at ".join(part for part in (request, self.station) if part)
        text = self.message if not where else f"{self.message} [{where}]"
        return text if not self.hint else f"{text} What to do: {self.hint}"

    def __reduce__(self) -> tuple[Callable[..., WinCCError], tuple[object, ...]]:
        # Exception's own way leaves keyword arguments out, and an error must survive the way between processes.
        return restored_error, (type(self), self.message, self.__dict__)


def restored_error(kind: type[WinCCError], message: str, state: Mapping[str, object]) -> WinCCError:
    """Make an error again out of its class, message and attributes."""
    error = kind.__new__(kind, message)
    error.__dict__.update(state)
    return error


class WinCCConfigurationError(WinCCError, ValueError):
    """The connection or an argument is wrong; nothing was sent."""


class WinCCAuthenticationError(WinCCError):
    """401: the login was refused. Never tried again by itself, because accounts lock."""

    default_hint = (
        "Check user name and password of the connection. The WinCC user needs the remote/REST authorisation in the "
        "WinCC User Administrator. Nothing was tried again, because repeated wrong logins can lock the account."
    )


class WinCCPermissionError(WinCCError):
    """403: logged in, but not allowed."""

    default_hint = (
        "The user is logged in but not authorised for this. Give the WinCC user the remote read (or write) "
        "permission in the WinCC User Administrator, or use another user."
    )


class WinCCNotFoundError(WinCCError):
    """404: the tag, archive or path is unknown."""

    default_hint = (
        "Check the spelling of the tag, and whether it is released for web access. If every request fails like "
        "this, check the base path of the connection (/WinCCRestService on classic WinCC; WinCC Unified and "
        "WinCC OA speak another interface)."
    )


class WinCCRuntimeError(WinCCError):
    """500: the runtime failed or is busy."""

    retryable = True
    default_hint = (
        "The WinCC runtime reported a problem. Look into the WinCC event log; the runtime may be busy or in a "
        "restart. Trying again later can help."
    )


class WinCCServiceUnavailableError(WinCCError):
    """502, 503 or 504: the REST service, the runtime or a gateway in between is not there."""

    retryable = True
    default_hint = (
        "The REST service is not started. Is the REST API enabled (Configuration Studio, Computer, Properties, "
        "Startup list: WinCC REST service), and is the project's runtime active?"
    )


class WinCCConnectionError(WinCCError):
    """The station was not reached, or the connection broke."""

    retryable = True
    default_hint = (
        "Check host and port of the connection (34568 is WinCC's default), that the station is on, and that no "
        "firewall stands in between."
    )


class WinCCTimeoutError(WinCCConnectionError):
    """No answer came in time."""

    default_hint = (
        "The station accepted the connection but did not answer in time; it may be busy. Read fewer tags in one "
        "request (extra batch_size), or allow more time (extra read_timeout, seconds)."
    )


class WinCCTLSError(WinCCError):
    """The certificate of the station is not trusted, or TLS could not be agreed."""

    default_hint = (
        "Put the plant's CA certificate into a file and name it in the connection's extra 'verify', and reach the "
        "station by a host name that stands in its certificate. 'verify': false switches the check off and lets "
        "anyone in between read the password: for tests only."
    )


class WinCCResponseError(WinCCError):
    """The station answered with something that cannot be understood."""

    retryable = True
    default_hint = (
        "Is this address a WinCC REST service? A proxy, a gateway or another product may have answered instead."
    )


class WinCCTagError(WinCCError):
    """The station answered 200, but single tags failed.

    ``errors`` maps each failed tag to its :class:`TagFailure`; ``values`` (reads) and ``written`` (writes) hold
    what did succeed, ``not_sent`` what a write left out because of the failure. It is retryable when every failure
    is of the kind that passes by itself.
    """

    def __init__(
        self,
        message: str,
        *,
        errors: Mapping[str, TagFailure],
        values: Mapping[str, TagValue] | None = None,
        written: Iterable[str] = (),
        not_sent: Iterable[str] = (),
        hint: str | None = None,
        method: str | None = None,
        path: str | None = None,
        station: str | None = None,
    ) -> None:
        hints = dict.fromkeys(failure.hint for failure in errors.values() if failure.hint)
        super().__init__(
            message,
            hint=" ".join(hints) if hint is None else hint,
            method=method,
            path=path,
            station=station,
            retryable=all(failure.retryable for failure in errors.values()),
        )
        self.errors = dict(errors)
        self.values = dict(values or {})
        self.written = tuple(written)
        self.not_sent = tuple(not_sent)


class WinCCTagNotFoundError(WinCCTagError, WinCCNotFoundError):
    """The station knows none of the failed tags, in whichever of its five forms it said so."""


class WinCCWriteRefusedError(WinCCError):
    """The write policy of the connection or of the task says no. Nothing was sent."""


class WinCCInterlockNotMetError(WinCCWriteRefusedError):
    """The condition that must hold just before a write was false or unknown. Nothing was sent."""

    retryable = True
    default_hint = "Wait for the plant first (WinCCTagSensor), or have the task skip (when_not_allowed='skip')."


class WinCCWriteOutcomeUnknownError(WinCCError):
    """The station may or may not have taken the write. It is never sent again by itself.

    ``unknown`` names the tags in doubt, ``written`` those that were confirmed before, ``errors`` those that the
    station refused, ``not_sent`` those that were not sent at all.
    """

    retryable = True
    default_hint = (
        "Read the tags back before anything is written again: the value may have arrived. "
        "WinCCWriteTagsOperator does that by itself."
    )

    def __init__(
        self,
        message: str,
        *,
        unknown: Iterable[str],
        written: Iterable[str] = (),
        errors: Mapping[str, TagFailure] | None = None,
        not_sent: Iterable[str] = (),
        hint: str | None = None,
        method: str | None = None,
        path: str | None = None,
        station: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, method=method, path=path, station=station, status=status)
        self.unknown = tuple(unknown)
        self.written = tuple(written)
        self.errors = dict(errors or {})
        self.not_sent = tuple(not_sent)


class WinCCWriteVerificationError(WinCCError):
    """The value was read back, and it is another one."""

    retryable = True
    default_hint = (
        "The station took the value but the tag does not show it: the controller may be away or in local mode, may "
        "limit the value, or something else writes the same tag. Raise verify_timeout if the plant is only slow."
    )


class WinCCFailConditionMetError(WinCCError):
    """The ``fail_if`` of a wait became true: what is waited for cannot come any more."""

    default_hint = (
        "Look at the plant: it is in the state that fail_if names. The task is not retried, because a retry would "
        "wait for a plant that has already failed; clear the task when the plant is ready again."
    )


class WinCCNoUsableReadingError(WinCCError):
    """A wait had no usable reading for longer than its ``fail_if_unknown_for``."""

    retryable = True
    default_hint = (
        "Look at the qualities above: is the controller connected, and are the tags acquired? Raise "
        "fail_if_unknown_for if such a gap is normal here."
    )
