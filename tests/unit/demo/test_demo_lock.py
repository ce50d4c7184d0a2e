from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.errors import DemoError
from demo.lock import exclusive

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path),
        pytest.raises(DemoError, match=r"Another demo is running in .*Stop it first"),
        exclusive(tmp_path),
    ):
        pytest.fail("the folder was given twice")


def test_the_folder_is_free_again_after_the_demo(tmp_path: Path) -> None:
    home = tmp_path / "new"
    with exclusive(home):
        pass

    with exclusive(home):
        assert (home / "lock").exists()
