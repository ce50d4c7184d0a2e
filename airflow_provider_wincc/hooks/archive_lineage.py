"""Archives that are read, for Airflow's hook lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector

from airflow_provider_wincc.connection_form import CONNECTION_TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.hooks.wincc import WinCCHook

# Airflow collects at most 100 inputs of a task, and leaves those after them out.
_MOST_TAGS = 50


def names_for_lineage(archive: str, tags: Sequence[str]) -> list[str]:
    r"""Return the full names ``Archive\Tag``; for more than 50 tags the archive alone, as ``Archive\*``."""
    return [f"{archive}\\{tag}" for tag in (tags if len(tags) <= _MOST_TAGS else ["*"])]


def report_archive_read(hook: WinCCHook, archive: str, tags: Sequence[str]) -> None:
    """Report archive tags as inputs: the assets ``wincc://<connection id>/<Archive>%5C<Tag>``.

    One that cannot be an asset, because its URI would be too long, is left out.
    """
    collector = get_hook_lineage_collector()
    for name in names_for_lineage(archive, tags):
        # By the asset factory of this provider: Airflow leaves out what that refuses, and the task goes on.
        asset = {"tag": name, "wincc_conn_id": hook.wincc_conn_id}
        collector.add_input_asset(context=hook, scheme=CONNECTION_TYPE, asset_kwargs=asset)
