"""The subcommand ``airflow-wincc check-unit``."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from airflow_provider_wincc.client import StationSettings
    from airflow_provider_wincc.unit_check import CheckPlan, CheckResult, UnitReport

_FAILED, _NOT_CARRIED_OUT = 1, 2


class Profile(StrEnum):
    """Handshake of the unit."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


def check_unit(  # noqa: PLR0917  typer calls it by name
    url: Annotated[str, typer.Option(help="Address of the station, such as https://wincc01:34568.")],
    user: Annotated[str, typer.Option(help="WinCC user. The password is asked for, or WINCC_PASSWORD.")],
    payload: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Parameter of an order that the unit can execute.")
    ] = None,
    bad: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Value that the unit must refuse.")
    ] = None,
    prefix: Annotated[str | None, typer.Option(help="What the unit's tags begin with, such as Mixer1.")] = None,
    tags: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Tag map as JSON, where names or maps are not the standard.")
    ] = None,
    profile: Annotated[Profile | None, typer.Option(help="Handshake of the unit, A where nothing is said.")] = None,
    id_length: Annotated[
        int | None, typer.Option(min=1, help="Characters that the id tag holds; measured where nothing is said.")
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CA certificate that the station's certificate is checked with.")
    ] = None,
    settle: Annotated[
        float, typer.Option(help="Seconds of the settle window, longer than the update cycle of the tags.")
    ] = 1.5,
    watch: Annotated[
        float | None, typer.Option(help="Seconds to watch that nothing happens; twice the settle window by default.")
    ] = None,
    answer_timeout: Annotated[float, typer.Option(help="Seconds in which the unit must answer a command.")] = 15.0,
    run_timeout: Annotated[float, typer.Option(help="Seconds in which the order must come to its end.")] = 600.0,
    *,
    restart: Annotated[
        bool, typer.Option("--restart", help="Ask you to restart the controller, and check what it remembers.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before writing.")] = False,
) -> None:
    """Check whether a unit keeps the promises of the order handoff.

    It writes to the unit and has it execute one order for real: the unit must be empty and in a safe test state.
    Exit code: 0 all passed, 1 a check failed, 2 the checks could not be carried out.
    """
    from airflow_provider_wincc.client.errors import WinCCError
    from airflow_provider_wincc.unit_check.arguments import read_pairs, read_settings, read_tags, refuse_password_in_url
    from airflow_provider_wincc.unit_check.plan import CheckPlan

    try:
        refuse_password_in_url(url)
        values = read_pairs("--payload", payload or [])
        unit_tags, knows_id_length = read_tags(
            tags,
            prefix=prefix,
            profile=None if profile is None else profile.value,
            id_length=id_length,
            parameters=list(values),
        )
        plan = CheckPlan(
            tags=unit_tags,
            payload=values,
            bad=read_pairs("--bad", bad) if bad else None,
            settle=settle,
            watch=watch,
            answer_timeout=answer_timeout,
            run_timeout=run_timeout,
            knows_id_length=knows_id_length,
        )
        settings = read_settings(url, user, _password(user), ca_file)
        _ask_whether_the_unit_is_safe(plan, settings, yes=yes)
        report = _carry_out(settings, plan, restart=restart, as_json=as_json)
    except WinCCError as error:
        _stop(str(error))
    _tell_the_end(report, as_json=as_json)


def _password(user: str) -> str:
    from airflow_provider_wincc.unit_check.arguments import PASSWORD_VARIABLE

    known = os.environ.get(PASSWORD_VARIABLE)
    if known:
        return known
    try:
        asked: str = typer.prompt(f"Password of {user}", hide_input=True, err=True)
    except typer.Abort:
        _stop(f"There is nobody to ask for the password. Set {PASSWORD_VARIABLE}.")
    return asked


def _ask_whether_the_unit_is_safe(plan: CheckPlan, settings: StationSettings, *, yes: bool) -> None:
    values = ", ".join(f"{name}={value}" for name, value in plan.payload.items()) or "no parameters"
    typer.echo(
        f"This writes to unit {plan.tags.unit} at {settings.station} and starts one order for real ({values}).\n"
        "The unit must be empty and in a safe test state, and nothing else may hand orders to it meanwhile.\n"
        f"Order ids of this run: {', '.join(plan.order_ids)}\n",
        err=True,
    )
    if yes:
        return
    try:
        is_safe = typer.confirm("Is that so, and may it begin?", err=True)
    except typer.Abort:
        is_safe = False
    if not is_safe:
        _stop("Nothing was written. Say yes, or give --yes, when the unit is ready for it.")


def _carry_out(settings: StationSettings, plan: CheckPlan, *, restart: bool, as_json: bool) -> UnitReport:
    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.unit_check.runner import check_unit as carry_out

    def tell(result: CheckResult) -> None:
        if not as_json:
            typer.echo(str(result))

    try:
        with WinCCClient(settings) as client:
            return carry_out(client, plan, ask_restart=_ask_for_the_restart if restart else None, tell=tell)
    except (KeyboardInterrupt, typer.Abort):
        _stop(f"Interrupted. The unit may hold an order of this run: {', '.join(plan.order_ids)}.")


def _ask_for_the_restart() -> None:
    typer.prompt(
        "Restart the controller now, and press Enter when it runs again", default="", show_default=False, err=True
    )


def _tell_the_end(report: UnitReport, *, as_json: bool) -> None:
    from airflow_provider_wincc.unit_check.runner import has_written

    typer.echo(json.dumps(report.to_json(), indent=2) if as_json else report.summary)
    if not report.ok and has_written(report):
        typer.echo(
            f"Look at unit {report.unit} before it is used: it may hold an order of this run "
            f"({', '.join(report.order_ids)}).",
            err=True,
        )
    if report.interrupted is not None:
        _stop(report.interrupted)
    if not report.ok:
        raise typer.Exit(_FAILED)


def _stop(problem: str) -> NoReturn:
    typer.echo(f"airflow-wincc check-unit: {problem}", err=True)
    raise typer.Exit(_NOT_CARRIED_OUT)
