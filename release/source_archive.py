"""A source distribution whose bytes depend on its files and its date alone.

setuptools writes into its archive who built it and when, and takes the comments out of setup.cfg.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_again(made: Path, target: Path, *, tree: Path, date: int) -> None:
    """Write an archive anew: files that the tree has as they are there, in order, owned by nobody, of one date.

    :param made: what setuptools made.
    :param target: file to write.
    :param tree: the files that it was made of.
    :param date: in seconds since 1970.
    """
    with (
        tarfile.open(made) as source,
        target.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=date) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as copy,
    ):
        for member in sorted((member for member in source if member.isfile()), key=lambda member: member.name):
            original = tree / member.name.partition("/")[2]
            extracted = source.extractfile(member)
            content = original.read_bytes() if original.is_file() else extracted.read() if extracted else b""
            entry = tarfile.TarInfo(member.name)
            entry.size = len(content)
            entry.mtime = date
            entry.mode = 0o755 if member.mode & 0o100 else 0o644
            copy.addfile(entry, io.BytesIO(content))


def unpack(archive: Path, target: Path) -> Path:
    """Unpack a source distribution; return the one folder in it."""
    with tarfile.open(archive) as source:
        source.extractall(target, filter="data")
    (folder,) = target.iterdir()
    return folder
