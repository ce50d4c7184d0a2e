"""Which tags of an archive are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCTagNotFoundError
from airflow_provider_wincc.client.models import FailureKind, TagFailure
from airflow_provider_wincc.client.policy import matches_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.client import WinCCClient


def select_tags(client: WinCCClient, archive: str, tags: Sequence[str] | None) -> tuple[str, ...]:
    """Return the tags that names and patterns of ``*`` and ``?`` mean, each once, in the order of the names.

    The station is asked only when there is a pattern, or no name at all, which means all tags.

    :raises WinCCTagNotFoundError: when a pattern fits no tag, or the archive has none.
    :raises WinCCError: when the list could not be read.
    """
    if tags is not None and (
        isinstance(tags, str) or not tags or not all(isinstance(tag, str) and tag for tag in tags)
    ):
        raise WinCCConfigurationError(
            f"The tags are {tags!r}.",
            hint='Give a list of archive tags, such as ["Boiler1_FlowTemp"] or ["Boiler*"], or leave it out for all.',
        )
    wanted = ["*"] if tags is None else list(tags)
    patterns = [name for name in wanted if "*" in name or "?" in name]
    known = [info.name for info in client.list_archive_tags(archive)] if patterns else []
    chosen: dict[str, None] = {}
    for name in wanted:
        fitting = [tag for tag in known if matches_pattern(tag, name)] if name in patterns else [name]
        if not fitting:
            raise WinCCTagNotFoundError(
                f"No tag of archive {archive!r} fits {name!r}; it has {len(known)} tags.",
                errors={name: TagFailure(FailureKind.NOT_FOUND, "no tag fits")},
                station=client.settings.station,
            )
        chosen |= dict.fromkeys(fitting)
    return tuple(chosen)
