"""The long proof by faults: ``python tests/integration/chaos/run_chaos.py --orders 2000 --seed 7``."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time

from chaos_walk import WalkPlan, walk


def main() -> int:
    """Walk, print the summary, and return 1 when the invariant was violated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--chaos-seed", type=int, default=int(os.environ.get("CHAOS_SEED") or secrets.randbelow(10**6)))
    arguments = parser.parse_args()
    started = time.monotonic()
    say(f"chaos: {arguments.orders} orders, CHAOS_SEED={arguments.chaos_seed}")
    report = walk(
        WalkPlan(orders=arguments.orders, seed=arguments.chaos_seed),
        say=lambda words: say(f"  {time.monotonic() - started:5.0f} s: {words}"),
    )
    for story in report.stories:
        say(f"\nVIOLATION\n{story}\n")
    say(report.table())
    return 1 if report.violations else 0


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
