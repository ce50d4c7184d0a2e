"""The soak: ``python tests/soak/run_soak.py --duration 10m``.

It prints a line of progress now and then and the verdict, writes the figures to ``soak.json``, and exits with 1 when
something is not flat, or was lost, doubled or left open. Ctrl-C ends it with the verdict so far. The seed decides the
dice of all processes; what meets what also depends on the clock, so the same seed soaks in a very similar way, not
exactly the same one.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
import time
from pathlib import Path

from soak_length import seconds_of
from soak_plan import SoakPlan
from soak_process import SoakProcessError
from soak_report import table, write
from soak_run import soak


def main() -> int:
    """Soak and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--duration", type=duration, default="10m", help="such as 90s, 10m or 2h; default: 10m")
    seed, output = os.environ.get("SOAK_SEED"), os.environ.get("SOAK_OUTPUT")
    parser.add_argument("--seed", type=int, default=int(seed or secrets.randbelow(10**6)), help="of the dice")
    parser.add_argument("--output", type=Path, default=Path(output or "build/soak"), help="folder of soak.json")
    arguments = parser.parse_args()
    # A soak in the background of a shell would not hear Ctrl-C's signal otherwise.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    plan = SoakPlan.for_length(arguments.duration, arguments.seed)
    say(f"a soak of {plan.seconds:g} s; SOAK_SEED={plan.seed} throws the same dice again")
    started = time.monotonic()
    try:
        report = soak(plan, say=lambda words: say(f"  {time.monotonic() - started:5.0f} s: {words}"))
    except SoakProcessError as error:
        say(f"NOT PASSED: {error}")
        return 1
    except KeyboardInterrupt:
        say("NOT PASSED: interrupted before anything was seen")
        return 1
    say(table(report))
    say(f"wrote {write(report, arguments.output)}")
    return 0 if report.is_passed else 1


def duration(text: str) -> float:
    """Return seconds, or say what is wrong as argparse shows it."""
    try:
        return seconds_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
