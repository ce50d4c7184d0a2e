"""The state of a station that is kept from one start to the next."""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.kept_state_content import content_of, put_back
from airflow_provider_wincc.simulator.kept_state_folder import StateFolder

if TYPE_CHECKING:
    from os import PathLike

    from airflow_provider_wincc.simulator.state import StationState

_log = logging.getLogger(__name__)
_SECONDS = 5.0


class KeptState:
    """Keeps the state of a station in a folder: put back at the start, saved every 5 seconds and at the end.

    When the process is killed, the state is as old as the last save; the certificates and passwords are saved at
    the start already.

    :param path: the folder; made if there is none. Only one station at a time can have it.
    :param reset: forget what was kept when the station starts for the first time.
    """

    def __init__(self, path: str | PathLike[str], *, reset: bool) -> None:
        self.folder = StateFolder(path)
        self._reset = reset
        self._saved = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, state: StationState) -> None:
        """Hold the folder and put back what is in it.

        :raises KeptStateError: when another station holds the folder, or what is in it cannot be used.
        """
        self.folder.hold()
        try:
            if self._reset:
                self.folder.forget()
                self._reset = False
            content = self.folder.load()
            if content is not None:
                try:
                    put_back(state, content)
                except (AttributeError, LookupError, TypeError, ValueError):
                    raise self.folder.damaged() from None
        except BaseException:
            self.folder.release()
            raise

    def start(self, state: StationState) -> None:
        """Save the state now, and again and again from a thread of its own."""
        self._stop.clear()
        self._save(state)
        self._thread = threading.Thread(target=self._save_on, args=(state,), name="wincc-simulator-state", daemon=True)
        self._thread.start()

    def close(self, state: StationState) -> None:
        """Save the state once more, if it was ever saved since it was opened, and release the folder."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
            self._save(state)
        self.folder.release()

    def _save_on(self, state: StationState) -> None:
        while not self._stop.wait(_SECONDS):
            self._save(state)

    def _save(self, state: StationState) -> None:
        text = json.dumps(content_of(state))
        if text == self._saved:
            return
        try:
            self.folder.save(text)
        except OSError as problem:
            _log.warning("the state in %s cannot be saved: %s", self.folder.path, problem.strerror or problem)
        else:
            self._saved = text
