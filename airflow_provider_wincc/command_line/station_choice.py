"""Which station a command works with, and what it may write there."""

from __future__ import annotations

import getpass
import os
import sys
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.policy import WritePolicy
from airflow_provider_wincc.client.settings import StationSettings
from airflow_provider_wincc.command_line.endings import tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PASSWORD_VARIABLE = "WINCC_PASSWORD"  # nosec B105 # noqa: S105  the name of a variable


@dataclass(frozen=True, slots=True, kw_only=True)
class StationChoice:
    """What the options of a command say of the station.

    :param command: name of the command.
    :param url: address of the station; None when there is a connection.
    :param user: WinCC user for that address; None for no login.
    :param ca_file: CA certificate; None for those of certifi or of ``REQUESTS_CA_BUNDLE``.
    :param verify: whether the station's certificate is checked.
    :param conn_id: id of an Airflow connection.
    """

    command: str
    url: str | None
    user: str | None
    ca_file: Path | None
    verify: bool
    conn_id: str | None

    def settings(self, allow_write: Sequence[str] = ()) -> StationSettings:
        """Return the settings of the station; the password is asked for where it is not known.

        Of an address nothing may be written but tags that fit a pattern of ``allow_write``. Of a connection that is
        what the connection says.

        :raises WinCCConfigurationError: naming the option, the field of the connection, or the variable.
        """
        if (self.url is None) == (self.conn_id is None):
            raise WinCCConfigurationError(
                "There is no station." if self.url is None else "There are --url and --conn-id.",
                hint="Name the station by --url https://wincc01:34568, or by --conn-id with the id of an Airflow "
                "connection.",
            )
        if self.conn_id is not None:
            self._refuse_options_of_urls(allow_write)
            return _of_connection(self.conn_id)
        return self._of_url(allow_write)

    def _of_url(self, allow_write: Sequence[str]) -> StationSettings:
        if self.ca_file is not None and not self.verify:
            raise WinCCConfigurationError(
                "--ca-file and --no-verify contradict each other.", hint="Leave one of them out."
            )
        url = self.url or ""
        if "@" in url:
            raise WinCCConfigurationError(
                "The URL has a user name or password in it, which everybody on this machine can see.",
                hint=f"Name the user with --user; the password is asked for, or taken from {PASSWORD_VARIABLE}.",
            )
        policy = WritePolicy(read_only=not allow_write, writable_tags=tuple(allow_write))
        trusted: bool | str = self.verify if self.ca_file is None else str(self.ca_file)
        settings = StationSettings.from_url(url, username=self.user, verify=trusted)
        settings = replace(settings, policy=policy)
        if not self.verify:
            # It would be repeated with each connection, and names no remedy.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
            tell(self.command, "warning: the station's certificate is not checked.")
        return settings if self.user is None else replace(settings, password=_password(self.user, settings.station))

    def _refuse_options_of_urls(self, allow_write: Sequence[str]) -> None:
        given = {
            "--user": self.user is not None,
            "--ca-file": self.ca_file is not None,
            "--no-verify": not self.verify,
            "--allow-write": bool(allow_write),
        }
        strangers = [option for option, is_given in given.items() if is_given]
        if strangers:
            raise WinCCConfigurationError(
                f"{' and '.join(strangers)} cannot be given with --conn-id.",
                hint="Login, TLS and write policy are those of the Airflow connection: change them there.",
            )


def _password(user: str, station: str) -> str:
    known = os.environ.get(PASSWORD_VARIABLE)
    if known:
        return known
    if not sys.stdin.isatty():
        raise _nobody_to_ask()
    try:
        return getpass.getpass(f"Password of {user} at {station}: ", stream=sys.stderr)
    except EOFError:
        raise _nobody_to_ask() from None


def _nobody_to_ask() -> WinCCConfigurationError:
    return WinCCConfigurationError(
        "There is nobody to ask for the password.",
        hint=f"Put it into the environment variable {PASSWORD_VARIABLE}; it is never taken from an argument.",
    )


def _of_connection(conn_id: str) -> StationSettings:
    try:
        from airflow_provider_wincc.hooks.wincc import WinCCHook
    except ModuleNotFoundError as problem:
        if (problem.name or "").partition(".")[0] != "airflow":
            raise
        raise WinCCConfigurationError(
            "--conn-id needs Airflow, which is not installed here.",
            hint="Name the station by --url, or run the command where Airflow is installed.",
        ) from None
    try:
        return WinCCHook(conn_id).get_settings()
    except WinCCConfigurationError:
        raise
    except Exception as problem:  # noqa: BLE001  secrets backends and databases raise what they like
        # Its words may hold the connection's, with the password in it.
        raise WinCCConfigurationError(
            f"Airflow did not hand out the connection {conn_id!r} ({type(problem).__name__}).",
            hint=f"See with 'airflow connections get {conn_id}' whether this machine knows it. It can be given in the "
            f"environment variable AIRFLOW_CONN_{conn_id.upper()}.",
        ) from None
