"""Everything that the client must know of a station."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.address import station_address
from airflow_provider_wincc.client.archives.forms import ArchiveForm, ArchiveTimes
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.options import (
    is_set,
    read_bool,
    read_choice,
    read_count,
    read_patterns,
    read_proxy,
    read_seconds,
    read_secret,
    read_tag_limits,
    read_text,
    read_timezone,
    read_verify,
)
from airflow_provider_wincc.client.policy import WritePolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from enum import StrEnum

    from airflow_provider_wincc.client.address import StationAddress

DEFAULT_BATCH_SIZE = 150
DEFAULT_ARCHIVE_BATCH_SIZE = 20
DEFAULT_ARCHIVE_MAX_VALUES = 20_000
DEFAULT_CONNECT_TIMEOUT = 10.0
DEFAULT_READ_TIMEOUT = 60.0
DEFAULT_MAX_ANSWER_MB = 32
_READ_TIMEOUTS_IN_AN_ANSWER = 5


@dataclass(frozen=True, kw_only=True)
class StationSettings:
    """A station's address, login, TLS, time-outs, batch size and write policy.

    Make it with :meth:`from_url` or :meth:`from_fields`. No secret stands in its ``repr``.

    :raises WinCCConfigurationError: naming the number that is out of range.

    :param address: where the station is.
    :param username: WinCC or Windows user, sent as HTTP Basic.
    :param password: its password.
    :param bearer_token: sent instead of user and password.
    :param verify: check the station's certificate against the CAs of certifi or of ``REQUESTS_CA_BUNDLE`` (True), a
        CA file or folder (path), or not at all (False).
    :param client_certificate: path of a PEM file with our certificate, for mutual TLS; may hold the key too.
    :param client_key: path of the unencrypted key, when it has a file of its own.
    :param connect_timeout: seconds.
    :param read_timeout: seconds without a byte from the station.
    :param max_answer_mb: size in MB (millions of bytes) of the largest answer that is read.
    :param batch_size: most tags in one request.
    :param archive_batch_size: most tags in one archive request.
    :param archive_max_values: most rows asked for in one archive answer.
    :param archive_form: which request reads archives.
    :param archive_times: how times are written into it.
    :param read_retries: how often a read is tried again after a failure that passes by itself.
    :param retry_wait: seconds before the first of these; doubles each time, with jitter.
    :param policy: what may be written.
    :param timezone: zone of the station's timestamps where they carry none.
    :param proxy: as ``requests`` has it; ``"none"`` for no proxy; None for what the environment says.
    """

    address: StationAddress
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    bearer_token: str | None = field(default=None, repr=False)
    verify: bool | str = True
    client_certificate: str | None = None
    client_key: str | None = None
    connect_timeout: float = DEFAULT_CONNECT_TIMEOUT
    read_timeout: float = DEFAULT_READ_TIMEOUT
    max_answer_mb: int = DEFAULT_MAX_ANSWER_MB
    batch_size: int = DEFAULT_BATCH_SIZE
    archive_batch_size: int = DEFAULT_ARCHIVE_BATCH_SIZE
    archive_max_values: int = DEFAULT_ARCHIVE_MAX_VALUES
    archive_form: ArchiveForm = ArchiveForm.SINGLE
    archive_times: ArchiveTimes = ArchiveTimes.UTC
    read_retries: int = 3
    retry_wait: float = 0.5
    policy: WritePolicy = field(default_factory=WritePolicy)
    timezone: tzinfo = UTC
    proxy: str | Mapping[str, str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for count in ("max_answer_mb", "batch_size", "archive_batch_size", "archive_max_values"):
            read_count(count, getattr(self, count))
        for choice, choices in _CHOICES.items():
            object.__setattr__(self, choice, read_choice(choice, getattr(self, choice), choices))
        read_seconds("connect_timeout", self.connect_timeout)
        read_seconds("read_timeout", self.read_timeout)
        if self.read_retries < 0 or self.retry_wait < 0:
            raise WinCCConfigurationError(
                f"The settings have read_retries={self.read_retries!r} and retry_wait={self.retry_wait!r}.",
                hint="Expected numbers of at least 0.",
            )

    @property
    def station(self) -> str:
        """``scheme://host:port``: the station's name in errors and logs."""
        return self.address.origin

    @property
    def answer_timeout(self) -> float:
        """Seconds from a request to the end of its answer: five times ``read_timeout``."""
        return _READ_TIMEOUTS_IN_AN_ANSWER * self.read_timeout

    @classmethod
    def from_url(
        cls, url: str, *, username: str | None = None, password: str | None = None, **extra: Any
    ) -> StationSettings:
        """Make settings from a URL such as ``https://wincc01:34568`` and options by their connection names.

        :raises WinCCConfigurationError: naming what cannot be read.
        """
        return cls.from_fields(host=url, login=username, password=password, extra=extra)

    @classmethod
    def from_fields(
        cls,
        *,
        host: str | None,
        port: int | str | None = None,
        schema: str | None = None,
        login: str | None = None,
        password: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> StationSettings:
        """Make settings from the fields of a connection; ``extra`` has the options by name.

        Names in ``extra`` that are not ours are left alone, but for those that look like a slip of ours or mean one.

        :raises WinCCConfigurationError: naming the field, what stands in it, and what was expected.
        """
        given = {name: value for name, value in (extra or {}).items() if is_set(value)}
        # An empty list is a rule in one of our options, so a slip of its name is one with an empty list, too.
        refuse_slips([name for name, value in (extra or {}).items() if value not in (None, "")], OPTION_NAMES)
        base_path = given.get("base_path")
        address = station_address(
            host,
            port=port,
            schema=schema,
            base_path=None if base_path is None else read_text("base_path", base_path),
        )
        username, secret = _agreed_login(login, password, address)
        options: dict[str, Any] = {
            target: read(given[name]) for name, (target, read) in _READERS.items() if name in given
        }
        settings = cls(
            address=address,
            username=username,
            password=secret,
            policy=_read_policy(extra or {}),
            **options,
        )
        if settings.client_key and not settings.client_certificate:
            raise WinCCConfigurationError(
                "The connection has an extra 'client_key' but no 'client_cert'.",
                hint="Name the certificate's file too, or leave both out.",
            )
        return settings


_CHOICES: dict[str, type[StrEnum]] = {"archive_form": ArchiveForm, "archive_times": ArchiveTimes}
_READERS: dict[str, tuple[str, Callable[[object], Any]]] = {
    "bearer_token": ("bearer_token", lambda value: read_secret("bearer_token", value)),
    "verify": ("verify", read_verify),
    "client_cert": ("client_certificate", lambda value: read_text("client_cert", value)),
    "client_key": ("client_key", lambda value: read_text("client_key", value)),
    "connect_timeout": ("connect_timeout", lambda value: read_seconds("connect_timeout", value)),
    "read_timeout": ("read_timeout", lambda value: read_seconds("read_timeout", value)),
    "max_answer_mb": ("max_answer_mb", lambda value: read_count("max_answer_mb", value)),
    "batch_size": ("batch_size", lambda value: read_count("batch_size", value)),
    "archive_batch_size": ("archive_batch_size", lambda value: read_count("archive_batch_size", value)),
    "archive_max_values": ("archive_max_values", lambda value: read_count("archive_max_values", value)),
    "archive_form": ("archive_form", lambda value: read_choice("archive_form", value, ArchiveForm)),
    "archive_times": ("archive_times", lambda value: read_choice("archive_times", value, ArchiveTimes)),
    "timezone": ("timezone", read_timezone),
    "proxy": ("proxy", read_proxy),
}

OPTION_NAMES = frozenset({*_READERS, "base_path", "read_only", "writable_tags", "tag_limits"})
"""The names of our options in a connection's extra."""
_ALIKE = 0.85
_MEANT = {
    "writable_tags": (
        "writable",
        "writeable",
        "write_tags",
        "writable_patterns",
        "allow_write",
        "allowed_writes",
        "allowed_tags",
        "tags_allowed",
    ),
    "tag_limits": ("limits", "limit", "write_limits", "value_limits", "limits_by_tag"),
    "read_only": ("read_only_mode", "only_read", "no_write", "forbid_write", "write_protected"),
    "verify": (
        "verify_ssl",
        "ssl_verify",
        "verify_tls",
        "tls_verify",
        "verify_cert",
        "verify_certificate",
        "check_certificate",
        "ca",
        "ca_file",
        "ca_path",
        "ca_bundle",
        "ca_cert",
        "ca_certificate",
        "ssl_ca",
        "tls_ca",
    ),
    "client_cert": (
        "client_certificate",
        "client_certificate_file",
        "client_cert_file",
        "cert",
        "cert_file",
        "ssl_cert",
        "tls_cert",
    ),
    "client_key": ("client_key_file", "client_private_key", "private_key", "key_file", "ssl_key", "tls_key"),
    "bearer_token": ("bearer", "token", "auth_token", "access_token", "api_token"),
    "proxy": ("proxies", "http_proxy", "https_proxy", "proxy_url"),
}
"""Option → other names for it, which other programs have or which come to mind, but which are not alike enough."""


def _read_policy(extra: Mapping[str, Any]) -> WritePolicy:
    writable = extra.get("writable_tags")
    limits = extra.get("tag_limits")
    read_only = extra.get("read_only")
    return WritePolicy(
        read_only=read_bool("read_only", read_only) if is_set(read_only) else False,
        # An empty list is a rule ("nothing may be written"), an empty form field is not.
        writable_tags=None if writable in (None, "") else read_patterns("writable_tags", writable),
        tag_limits=read_tag_limits(limits) if is_set(limits) else (),
    )


def _agreed_login(login: str | None, password: str | None, address: StationAddress) -> tuple[str | None, str | None]:
    for name, field_value, url_value in (("login", login, address.username), ("password", password, address.password)):
        if field_value and url_value and field_value != url_value:
            raise WinCCConfigurationError(
                f"The connection has one {name} in its field and another in the URL of its host.",
                hint="Keep the field, and leave user name and password out of the host.",
            )
    return login or address.username, password or address.password


def refuse_slips(given: Iterable[str], names: Collection[str], meant: Mapping[str, Collection[str]] = _MEANT) -> None:
    """Refuse a name in a connection's extra that looks like a slip of one of ours, or is another name for one.

    :param meant: option → other names for it.
    :raises WinCCConfigurationError: naming what was probably meant.
    """
    ours = {_folded(name): name for name in names}
    others = {_folded(other): name for name, spellings in meant.items() if name in names for other in spellings}
    for name in given:
        if name in names:
            continue
        folded = _folded(name)
        alike = difflib.get_close_matches(folded, ours, n=1, cutoff=_ALIKE)
        option = others.get(folded) or (ours[alike[0]] if alike else None)
        if option is not None:
            raise WinCCConfigurationError(
                f"The connection's extra has {name!r}, which is not an option.", hint=f"Write {option!r}."
            )


def _folded(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "").rstrip("s")
