from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

import pytest

from demo.errors import DemoError
from demo.process_table import Process, family_of, list_processes
from demo.processes import Service, tail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A program that starts a child in a session of its own, whose parent then dies, and that obeys SIGTERM or not.
PROGRAM = """
import os, signal, sys, time
from pathlib import Path

folder, stubborn = Path(sys.argv[1]), sys.argv[2] == "stubborn"
if stubborn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

def note(name):
    (folder / f"{name}.new").write_text(str(os.getpid()))
    (folder / f"{name}.new").rename(folder / name)

if os.fork() == 0:
    os.setpgid(0, 0)
    note("child")
    time.sleep(60)
if os.fork() == 0:
    if os.fork() == 0:
        note("orphan")
        time.sleep(60)
    os._exit(0)
os.waitpid(-1, 0)
note("program")
time.sleep(60)
"""


def start(folder: Path, *arguments: str, name: str = "The program") -> Service:
    command = [sys.executable, "-c", *arguments]
    return Service(name, command, environment=os.environ, log=folder / "program.log")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 20 s"
        time.sleep(0.01)


def start_family(folder: Path, *, manners: str) -> tuple[Service, set[int]]:
    service = start(folder, PROGRAM, str(folder), manners)
    names = ("program", "child", "orphan")
    wait_until(lambda: all((folder / name).exists() for name in names))
    return service, {int((folder / name).read_text()) for name in names}


def living() -> set[int]:
    return {process.pid for process in list_processes()}


@pytest.mark.parametrize("manners", ["polite", "stubborn"])
def test_stopping_ends_the_program_its_children_and_its_orphans(tmp_path: Path, manners: str) -> None:
    service, family = start_family(tmp_path, manners=manners)
    assert family <= living()

    service.stop(grace=0.3)

    assert not family & living()


def test_killing_ends_the_whole_family_and_lets_none_of_it_say_farewell(tmp_path: Path) -> None:
    says_farewell = PROGRAM.replace("signal.SIG_IGN", "lambda *_: note('farewell')")
    service = start(tmp_path, says_farewell, str(tmp_path), "stubborn")
    names = ("program", "child", "orphan")
    wait_until(lambda: all((tmp_path / name).exists() for name in names))
    family = {int((tmp_path / name).read_text()) for name in names}

    service.kill()

    assert not family & living()
    assert not (tmp_path / "farewell").exists()


def test_leaving_the_block_stops_the_program_also_after_an_error(tmp_path: Path) -> None:
    service, family = start_family(tmp_path, manners="polite")

    with pytest.raises(ZeroDivisionError), service:
        raise ZeroDivisionError

    assert not family & living()


def test_stopping_twice_is_harmless(tmp_path: Path) -> None:
    service = start(tmp_path, "pass")

    service.stop()
    service.stop()

    assert service.pid not in living()


def test_what_the_program_left_behind_when_it_ended_by_itself_is_stopped(tmp_path: Path) -> None:
    leaves_a_child = PROGRAM.replace('note("program")\ntime.sleep(60)', 'note("program")')
    service = start(tmp_path, leaves_a_child, str(tmp_path), "polite")
    wait_until(lambda: all((tmp_path / name).exists() for name in ("program", "child", "orphan")))
    orphan = int((tmp_path / "orphan").read_text())
    wait_until(lambda: service.pid not in living())
    assert orphan in living()

    service.stop()

    assert orphan not in living()


def test_a_program_that_ended_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    with start(tmp_path, "print('out of ink'); raise SystemExit(7)", name="The printer") as service:
        wait_until(lambda: service.pid not in living())

        with pytest.raises(DemoError, match=r"The printer ended by itself \(exit code 7\)\.") as caught:
            service.check()

    assert caught.value.details == (f"The end of {tmp_path / 'program.log'}:", "out of ink")


def test_a_running_program_passes_the_check(tmp_path: Path) -> None:
    with start(tmp_path, "import time; time.sleep(60)") as service:
        service.check()

        assert service.pid in living()


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"Cannot start The press \(/no/such/press\): No such file"):
        Service("The press", ["/no/such/press"], environment={}, log=tmp_path / "log")


def test_the_family_is_found_through_parents_groups_and_sessions() -> None:
    root = Process(10, "1", parent=1, group=10, session=10)
    child = Process(11, "2", parent=10, group=11, session=10)
    grandchild_elsewhere = Process(12, "3", parent=11, group=12, session=12)
    orphan_in_session = Process(13, "4", parent=1, group=13, session=10)
    stranger = Process(14, "5", parent=1, group=14, session=14)
    everyone = [root, child, grandchild_elsewhere, orphan_in_session, stranger]

    assert family_of(10, everyone) == {root, child, grandchild_elsewhere, orphan_in_session}


def test_a_process_with_a_used_process_id_is_another_one() -> None:
    first = Process(10, "1", parent=1, group=10, session=10)
    second = Process(10, "2", parent=1, group=10, session=10)

    assert first != second


def test_this_process_is_in_the_table() -> None:
    mine = next(process for process in list_processes() if process.pid == os.getpid())

    assert (mine.parent, mine.group, mine.session) == (os.getppid(), os.getpgid(0), os.getsid(0))


@pytest.mark.skipif(shutil.which("ps") is None, reason="this system has no ps, and does not need it")
def test_a_system_without_a_process_folder_is_asked_with_ps(tmp_path: Path) -> None:
    asked = next(process for process in list_processes(proc=tmp_path) if process.pid == os.getpid())

    assert (asked.parent, asked.group, asked.session) == (os.getppid(), os.getpgid(0), None)


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\ntwo\nthr\xff\n")

    assert tail(log, lines=2) == ["two", "thr�"]


def test_the_tail_says_why_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    assert tail(tmp_path / "empty") == ["(it is empty)"]
    assert tail(tmp_path / "missing") == ["(cannot read it: No such file or directory)"]
