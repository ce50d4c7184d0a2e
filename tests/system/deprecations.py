"""What an Airflow of its own says in its output is deprecated, where the provider or a DAG makes use of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Python hides this kind unless it is told not to.
SHOWN = {"PYTHONWARNINGS": "default::DeprecationWarning"}
# What is found while DAGs are parsed comes as a UserWarning, so its words have to tell it.
_DEPRECATION = re.compile(r"deprecated|DeprecationWarning", re.IGNORECASE)


def deprecations(lines: Iterable[str], dags: Path) -> list[str]:
    """Return the lines that call something deprecated which the package, or a DAG in that folder, makes use of."""
    ours = ("airflow_provider_wincc/", f"{dags}/")
    return [line for line in lines if _DEPRECATION.search(line) and any(place in line for place in ours)]
