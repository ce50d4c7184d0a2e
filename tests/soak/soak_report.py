"""The verdict of a soak, as a table for people and as a file of figures."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psutil
from soak_flatness import FEWEST_JUDGED

if TYPE_CHECKING:
    from pathlib import Path

    from soak_flatness import Flatness
    from soak_run import SoakReport

_PACKAGES = ("airflow-provider-wincc", "apache-airflow", "requests", "urllib3", "psutil")


def table(report: SoakReport) -> str:
    """Return the verdict."""
    head = f"{'process':13} {'figure':11} {'base':>10} {'last':>10} {'growth':>10} {'allowed':>10} {'under load':>11}"
    ending = ", interrupted" if report.is_interrupted else ""
    lines = [f"seed {report.plan.seed}, {report.seconds:.0f} s{ending}", head]
    lines += [_line(one, report.peaks[one.process].get(one.measure)) for one in report.flatness]
    if not all(one.is_judged for one in report.flatness):
        lines.append(f"Fewer than {FEWEST_JUDGED} quiet points after the warm-up: too few to judge.")
    for process in dict.fromkeys(one.process for one in report.flatness if one.is_judged and not one.is_flat):
        lines.append(f"more objects of the {process}: {_listed(report.grown[process])}")
    for name, figures in report.books.figures.items():
        lines.append(f"{name}: {_listed(figures)}")
    lines.append(f"requests of the triggerer in a second: at most {report.plan.limit_per_second} allowed")
    lines += [f"VIOLATION {words}" for words in report.books.violations]
    lines.append("passed" if report.is_passed else "NOT PASSED")
    return "\n".join(lines)


def write(report: SoakReport, folder: Path) -> Path:
    """Write the figures, with the machine and the versions they were measured with; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.system(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / 1e9),
            "load_average_at_end": [round(load, 2) for load in os.getloadavg()],
        },
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in _PACKAGES},
        "plan": asdict(report.plan),
        "limit_per_second": report.plan.limit_per_second,
        "seconds": round(report.seconds, 1),
        "is_interrupted": report.is_interrupted,
        "is_passed": report.is_passed,
        "flatness": [{**asdict(one), "is_flat": one.is_flat} for one in report.flatness],
        "highest_under_load": report.peaks,
        "quiet_points": report.quiet,
        "objects_grown": report.grown,
        "accounts": report.books.figures,
        "violations": report.books.violations,
    }
    file = folder / "soak.json"
    file.write_text(json.dumps(_rounded(content), indent=2) + "\n", encoding="utf-8")
    return file


def _line(one: Flatness, peak: float | None) -> str:
    figures = (one.base, one.last, one.growth, one.allowed)
    cells = " ".join(f"{_short(figure, one.unit):>10}" for figure in figures)
    shown = "" if peak is None else _short(peak, one.unit)
    verdict = "flat" if one.is_flat else "NOT FLAT" if one.is_judged else "too few points"
    return f"{one.process:13} {one.measure:11} {cells} {shown:>11}  {verdict}"


def _short(figure: float, unit: str) -> str:
    return f"{figure:.1f} {unit}" if unit else f"{figure:,.0f}"


def _listed(figures: dict[str, Any]) -> str:
    told = [f"{name} ({_listed(one)})" if isinstance(one, dict) else f"{name} {one:,}" for name, one in figures.items()]
    return ", ".join(told)


def _rounded(content: Any) -> Any:
    if isinstance(content, float):
        return round(content, 2)
    if isinstance(content, dict):
        return {name: _rounded(one) for name, one in content.items()}
    if isinstance(content, list | tuple):
        return [_rounded(one) for one in content]
    return content
