from __future__ import annotations

import sys
from pathlib import Path

from demo.matrix.pythons import find_python

OTHER = "3.98"  # no Python that is anywhere


def interpreter(path: Path, version: str, *, works: bool = True) -> Path:
    """A program that says which Python it is; one that does not work fails as a shim of pyenv does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {version}\n" if works else "#!/bin/sh\nexit 127\n")
    path.chmod(0o755)
    return path


def test_the_python_that_runs_the_matrix_is_taken_for_its_own_version(tmp_path: Path) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"

    assert find_python(version, environment={"PATH": str(tmp_path), "HOME": str(tmp_path)}) == Path(sys.executable)


def test_a_python_on_the_path_is_found(tmp_path: Path) -> None:
    python = interpreter(tmp_path / f"python{OTHER}", OTHER)

    assert find_python(OTHER, environment={"PATH": str(tmp_path), "HOME": str(tmp_path)}) == python


def test_a_shim_that_fails_is_passed_over_for_the_newest_python_of_pyenv(tmp_path: Path) -> None:
    interpreter(tmp_path / "bin" / f"python{OTHER}", OTHER, works=False)
    interpreter(tmp_path / "pyenv" / "versions" / f"{OTHER}.1" / "bin" / f"python{OTHER}", OTHER)
    newest = interpreter(tmp_path / "pyenv" / "versions" / f"{OTHER}.2" / "bin" / f"python{OTHER}", OTHER)

    found = find_python(OTHER, environment={"PATH": str(tmp_path / "bin"), "PYENV_ROOT": str(tmp_path / "pyenv")})

    assert found == newest


def test_pyenv_is_looked_for_in_the_home_folder(tmp_path: Path) -> None:
    python = interpreter(tmp_path / ".pyenv" / "versions" / f"{OTHER}.0" / "bin" / f"python{OTHER}", OTHER)

    assert find_python(OTHER, environment={"PATH": "", "HOME": str(tmp_path)}) == python


def test_a_python_that_is_of_another_version_than_its_name_says_is_passed_over(tmp_path: Path) -> None:
    interpreter(tmp_path / f"python{OTHER}", "3.11")

    assert find_python(OTHER, environment={"PATH": str(tmp_path), "HOME": str(tmp_path)}) is None
