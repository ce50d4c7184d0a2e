"""Tags and archive tags as OpenLineage knows them.

Airflow imports this wherever it looks at assets, with OpenLineage installed or not, so it is light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.assets.uri import SCHEME, TagAddress, from_uri

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow.providers.common.compat.openlineage.facet import Dataset
    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Asset


def to_openlineage(asset: Asset, lineage_context: object) -> Dataset:  # noqa: ARG001  Airflow's signature
    """Return the dataset of a tag's asset; Airflow calls it for each asset of the scheme.

    :raises ValueError: when it is not the asset of a tag.
    """
    return tag_dataset(from_uri(asset.uri))


def tag_dataset(address: TagAddress) -> Dataset:
    r"""Return the dataset of a tag: namespace ``wincc://<connection id>``, name as in WinCC.

    An archive tag is named ``Archive\Tag``.
    """
    from airflow.providers.common.compat.openlineage.facet import Dataset

    return Dataset(namespace=f"{SCHEME}://{address.wincc_conn_id}", name=address.tag)


def tag_lineage(
    wincc_conn_id: str, *, read: Iterable[str] = (), written: Iterable[str] = ()
) -> OperatorLineage[Any, Any]:
    """Return what a task reads and writes of a station, each name once.

    :param read: tags, or messages by their name for lineage.
    :param written: tags.
    """
    from airflow.providers.openlineage.extractors import OperatorLineage

    inputs, outputs = (
        [tag_dataset(TagAddress(wincc_conn_id, name)) for name in dict.fromkeys(names)] for names in (read, written)
    )
    return OperatorLineage(inputs=inputs, outputs=outputs)
