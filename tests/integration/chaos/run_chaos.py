"""The long proof by faults: ``python tests/integration/chaos/run_chaos.py --orders 2000 --chaos-seed 7``.

It prints a line of progress now and then, the story of each violation, and a summary, and exits with 1 when the
invariant was violated. The seed decides orders, faults and troubles; what meets what also depends on the clock, so the
same seed walks a very similar way, not exactly the same one.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time

from chaos_station import uncovered
from chaos_walk import WalkPlan, walk


def main() -> int:
    """Walk and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=int(os.environ.get("CHAOS_ORDERS") or 2000))
    parser.add_argument("--chaos-seed", type=int, default=int(os.environ.get("CHAOS_SEED") or secrets.randbelow(10**6)))
    arguments = parser.parse_args()
    plan = WalkPlan(orders=arguments.orders, seed=arguments.chaos_seed)
    say(f"{plan.orders} orders; CHAOS_SEED={plan.seed} walks this way again")
    started = time.monotonic()
    report = walk(plan, say=lambda words: say(f"  {time.monotonic() - started:5.0f} s: {words}"))
    for story in report.stories:
        say(f"\nVIOLATION\n{story}\n")
    say(report.table())
    never_met = uncovered(report.faults)
    if never_met:
        say(f"faults that met no request of a step: {', '.join(never_met)}")
    return 1 if report.violations else 0


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
