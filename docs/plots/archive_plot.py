"""Draw an exported archive: `python docs/plots/archive_plot.py EXPORT.parquet PICTURE.svg`.

EXPORT is a Parquet file of rows, as `WinCCArchiveToObjectStorageOperator` writes it. The ending of PICTURE says whether
it becomes an SVG or a PNG. For each tag it shows the mean of the good values and, around it, from the lowest to the
highest of them; red marks show where rows are not of good quality.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from pyarrow import parquet

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

_LEAST_GOOD = 0x80
_BUCKETS = 288
_BLUE, _RED, _GREY = "#1b6ca8", "#c0392b", "#5a6470"
_STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _GREY,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    # Texts stay texts, and the same rows give the same file.
    "svg.fonttype": "none",
    "svg.hashsalt": "archive",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, draw and save."""
    parser = argparse.ArgumentParser(description="Draw an exported archive.")
    parser.add_argument("export", help="Parquet file of rows")
    parser.add_argument("picture", help="file to write, .svg or .png")
    given = parser.parse_args(arguments)
    with mpl.rc_context(_STYLE):
        figure = draw(given.export)
        metadata = {"Date": None} if given.picture.endswith(".svg") else None
        figure.savefig(given.picture, dpi=120, metadata=metadata)


def draw(export: str) -> Figure:
    """Return the picture of a Parquet file of rows."""
    table = parquet.read_table(export)
    facts = {
        key.decode().removeprefix("wincc."): json.loads(value)
        for key, value in table.schema.metadata.items()
        if key.startswith(b"wincc.")
    }
    start, end = datetime.fromisoformat(facts["start"]), datetime.fromisoformat(facts["end"])
    rows = table.to_pandas()
    tags = [tag for tag in facts["tags"] if rows.loc[rows["tag"] == tag, "value"].notna().any()]
    figure = Figure(figsize=(8, 0.7 + 1.35 * len(tags)), layout="constrained")
    title = f"{facts['archive']}, {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC, {len(rows):,} rows"
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    panels = figure.subplots(len(tags), 1, sharex=True, squeeze=False)[:, 0]
    for panel, tag in zip(panels, tags, strict=True):
        _draw_tag(panel, rows[rows["tag"] == tag], start, (end - start) / _BUCKETS)
        panel.set_title(tag, loc="left", fontsize=9, color=_BLUE)
    panels[-1].set_xlim(start, end)
    locator = AutoDateLocator(tz=UTC)
    panels[-1].xaxis.set_major_locator(locator)
    panels[-1].xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC, show_offset=False))
    return figure


def _draw_tag(panel: Axes, rows: pd.DataFrame, start: datetime, bucket: timedelta) -> None:
    is_good = rows["quality"] >= _LEAST_GOOD
    good = rows[is_good].set_index("timestamp")["value"]
    # Buckets without a row stay empty, so that a gap is seen as one.
    drawn = good.resample(bucket, origin=start).agg(["min", "mean", "max"])
    middles = drawn.index + bucket / 2
    panel.fill_between(middles, drawn["min"], drawn["max"], color=_BLUE, alpha=0.25, linewidth=0)
    panel.plot(middles, drawn["mean"], color=_BLUE, linewidth=1)
    not_good = rows.loc[~is_good, "timestamp"].dt.floor(bucket).drop_duplicates()
    panel.plot(not_good, [0.02] * len(not_good), "|", color=_RED, transform=panel.get_xaxis_transform())
    panel.margins(y=0.1)
    panel.grid(axis="y", color="#e3e6e8", linewidth=0.6)
    panel.set_axisbelow(True)


if __name__ == "__main__":
    main()
