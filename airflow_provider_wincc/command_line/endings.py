"""How a command ends: with a code that scripts can rely on, and one clear text where it did not do its work."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import typer

from airflow_provider_wincc.command_line.shown_text import shown_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.client.errors import WinCCError

_TLS_HINT = (
    "Give the plant's CA certificate with --ca-file FILE (or in the Airflow connection's extra 'verify'), and reach "
    "the station by a host name that stands in its certificate. --no-verify switches the check off and lets anyone in "
    "between read the password: for tests only."
)


class ExitCode(IntEnum):
    """The exit codes of the commands."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    """An option, an argument or the connection is wrong."""
    TIMED_OUT = 3
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    """Whoever read the output has gone; as a shell reports a program that ended by SIGPIPE."""


@contextmanager
def told_endings(command: str) -> Iterator[None]:
    """Turn what ends a command early into a text on stderr and an exit code.

    :param command: its name, which the text begins with.
    :raises typer.Exit: with an :class:`ExitCode`.
    """
    from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError

    # A text in another script than the terminal's must not end the command.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        with _warnings_told(command):
            yield
            # What could not be written must be known here, and not while Python shuts down.
            sys.stdout.flush()
    except KeyboardInterrupt:
        tell(command, "Interrupted.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:
        _give_up_stdout()
        raise typer.Exit(ExitCode.BROKEN_PIPE) from None
    except WinCCConfigurationError as error:
        tell(command, str(error))
        raise typer.Exit(ExitCode.USAGE) from None
    except WinCCError as error:
        tell_error(command, error)
        raise typer.Exit(ExitCode.FAILED) from None
    except OSError as problem:
        _give_up_stdout()
        tell(command, f"The output cannot be written: {problem.strerror or problem}.")
        raise typer.Exit(ExitCode.FAILED) from None


def tell(command: str, text: str) -> None:
    """Write a text to stderr."""
    with contextlib.suppress(OSError):
        # Looked up each time: a live display puts itself in its place.
        sys.stderr.write(f"airflow-wincc {command}: {shown_lines(text).rstrip()}\n")
        sys.stderr.flush()


def tell_error(command: str, error: WinCCError) -> None:
    """Write an error to stderr, with a hint that fits the command line."""
    from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
    from airflow_provider_wincc.client.errors import WinCCTLSError

    if isinstance(error, WinCCTLSError) and error.hint == WinCCTLSError.default_hint:
        error.hint = _TLS_HINT
    if isinstance(error, ArchiveTargetError):
        error.hint = error.hint.replace("the user of the Airflow worker (or by its connection)", "your user")
        error.hint = error.hint.replace("the user of the Airflow worker", "your user")
    tell(command, str(error))


@contextmanager
def _warnings_told(command: str) -> Iterator[None]:
    """Show what our own code logs as a warning, such as a read that is tried again."""
    log = logging.getLogger("airflow_provider_wincc")
    handler = _ToStandardError(command)
    log.addHandler(handler)
    propagate, log.propagate = log.propagate, False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = propagate


class _ToStandardError(logging.Handler):
    def __init__(self, command: str) -> None:
        super().__init__(logging.WARNING)
        self._command = command

    def emit(self, record: logging.LogRecord) -> None:
        tell(self._command, f"warning: {record.getMessage()}")


def _give_up_stdout() -> None:
    """Let nothing more be written there: Python would complain when it shuts down."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
