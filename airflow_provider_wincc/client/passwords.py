"""Keeps the passwords of connection strings out of what drivers and libraries say; loads nothing else."""

from __future__ import annotations

import re


def without_passwords(text: str) -> str:
    """Return what a database driver said without the password of a connection string or URL that it quotes."""
    text = re.sub(r"(password\s*=\s*)('[^']*'|\S+)", r"\1***", text)
    return re.sub(r"(://[^:/@\s]*:)[^@\s]*@", r"\1***@", text)
