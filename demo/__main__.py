"""`python -m demo`: run the demo."""

from __future__ import annotations

import sys

from demo.waiting import StopRequest


def main() -> int:
    """Run the demo; from here on a signal stops it in order."""
    stop = StopRequest()
    stop.listen()
    # Imported after that, because it takes a moment in which Ctrl-C should not show a traceback.
    from demo.run import run_demo

    return run_demo(stop)


if __name__ == "__main__":
    sys.exit(main())
