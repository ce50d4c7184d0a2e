"""Which Airflow this is; the only place that looks at versions."""

from __future__ import annotations

from airflow import __version__

_MAJOR, _MINOR = (int(part) for part in __version__.split(".")[:2])

AIRFLOW_V_3_2_PLUS = (_MAJOR, _MINOR) >= (3, 2)
AIRFLOW_V_3_3_PLUS = (_MAJOR, _MINOR) >= (3, 3)
