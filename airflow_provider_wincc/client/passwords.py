"""Keeps the passwords of connection strings out of what drivers and libraries say; loads nothing else."""

from __future__ import annotations

import re


def without_passwords(text: str) -> str:
    """Return what a database driver said without the password of a connection string or URL that it quotes."""
    text = _IN_CONNECTION_STRING.sub(r"\1***", text)
    return _IN_URL.sub(r"\1***@", text)


# libpq quotes with apostrophes, ODBC with braces, in which "}}" is one brace.
_IN_CONNECTION_STRING = re.compile(
    r"""(\b(?:password|passwd|pwd)\s*=\s*)('(?:\\.|[^'\\])*'|"[^"]*"|\{(?:[^}]|\}\})*\}|\S+)""", re.IGNORECASE
)
# To the last "@" before a blank: a password that was not percent-encoded may have one itself.
_IN_URL = re.compile(r"(://[^:/@\s]*:)\S*@")
