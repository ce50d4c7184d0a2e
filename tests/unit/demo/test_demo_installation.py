from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from demo import environment as installation
from demo.constraints import pins
from demo.environment import AIRFLOW_VERSION, CONSTRAINTS, REPOSITORY, InstallationError, install, make_environment

FIND_PYTHON = REPOSITORY / "demo" / "find-python.sh"


def find_python(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Look for a Python in one folder only; grep, sh and the like are not on that path."""
    return subprocess.run(
        ["/bin/sh", str(FIND_PYTHON)],
        env={"PATH": str(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def fake_python(folder: Path, name: str, *, suits: bool, has_pip: bool = True) -> Path:
    """A program that answers the script's questions as a certain Python would."""
    path = folder / name
    path.write_text(
        "#!/bin/sh\n"
        "case $2 in\n"
        f"  *version_info\\[:2\\]\\)*) [ {int(suits)} = 1 ] ;;\n"
        f"  *ensurepip*) [ {int(has_pip)} = 1 ] ;;\n"
        "  *) echo 3.11 ;;\n"
        "esac\n"
    )
    path.chmod(0o755)
    return path


def test_no_python_at_all_is_said_with_what_to_do(tmp_path: Path) -> None:
    result = find_python(tmp_path)

    assert result.returncode == 1
    assert result.stdout == ""
    assert "No Python 3.11 to 3.14 was found" in result.stderr
    assert "apt install python3" in result.stderr


def test_a_python_without_pip_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.11", suits=True, has_pip=False)
    good = fake_python(tmp_path, "python3.12", suits=True)

    assert find_python(tmp_path).stdout.strip() == str(good)


def test_a_real_python_is_found(tmp_path: Path) -> None:
    (tmp_path / "python3").symlink_to("/bin/sh")  # not a Python, so it must be passed over
    interpreter = Path(os.path.realpath(installation.sys.executable))
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec "{interpreter}" "$@"\n')
    (tmp_path / "python").chmod(0o755)

    assert find_python(tmp_path).stdout.strip() == str(tmp_path / "python")


def test_a_chosen_python_that_does_not_suit_is_not_replaced_by_another(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.11", suits=True)

    result = find_python(tmp_path, PYTHON="/opt/python2")

    assert result.returncode == 1
    assert "PYTHON=/opt/python2 is not a Python 3.11 to 3.14" in result.stderr


def test_an_installation_that_fails_shows_the_end_of_its_log(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "cannot reach the index"\nexit 1\n')
    python.chmod(0o755)

    with pytest.raises(InstallationError, match=r"cannot reach the index\n\nThis failed \(exit code 1\)") as caught:
        install(tmp_path, "dev", constraints=None)

    assert str(tmp_path / "install.log") in str(caught.value)


def test_an_environment_that_works_is_kept(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\nexit 0\n")
    python.chmod(0o755)

    make_environment(tmp_path)

    assert python.read_text() == "#!/bin/sh\nexit 0\n"


def test_the_project_and_pips_remarks_are_not_pinned() -> None:
    frozen = [
        "# Editable install with no version control (airflow-provider-wincc==0.1.0)",
        "-e /home/me/airflow-provider-wincc",
        "Zeta==1.0",
        "alpha==2.0",
        "",
    ]

    assert pins(frozen) == ["alpha==2.0", "Zeta==1.0"]


def test_a_package_from_a_file_cannot_be_pinned() -> None:
    with pytest.raises(InstallationError, match=r"alpha @ file:///home/me/alpha\.whl"):
        pins(["alpha @ file:///home/me/alpha.whl"])


def test_the_constraints_pin_the_airflow_that_is_installed_and_say_how_they_are_remade() -> None:
    lines = CONSTRAINTS.read_text().splitlines()

    assert f"apache-airflow=={AIRFLOW_VERSION}" in lines
    assert "make constraints" in "\n".join(lines[:2])
    assert all("==" in line for line in lines if not line.startswith("#"))
