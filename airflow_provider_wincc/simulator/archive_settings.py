"""What the process value archives of the simulated station are like."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from airflow_provider_wincc.simulator.archive_moments import checked_spans, is_aware

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.simulator.archive_moments import Span

Kind = Literal["process", "binary", "on_change"]
Archived = float | bool | str
HandMadeRow = tuple[datetime, Archived | None, int]


@dataclass(frozen=True)
class SimulatedArchiveTag:
    """A tag of an archive, and the series of rows that the archive has of it.

    Rows are made when they are asked for, each from the seed and its place in the series alone: the same request
    gives the same rows, always, and rows that nobody asks for cost nothing. Or they are given by hand.

    :param name: name in the archive, without the archive's name.
    :param kind: ``process``: a daily wave, a slower drift and noise. ``binary``: true and false. ``on_change``:
        like ``process``, at irregular distances.
    :param period_ms: distance of the rows in milliseconds; the mean one of ``on_change``.
    :param low: lowest value; not for ``binary``.
    :param high: highest value; not for ``binary``.
    :param first: when the series begins, aware; 2020-01-01 UTC if left out. A row stands there.
    :param last: no row is later than this, aware; if left out, the series goes on up to now.
    :param duplicate_every: each row of this number comes more than once at its millisecond, such as every 10th.
    :param duplicate_count: how often it comes then.
    :param gaps: spans without rows.
    :param bad_quality: the share of rows, 0 to 1, that are not good; or the spans in which none is.
    :param bad_qualities: the quality codes that rows that are not good have by turns.
    :param seed: another one gives another series of the same kind.
    :param rows: rows by hand, ``(timestamp, value, quality)``, in any order; nothing but the name beside them.
        A value of None is "no value".
    :raises ValueError: naming the parameter that is wrong and what was expected.
    """

    name: str
    _: KW_ONLY
    kind: Kind = "process"
    period_ms: int = 1000
    low: float = 0.0
    high: float = 100.0
    first: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    last: datetime | None = None
    duplicate_every: int | None = None
    duplicate_count: int = 2
    gaps: Sequence[Span] = ()
    bad_quality: float | Sequence[Span] = 0.0
    bad_qualities: tuple[int, ...] = (24, 76)
    seed: int = 0
    rows: Sequence[HandMadeRow] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip() or "\\" in self.name:
            raise ValueError(f"the name of an archive tag is a text without a backslash, not {self.name!r}")
        if self.rows is not None:
            self._check_rows(self.rows)
            return
        if self.kind not in get_args(Kind):
            raise self._error("kind", f"one of {', '.join(get_args(Kind))}")
        self._check_numbers()
        self._check_moments()
        self._set("gaps", checked_spans(f"archive tag {self.name!r}: gaps", self.gaps))
        self._check_quality()

    def _check_rows(self, rows: Sequence[HandMadeRow]) -> None:
        for setting in fields(self):
            if setting.name not in {"name", "rows"} and getattr(self, setting.name) != setting.default:
                raise ValueError(f"archive tag {self.name!r}: rows by hand go without {setting.name}")
        self._set("rows", tuple(self._checked_row(row) for row in rows))

    def _checked_row(self, row: Any) -> HandMadeRow:
        if not isinstance(row, tuple | list) or len(row) != 3 or not is_aware(row[0]):
            raise ValueError(
                f"archive tag {self.name!r}: a row is (timestamp with a zone, value, quality code), not {row!r}"
            )
        timestamp, value, quality = row
        if value is not None and not isinstance(value, bool | int | float | str):
            raise ValueError(f"archive tag {self.name!r}: a value is a number, bool, text or None, not {value!r}")
        if not _is_code(quality):
            raise ValueError(f"archive tag {self.name!r}: a quality code is 0 to 255, not {quality!r}")
        return (timestamp, value if value is None or isinstance(value, bool | str) else float(value), quality)

    def _check_numbers(self) -> None:
        for name in ("period_ms", "duplicate_count", "duplicate_every"):
            value = getattr(self, name)
            if not (name == "duplicate_every" and value is None) and not _is_whole(value, 1):
                raise self._error(name, "a whole number from 1")
        if not _is_whole(self.seed):
            raise self._error("seed", "a whole number")
        for name in ("low", "high"):
            if not _is_number(getattr(self, name)):
                raise self._error(name, "a number")
        if self.low >= self.high:
            raise ValueError(f"archive tag {self.name!r}: low is below high, not {self.low!r} to {self.high!r}")

    def _check_moments(self) -> None:
        if not is_aware(self.first):
            raise self._error("first", "a datetime with a zone")
        if self.last is not None and (not is_aware(self.last) or self.last < self.first):
            raise self._error("last", "a datetime with a zone, not before first, or None for up to now")

    def _check_quality(self) -> None:
        if not self.bad_qualities or not all(map(_is_code, self.bad_qualities)):
            raise self._error("bad_qualities", "a list of quality codes, 0 to 255")
        self._set("bad_qualities", tuple(self.bad_qualities))
        if isinstance(self.bad_quality, int | float):
            if not _is_number(self.bad_quality) or not 0 <= self.bad_quality <= 1:
                raise self._error("bad_quality", "a share from 0 to 1, or a list of spans")
            return
        self._set("bad_quality", checked_spans(f"archive tag {self.name!r}: bad_quality", self.bad_quality))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _error(self, name: str, expected: str) -> ValueError:
        return ValueError(f"archive tag {self.name!r}: {name} is {expected}, not {getattr(self, name)!r}")


@dataclass(frozen=True)
class SimulatedArchive:
    """A process value archive of the simulated station.

    :param name: name of the archive.
    :param tags: its tags; no two may have one name.
    :raises ValueError: naming the parameter that is wrong and what was expected.
    """

    name: str
    tags: Sequence[SimulatedArchiveTag] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip() or "\\" in self.name:
            raise ValueError(f"the name of an archive is a text without a backslash, not {self.name!r}")
        tags = tuple(self.tags)
        names = set()
        for tag in tags:
            if not isinstance(tag, SimulatedArchiveTag):
                raise ValueError(f"archive {self.name!r}: tags has SimulatedArchiveTag in it, not {tag!r}")  # noqa: TRY004 - ValueErrors throughout
            if tag.name.lower() in names:
                raise ValueError(f"archive {self.name!r}: two tags have the name {tag.name!r}")
            names.add(tag.name.lower())
        object.__setattr__(self, "tags", tags)


def _is_whole(value: object, smallest: int | None = None) -> bool:
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return is_int and (smallest is None or value >= smallest)  # type: ignore[operator]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_code(value: object) -> bool:
    return _is_whole(value, 0) and value <= 255  # type: ignore[operator]
