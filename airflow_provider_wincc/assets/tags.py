"""Tags as assets: what DAGs are scheduled by, and what a write names as its outlets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset

from airflow_provider_wincc.assets.uri import SCHEME, TagAddress, from_uri, to_uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import AssetWatcher

GROUP = "wincc"


def tag_asset(
    tag: str,
    wincc_conn_id: str = "wincc_default",
    *,
    watchers: Sequence[AssetWatcher] | None = None,
    extra: dict[str, Any] | None = None,
) -> Asset:
    """Return the asset that stands for a tag of a station.

    Its name and URI are ``wincc://<connection id>/<tag>``, percent-encoded and without credentials, its group is
    ``wincc``. The same tag and connection give the same asset everywhere. WinCC takes ``tank1.level`` for
    ``Tank1.Level``, Airflow does not: write a tag in one way.

    :param tag: name of the tag; it may hold any character.
    :param wincc_conn_id: id of the connection. Neither it nor the tag may be a template.
    :param watchers: what sends events for the asset.
    :param extra: further facts about the asset, of JSON types.
    :raises ValueError: when a name is empty, or the URI would have more than 1500 characters.
    """
    uri = to_uri(TagAddress(wincc_conn_id, tag))
    return Asset(name=uri, uri=uri, group=GROUP, watchers=list(watchers or []), extra=extra or {})


def tag_of(asset: Asset) -> str:
    """Return the name of the tag that an asset stands for.

    :raises ValueError: when it is not the asset of a tag; see :func:`is_tag_asset`.
    """
    return from_uri(asset.uri).tag


def wincc_conn_id_of(asset: Asset) -> str:
    """Return the id of the connection of the tag that an asset stands for.

    :raises ValueError: when it is not the asset of a tag.
    """
    return from_uri(asset.uri).wincc_conn_id


def is_tag_asset(asset: object) -> bool:
    """Return whether this is an asset of the scheme ``wincc``."""
    return isinstance(asset, Asset) and asset.uri.startswith(f"{SCHEME}://")
