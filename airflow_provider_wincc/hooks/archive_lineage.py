"""Archives that are read, for Airflow's hook lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.hooks.lineage import report_inputs

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
    report_inputs(hook, names_for_lineage(archive, tags))
