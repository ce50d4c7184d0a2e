from __future__ import annotations

import errno
import io
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import ObjectStoragePath
from airflow.sdk.io import attach
from archive_windows import facts, row, window
from fsspec.implementations.memory import MemoryFileSystem
from pyarrow import parquet

from airflow_provider_wincc.archive_export.csv_file import CsvFile
from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.archive_export.json_lines_file import JsonLinesFile
from airflow_provider_wincc.archive_export.parquet_file import ParquetFile
from airflow_provider_wincc.archive_export.whole_file import WholeFile, WholeFiles, written_whole
from airflow_provider_wincc.client.errors import WinCCConnectionError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

    from airflow_provider_wincc.archive_export.archive_file import ArchiveFile

FORMS = [ParquetFile, CsvFile, JsonLinesFile]


class RefusingStore(MemoryFileSystem):
    """A store in memory, with a login that may not rename; its errors are no OSErrors, as those of some stores."""

    store: dict[str, Any] = {}  # noqa: RUF012  as fsspec has it
    pseudo_dirs = [""]  # noqa: RUF012

    def mv(self, path1: str, path2: str, **kwargs: Any) -> None:
        raise LookupError("403 rename denied by https://user:secret@store.example")


class KeepingStore(MemoryFileSystem):
    """A store in memory, with a login that may write and not delete: a move leaves both names."""

    store: dict[str, Any] = {}  # noqa: RUF012  as fsspec has it
    pseudo_dirs = [""]  # noqa: RUF012

    def mv(self, path1: str, path2: str, **kwargs: Any) -> None:
        self.copy(path1, path2)
        self.rm(path1)

    def rm(self, path: Any, recursive: bool = False, maxdepth: int | None = None) -> None:
        raise PermissionError("403 deletion denied")

    rm_file = rm


class FullStore(MemoryFileSystem):
    """A store in memory that takes nothing."""

    store: dict[str, Any] = {}  # noqa: RUF012  as fsspec has it
    pseudo_dirs = [""]  # noqa: RUF012

    def open(self, path: str, *args: Any, **kwargs: Any) -> Any:
        raise LookupError("507 no room")


@dataclass(frozen=True)
class PathInStore:
    """A path in a store that Airflow has no connection type for."""

    fs: AbstractFileSystem
    path: str
    protocol: str = "refusing"


@pytest.fixture(scope="module", autouse=True)
def _memory_store() -> None:
    attach("memory", fs=MemoryFileSystem())


@pytest.fixture(params=["pathlib", "file", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An empty folder on a local disk, given in two ways, or in a store."""
    if request.param == "pathlib":
        return tmp_path
    where = "file://" if request.param == "file" else "memory://bucket"
    return ObjectStoragePath(f"{where}{tmp_path}")


def names_in(folder: Any) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def write_half(target: Any, error: BaseException) -> None:
    with written_whole(target) as file:
        file.write(b"half")
        raise error


def test_a_file_appears_when_it_is_whole(folder: Any) -> None:
    target = folder / "plant" / "rows.bin"

    with written_whole(target) as file:
        file.write(b"half")
        assert not target.exists()
        file.write(b" and half")

    assert target.read_bytes() == b"half and half"
    assert names_in(target.parent) == ["rows.bin"]


def test_a_file_that_is_there_is_replaced_as_a_whole(folder: Any) -> None:
    target = folder / "rows.bin"
    with written_whole(target) as file:
        file.write(b"the longer old one")

    with written_whole(target) as file:
        file.write(b"new")
        assert target.read_bytes() == b"the longer old one"

    assert target.read_bytes() == b"new"
    assert names_in(folder) == ["rows.bin"]


@pytest.mark.parametrize("error", [WinCCConnectionError("The station went away."), KeyboardInterrupt(), OSError("x")])
def test_an_error_on_the_way_leaves_nothing_and_comes_out_as_it_is(folder: Any, error: BaseException) -> None:
    with pytest.raises(type(error)) as raised:
        write_half(folder / "rows.bin", error)

    assert raised.value is error
    assert names_in(folder) == []


def test_an_error_on_the_way_leaves_the_old_file(folder: Any) -> None:
    target = folder / "rows.bin"
    with written_whole(target) as file:
        file.write(b"old")

    with pytest.raises(RuntimeError):
        write_half(target, RuntimeError())

    assert target.read_bytes() == b"old"
    assert names_in(folder) == ["rows.bin"]


def test_what_stands_under_the_name_can_be_looked_at_before_it_is_replaced(folder: Any) -> None:
    target = folder / "rows.bin"

    with written_whole(target) as file:
        assert not file.replaces_one_that(lambda _: pytest.fail("there is none"))
        file.write(b"old")
    with written_whole(target) as file:
        assert file.replaces_one_that(lambda standing: standing.read() == b"old")
        assert not file.replaces_one_that(lambda standing: standing.read() == b"")


def test_two_writers_of_one_file_do_not_disturb_each_other(folder: Any) -> None:
    target = folder / "rows.bin"

    with written_whole(target) as first, written_whole(target) as second:
        first.write(b"first")
        second.write(b"second")

    assert target.read_bytes() == b"first"
    assert names_in(folder) == ["rows.bin"]


def test_several_files_can_be_complete_before_any_appears(folder: Any) -> None:
    files = [WholeFile(folder / f"{number}.bin") for number in range(3)]
    for file in files:
        file.write(b"x")
        file.complete()
    assert [path for path in names_in(folder) if not path.startswith(".")] == []

    for file in files[:2]:
        file.appear()
    for file in files:
        file.discard()

    assert names_in(folder) == ["0.bin", "1.bin"]
    assert [file.name for file in files] == [str(folder / f"{number}.bin") for number in range(3)]


def test_the_temporary_file_is_hidden_and_lies_beside_the_target(tmp_path: Path) -> None:
    with written_whole(tmp_path / "rows.parquet"):
        (name,) = names_in(tmp_path)

    assert name.startswith(".rows.parquet.")
    assert name.endswith(".part")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_written_whole(folder: Any, form: type[ArchiveFile]) -> None:
    target = folder / "rows"
    expected = io.BytesIO()
    with form(expected, facts()) as in_memory:
        in_memory.write(window([row(0), row(1)]))

    with written_whole(target) as raw, form(raw, facts()) as file:
        file.write(window([row(0), row(1)]))

    assert target.read_bytes() == expected.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_no_form_leaves_a_file_when_the_reading_fails(folder: Any, form: type[ArchiveFile]) -> None:
    with pytest.raises(WinCCConnectionError):
        export_half(folder / "rows", form)

    assert names_in(folder) == []


def export_half(target: Any, form: type[ArchiveFile]) -> None:
    with written_whole(target) as raw, form(raw, facts()) as file:
        file.write(window([row(0)]))
        raise WinCCConnectionError("The station went away.")


def test_a_parent_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "plant").write_bytes(b"")

    with (
        pytest.raises(ArchiveTargetError, match=r"plant/day/rows\.bin could not be written: Not a directory") as raised,
        written_whole(tmp_path / "plant" / "day" / "rows.bin"),
    ):
        pytest.fail("must not be reached")

    assert "is a file and not a folder" in raised.value.hint
    assert raised.value.retryable
    assert names_in(tmp_path) == ["plant"]


def test_a_folder_of_the_same_name_is_found_before_anything_is_read(folder: Any) -> None:
    with written_whole(folder / "rows.bin" / "inner") as file:
        file.write(b"x")

    with pytest.raises(ArchiveTargetError, match="Is a directory"), written_whole(folder / "rows.bin"):
        pytest.fail("must not be reached")

    assert names_in(folder) == ["rows.bin"]
    assert names_in(folder / "rows.bin") == ["inner"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(ArchiveTargetError, match="Permission denied"), written_whole(tmp_path / "rows.bin"):
        pytest.fail("must not be reached")


def test_a_store_that_refuses_the_rename_keeps_nothing() -> None:
    store = RefusingStore()

    with (
        pytest.raises(ArchiveTargetError, match="LookupError: 403 rename denied") as raised,
        written_whole(PathInStore(store, "/bucket/rows.bin")) as file,
    ):
        file.write(b"x")

    assert "secret" not in str(raised.value)
    assert "Nothing was left" not in str(raised.value)
    assert store.find("/bucket") == []


def test_a_store_that_moves_and_then_refuses_to_delete_is_told_as_it_is() -> None:
    store = KeepingStore()

    files = WholeFiles()
    for number in range(2):
        files.begin(PathInStore(store, f"/bucket/{number}.bin")).complete()

    with pytest.raises(ArchiveTargetError) as raised, files:
        files.appear()

    assert "/bucket/0.bin" in store.find("/bucket")
    assert "0.bin" in raised.value.message
    assert "403 deletion denied" in raised.value.message
    assert "it may stand there, and so may files of this export that were moved before it" in raised.value.message
    assert "Nothing was left" not in raised.value.message


def test_a_store_that_refuses_a_file_before_any_is_complete_is_told_to_have_none() -> None:
    with pytest.raises(ArchiveTargetError, match="Nothing was left under this name"), WholeFiles() as files:
        files.begin(PathInStore(FullStore(), "/bucket/rows.bin"))


def test_the_error_survives_the_way_between_processes(tmp_path: Path) -> None:
    with pytest.raises(ArchiveTargetError) as raised, written_whole(tmp_path):
        pytest.fail("must not be reached")

    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


_EXPORT_INTO_A_SMALL_PLACE = """
import resource, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from archive_windows import facts, row, window
from airflow_provider_wincc.archive_export.whole_file import written_whole
from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.archive_export.{module} import {form} as Form

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    with written_whole(Path({target!r})) as raw, Form(raw, facts()) as file:
        for number in range({windows}):
            file.write(window([row(0, f"text {{number}} {{'x' * 50}} {{second}}") for second in range(2000)]))
except ArchiveTargetError as error:
    print(error)
"""
"""A limit on the size of files stands for a full disk: the system refuses the very same write."""


@pytest.mark.parametrize(
    ("module", "form"),
    [("parquet_file", "ParquetFile"), ("csv_file", "CsvFile"), ("json_lines_file", "JsonLinesFile")],
)
@pytest.mark.parametrize(
    ("limit", "windows"),
    [
        pytest.param(100_000, 200, id="while rows are written"),
        pytest.param(100, 1, id="when the file is closed"),
        pytest.param(0, 0, id="at the first byte"),
    ],
)
def test_a_disk_that_refuses_gives_a_clear_error_and_leaves_the_old_file(
    tmp_path: Path, module: str, form: str, limit: int, windows: int
) -> None:
    target = tmp_path / "rows"
    target.write_bytes(b"old")

    code = _EXPORT_INTO_A_SMALL_PLACE.format(
        tests=str(Path(__file__).parent), module=module, form=form, limit=limit, windows=windows, target=str(target)
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)

    if limit or form != "JsonLinesFile":  # a file of JSON lines without a line has no byte
        assert f"{target} could not be written: {os.strerror(errno.EFBIG)}" in finished.stdout
        assert target.read_bytes() == b"old"
    assert finished.stderr == ""
    assert names_in(tmp_path) == ["rows"]


def test_a_parquet_file_on_a_disk_reads_back(tmp_path: Path) -> None:
    with written_whole(tmp_path / "rows.parquet") as raw, ParquetFile(raw, facts()) as file:
        file.write(window([row(0), row(1)]))

    assert parquet.read_table(tmp_path / "rows.parquet").num_rows == 2
