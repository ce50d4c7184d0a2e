"""The soak: load and rest in turns, with a look at all processes at each rest."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soak_books import Books
from soak_flatness import Flatness, Measure, flatness
from soak_processes import running_processes
from soak_samples import sample_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from soak_plan import SoakPlan
    from soak_processes import SoakProcesses
    from soak_samples import Sample

MEASURES = (
    Measure(name="memory", unit="MiB", allowed=8.0, share=0.04),
    Measure(name="own_memory", unit="MiB", allowed=8.0, share=0.04),
    Measure(name="allocated", unit="MiB", allowed=3.0),
    Measure(name="objects", allowed=1_000),
    Measure(name="threads", allowed=2, returns=True),
    Measure(name="handles", allowed=0, returns=True),
    Measure(name="sockets", allowed=0, returns=True),
    Measure(name="tasks", allowed=0, returns=True),
    Measure(name="triggers", allowed=0, returns=True),
)
"""What must be flat at the quiet points: when nothing is under way, so that what is still there was left behind."""
_OWN_FIGURES = ("allocated", "objects", "tasks", "triggers")
"""Those that a process tells of itself."""
_SAMPLE_EVERY = 2.0
_SAY_EVERY = 10.0
_LONGEST_REST = 240.0
_SETTLE_SECONDS = 5.0
_SHORTEST_LOAD = 3.0
_FEWEST_RESTS = 6
_MOST_TYPES_TOLD = 12


@dataclass
class SoakReport:
    """What came of a soak.

    :param quiet: by process and figure the points at rest.
    :param peaks: by process and figure the highest sample under load.
    :param grown: by process the types of objects of which there are more at the end than after the warm-up.
    :param is_interrupted: ended by Ctrl-C; everything else is what was found up to then.
    """

    plan: SoakPlan
    books: Books
    seconds: float = 0.0
    quiet: dict[str, dict[str, list[tuple[float, float]]]] = field(default_factory=dict)
    peaks: dict[str, dict[str, float]] = field(default_factory=dict)
    grown: dict[str, dict[str, int]] = field(default_factory=dict)
    is_interrupted: bool = False

    @property
    def flatness(self) -> list[Flatness]:
        """What came of each figure of each process."""
        return [
            flatness(process, measure, figures[measure.name])
            for process, figures in self.quiet.items()
            for measure in MEASURES
            if measure.name in figures
        ]

    @property
    def is_passed(self) -> bool:
        """Whether everything is flat, and nothing was lost, doubled or left open."""
        judged = self.flatness
        return bool(judged) and all(one.is_flat for one in judged) and not self.books.violations


def soak(plan: SoakPlan, *, say: Callable[[str], None] = lambda _: None) -> SoakReport:
    """Soak; the report says what came of it. Ctrl-C ends it, with what was found up to then.

    :param say: told now and then how far it has come.
    :raises SoakProcessError: when a process ended, or did not answer.
    """
    report = SoakReport(plan, Books(plan))
    with (
        tempfile.TemporaryDirectory(prefix="wincc-soak-") as folder,
        running_processes(plan, Path(folder)) as processes,
    ):
        try:
            processes.warm_up()
            run = _Run(plan, processes, report, say)
            while run.has_time_for_load:
                run.load()
                run.rest()
        except KeyboardInterrupt:
            report.is_interrupted = True
    report.books.close()
    return report


class _Run:
    def __init__(
        self, plan: SoakPlan, processes: SoakProcesses, report: SoakReport, say: Callable[[str], None]
    ) -> None:
        self._plan = plan
        self._processes = processes
        self._report = report
        self._say = say
        self._started = time.monotonic()
        self._said_at = 0.0
        self._longest_rest = 0.0
        self._rests = 0
        self._types: dict[str, list[dict[str, int]]] = {}

    @property
    def now(self) -> float:
        """Seconds since the soak began."""
        return time.monotonic() - self._started

    @property
    def has_time_for_load(self) -> bool:
        """Whether there is time for a load and the rest after it; always while there are too few rests to judge."""
        is_early = self._plan.seconds - self.now >= _SHORTEST_LOAD + min(self._longest_rest, self._plan.load)
        return is_early or self._rests < _FEWEST_RESTS

    def load(self) -> None:
        """Have everything run for a while, and look now and then."""
        self._processes.triggerer.ask("load", seconds=_LONGEST_REST)
        for process in (self._processes.station, self._processes.worker, self._processes.order_worker):
            process.ask("load")
        ends_at = self.now + min(self._plan.load, max(_SHORTEST_LOAD, self._plan.seconds - self.now))
        while self.now < ends_at:
            for process in self._processes.judged:
                self._note_peak(process.name, sample_of(process.pid, self.now))
            if self.now - self._said_at >= _SAY_EVERY:
                self._said_at = self.now
                self._say(self._progress())
            time.sleep(max(0.0, min(_SAMPLE_EVERY, ends_at - self.now)))

    def rest(self) -> None:
        """Have everything come to rest; then look, and compare the accounts."""
        began, processes = self.now, self._processes
        plant = processes.station.ask("calm")
        workers = (processes.worker, processes.order_worker)
        for worker in workers:
            worker.tell("rest")
        accounts = {worker.name: worker.answer(seconds=_LONGEST_REST) for worker in workers}
        accounts["triggerer"] = processes.triggerer.ask("rest", seconds=_LONGEST_REST, **plant)
        self._settle()
        for process in processes.judged:
            self._note_quiet(process.name, sample_of(process.pid, self.now), accounts[process.name])
        books, worker = self._report.books, accounts["worker"]
        station = processes.station.ask("account", windows=books.windows_of(worker))
        books.take(station, accounts["triggerer"], worker, accounts["order worker"])
        self._longest_rest = max(self._longest_rest, self.now - began)
        self._rests += 1
        self._report.seconds = self.now

    def _settle(self) -> None:
        """Wait until the last connections are closed; if they are not in time, the samples tell."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline and any(
            sample_of(process.pid, self.now).sockets for process in self._processes.judged
        ):
            time.sleep(0.1)

    def _note_peak(self, process: str, sample: Sample) -> None:
        peaks = self._report.peaks.setdefault(process, {})
        for name, value in _figures(sample).items():
            peaks[name] = max(peaks.get(name, 0), value)

    def _note_quiet(self, process: str, sample: Sample, account: dict[str, Any]) -> None:
        figures = self._report.quiet.setdefault(process, {})
        inner = {name: account[name] for name in _OWN_FIGURES if name in account}
        for name, value in {**_figures(sample), **inner}.items():
            figures.setdefault(name, []).append((sample.at, value))
        types = self._types.setdefault(process, [])
        types.append(account["types"])
        first, last = types[len(types) // 3], types[-1]
        grown = {name: count - first.get(name, 0) for name, count in last.items() if count > first.get(name, 0)}
        self._report.grown[process] = dict(sorted(grown.items(), key=lambda one: -one[1])[:_MOST_TYPES_TOLD])

    def _progress(self) -> str:
        figures = self._report.books.figures
        fired = figures.get("triggerer", {}).get("fired", 0)
        tasks = sum(figures.get(name, {}).get("tasks", 0) for name in ("worker", "order worker"))
        memory = ", ".join(f"{name} {peaks['memory']:.0f} MiB" for name, peaks in self._report.peaks.items())
        return f"{fired} waits fired, {tasks} tasks; at most {memory}; {len(self._report.books.violations)} violations"


def _figures(sample: Sample) -> dict[str, float]:
    figures = {name: value for name, value in asdict(sample).items() if name not in {"at", "states"}}
    return {name: value for name, value in figures.items() if value is not None}
