"""The command ``airflow-wincc``."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer

_INTERRUPTED = 130
# Where each command lives, and which extra it needs.
COMMANDS = {
    "check": ("command_line.check", "check", "cli"),
    "browse": ("command_line.browse", "browse", "cli"),
    "read": ("command_line.read", "read", "cli"),
    "write": ("command_line.write", "write", "cli"),
    "watch": ("command_line.watch", "watch", "cli"),
    "archive": ("command_line.archive", "archive", "cli"),
    "messages": ("command_line.messages", "messages", "cli"),
    "simulate": ("simulator.command", "simulate", "simulator"),
    "plant-from-tags": ("simulator.tag_list_command", "plant_from_tags", "simulator"),
    "check-unit": ("unit_check.command", "check_unit", "cli"),
}


def main() -> None:
    """Run ``airflow-wincc`` with the arguments of this process.

    Ends with one line that says what to install when the command's own dependencies are missing.
    """
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        command = _command(wanted)
    except ModuleNotFoundError as problem:
        sys.exit(f"airflow-wincc {_what_to_install(problem, wanted)}")
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    command()


def _command(wanted: str) -> typer.Typer:
    # Imported here, so that importing this module costs nothing and a missing extra can be explained.
    import typer

    command = typer.Typer(
        name="airflow-wincc",
        help="Look at a WinCC station, and try the Apache Airflow provider for it.",
        epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 time is up, 130 Ctrl-C.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    command.callback()(_several_commands)
    # The others would only make this one wait. Help and completion, which name none, need all of them.
    for name in [wanted] if wanted in COMMANDS else COMMANDS:
        module, function, _ = COMMANDS[name]
        try:
            loaded = import_module(f"{__package__}.{module}")
        except ModuleNotFoundError as problem:
            if name == wanted:
                raise
            command.command(name)(_missing(_what_to_install(problem, name)))
            continue
        carry_out = getattr(loaded, function)
        example = getattr(loaded, "EXAMPLE", None)
        command.command(name, help=_paragraphs(carry_out.__doc__), epilog=example and f"Example: {example}")(carry_out)
    return command


def _paragraphs(text: str) -> str:
    """Return a text without the line breaks of its source, which the help would keep."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _missing(told: str) -> Callable[[], None]:
    def missing() -> None:
        sys.exit(f"airflow-wincc {told}")

    # Not what is told: the help would take the name of the extra, in its brackets, for markup.
    missing.__doc__ = "Not installed; run it to be told what it needs."
    return missing


def _what_to_install(problem: ModuleNotFoundError, name: str) -> str:
    missing = (problem.name or "").partition(".")[0]
    if missing in {"", __package__}:
        raise problem
    *_, extra = COMMANDS.get(name, ("cli",))
    return f"needs {missing}: pip install 'airflow-provider-wincc[{extra}]'"


def _several_commands() -> None:
    """Look at a WinCC station, and try the Apache Airflow provider for it."""
