"""Files that nobody sees before they are whole."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, Self, cast

from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.client.passwords import without_passwords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType


class StorePath(Protocol):
    """What is needed of Airflow's ``ObjectStoragePath``.

    Its own ``open`` and ``rename`` are left alone: they differ between versions, and the first one would report the
    temporary name as lineage.
    """

    @property
    def protocol(self) -> str:
        """``file``, ``s3``, ``gs`` and so on."""

    @property
    def path(self) -> str:
        """The path as the file system takes it."""

    @property
    def fs(self) -> Any:
        """The file system (of fsspec), logged in."""


@contextmanager
def written_whole(path: StorePath | Path) -> Iterator[WholeFile]:
    """Open a :class:`WholeFile` that gets its name when the block has ended well, and is removed otherwise.

    :raises ArchiveTargetError: when the target refuses to be opened, written, closed or renamed.
    """
    file = WholeFile(path)
    try:
        yield file
        file.complete()
        file.appear()
    except BaseException:
        file.discard()
        raise


class WholeFile:
    """A binary file, open for writing, that appears under its name when it is complete, and not before.

    It is written beside the target as ``.<name>.<random>.part``, which tools that read whole folders pass over. First
    :meth:`complete` closes it, then :meth:`appear` renames it; so several files can be completed before any appears.
    An existing file is replaced then, and stays as it was when anything goes wrong before. :meth:`discard` removes
    the temporary file; only a process that is killed leaves it behind.

    On a local disk all bytes are on the disk before the file is renamed, and that is one atomic step. On an object
    store a rename is a copy within the store, which appears whole, and a deletion: the login must be allowed to read
    and delete there. Where it is the deletion that fails, the file has appeared, and the temporary one may stay.
    Missing folders are made, but no bucket.

    :param path: an ``ObjectStoragePath`` or a ``Path``.
    :raises ArchiveTargetError: when the target refuses, here and in all methods but :meth:`discard`.
    """

    def __init__(self, path: StorePath | Path) -> None:
        self.name = str(path)
        self.closed = False
        with _refusals_of(self.name):
            self._target = _target_of(path)
            self._raw = self._target.open()

    def write(self, data: bytes) -> int:
        """Write all of the bytes, and return how many they are."""
        if self.closed:
            raise ValueError("The file is closed.")
        with _refusals_of(self.name):
            self._raw.write(data)
        return memoryview(data).nbytes

    def tell(self) -> int:
        """Return the position."""
        with _refusals_of(self.name):
            return int(self._raw.tell())

    def flush(self) -> None:
        """Do nothing: nobody looks at the file before it is whole."""

    def close(self) -> None:
        """Do nothing: what writes into the file does not decide that it is complete."""

    def complete(self) -> None:
        """Close the file; it can appear now."""
        self.closed = True
        with _refusals_of(self.name):
            self._target.close(self._raw)

    def replaces_one_that(self, has: Callable[[BinaryIO], bool]) -> bool:
        """Whether a file stands under the name, and ``has`` says yes to it, open for reading."""
        with _refusals_of(self.name), ExitStack() as stack:
            try:
                file = stack.enter_context(self._target.standing())
            except FileNotFoundError:
                return False
            return has(file)

    def appear(self) -> None:
        """Give the file its name.

        :raises ArchiveTargetError: when the target refuses; in a store, the file may stand under its name all the same.
        """
        with _refusals_of(self.name, _AFTER_RENAMING):
            self._target.rename()

    def discard(self) -> None:
        """Remove the file, unless it has appeared.

        What goes wrong here is left alone: there is an error already that says more.
        """
        self.closed = True
        with suppress(Exception):
            self._raw.close()
        with suppress(Exception):
            self._target.remove()


class WholeFiles:
    """Several files that get their names together, when all of them are complete; on an error before that, none.

    Only a target that refuses while files get their names one after the other leaves some of them under theirs, and
    each of these is complete.
    """

    def __init__(self) -> None:
        self._files: list[WholeFile] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            for file in self._files:
                file.discard()

    def __len__(self) -> int:
        return len(self._files)

    def begin(self, path: StorePath | Path) -> WholeFile:
        """Return the next file, open for writing."""
        file = WholeFile(path)
        self._files.append(file)
        return file

    def appear(self) -> list[str]:
        """Give all files their names, once each of them is complete; return these."""
        for file in self._files:
            file.appear()
        return [file.name for file in self._files]


def has_file(path: StorePath | Path) -> bool:
    """Whether something stands under a name.

    :raises ArchiveTargetError: when the target refuses to say it.
    """
    with _refusals_of(str(path)):
        return _target_of(path).exists()


def _target_of(path: StorePath | Path) -> _LocalTarget | _StoreTarget:
    # Not by the class: some versions of ObjectStoragePath are a Path, whatever the store.
    if not hasattr(path, "fs"):
        return _LocalTarget(Path(path))
    store = cast("StorePath", path)
    local = store.protocol in {"", "file", "local"}
    return _LocalTarget(Path(store.path)) if local else _StoreTarget(store)


class _LocalTarget:
    """A file on a disk of this machine, or one that is mounted here."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(_temporary_name(path.name))

    def exists(self) -> bool:
        return self._path.exists()

    def open(self) -> Any:
        if self._path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return self._temporary.open("xb")

    def standing(self) -> Any:
        return self._path.open("rb")

    def close(self, raw: Any) -> None:
        raw.flush()
        # A full network disk or an exceeded quota may be told only now; and a power cut must not leave an empty file.
        os.fsync(raw.fileno())
        raw.close()

    def rename(self) -> None:
        self._temporary.replace(self._path)

    def remove(self) -> None:
        self._temporary.unlink(missing_ok=True)


class _StoreTarget:
    """A file in a store that fsspec reaches."""

    def __init__(self, path: StorePath) -> None:
        self._fs = path.fs
        self._path = path.path
        folder, _, name = self._path.rpartition("/")
        self._folder = folder
        self._temporary = f"{folder}/{_temporary_name(name)}"

    def exists(self) -> bool:
        return bool(self._fs.exists(self._path))

    def open(self) -> Any:
        # A store's move would put the file into such a folder, under its temporary name.
        if self._fs.isdir(self._path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        try:
            return self._fs.open(self._temporary, "wb")
        except FileNotFoundError:
            self._fs.makedirs(self._folder, exist_ok=True)
            return self._fs.open(self._temporary, "wb")

    def standing(self) -> Any:
        return self._fs.open(self._path, "rb")

    def close(self, raw: Any) -> None:
        raw.close()

    def rename(self) -> None:
        self._fs.mv(self._temporary, self._path)

    def remove(self) -> None:
        self._fs.rm_file(self._temporary)


def _temporary_name(name: str) -> str:
    return f".{name}.{secrets.token_hex(4)}.part"


_HINTS = {
    errno.ENOSPC: "Free space there, or write elsewhere.",
    errno.EDQUOT: "The quota of the user is used up: free space there, or have it raised.",
    errno.EFBIG: "The file became larger than allowed there: partition by day or hour, or export shorter intervals.",
    errno.EACCES: "Give the user of the Airflow worker the right to write there, or write elsewhere.",
    errno.EPERM: "Give the user of the Airflow worker the right to write there, or write elsewhere.",
    errno.EROFS: "The disk is mounted read-only: write elsewhere.",
    errno.EISDIR: "There is a folder of this name: write under another name.",
    errno.ENOTDIR: "A part of the path is a file and not a folder: write elsewhere.",
    errno.EEXIST: "A part of the path is a file and not a folder: write elsewhere.",
    errno.ENAMETOOLONG: "Choose a shorter name; 20 characters are added to it while it is written.",
}


_BEFORE_RENAMING = "Nothing was left under this name, and a file that stood there before is unchanged."
_AFTER_RENAMING = (
    "The file was complete and was to be moved to this name: it may stand there, and so may files of this export that "
    "were moved before it."
)


@contextmanager
def _refusals_of(name: str, aftermath: str = _BEFORE_RENAMING) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Stores raise what their libraries do, which is often no OSError.
        number = error.errno if isinstance(error, OSError) else None
        said = error.strerror if isinstance(error, OSError) and error.strerror else f"{type(error).__name__}: {error}"
        raise ArchiveTargetError(
            f"{without_passwords(name)} could not be written: {without_passwords(said).rstrip('.')}. {aftermath}",
            hint=_HINTS.get(number) if number is not None else None,
        ) from error
