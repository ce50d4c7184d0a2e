"""The simulated station with one production unit, in a process of its own; a part of ``order_handoff.py``.

It writes what it says of itself to the file that its argument names, and runs until it is ended.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from airflow_provider_wincc.simulator import SimulatedUnit, Simulator


def main() -> None:
    """Serve, until the process is ended."""
    description = Path(sys.argv[1])
    unit = SimulatedUnit(**json.loads(sys.argv[2]), runs_when_frozen=True)
    with Simulator(plant="still", units=[unit]) as station:
        users = {name: {"password": user.password} for name, user in station.users.items()}
        hidden = description.with_suffix(".part")
        hidden.write_text(json.dumps({"url": station.url, "ca_file": station.ca_file, "users": users}))
        hidden.replace(description)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
