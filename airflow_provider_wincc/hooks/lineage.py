"""What is read of a station, for Airflow's hook lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector

from airflow_provider_wincc.connection_form import CONNECTION_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_provider_wincc.hooks.wincc import WinCCHook


def report_inputs(hook: WinCCHook, names: Iterable[str]) -> None:
    """Report what was read as inputs: the assets ``wincc://<connection id>/<name>``, percent-encoded.

    One that cannot be an asset, because its URI would be too long, is left out.
    """
    collector = get_hook_lineage_collector()
    for name in names:
        # By the asset factory of this provider: Airflow leaves out what that refuses, and the task goes on.
        asset = {"tag": name, "wincc_conn_id": hook.wincc_conn_id}
        collector.add_input_asset(context=hook, scheme=CONNECTION_TYPE, asset_kwargs=asset)
