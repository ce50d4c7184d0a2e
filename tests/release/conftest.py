from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from clean_environment import CleanEnvironment

from release.build import Built, build
from release.source_archive import unpack
from release.source_tree import REPOSITORY, copy_tree, date_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as it is now, all of it committed, in another folder."""
    folder = tmp_path_factory.mktemp("checkout")
    copy_tree(REPOSITORY, folder, date=date_of(REPOSITORY))
    variables = {
        **os.environ,
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "tests"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "tests@plant.example"),
        "GIT_COMMITTER_DATE": f"@{date_of(REPOSITORY)} +0200",
    }
    for command in ("init --quiet", "add --all", "commit --quiet --message now"):
        subprocess.run(["git", *command.split()], cwd=folder, env=variables, check=True)
    return folder


@pytest.fixture(scope="session")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The wheel and the source distribution of the checkout."""
    return build(tmp_path_factory.mktemp("dist"), tree=checkout)


@pytest.fixture(scope="session")
def unpacked(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    return unpack(built.sdist, tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="session")
def clean(built: Built, unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> CleanEnvironment:
    """A new environment with the wheel in it, and none of its extras."""
    environment = CleanEnvironment(tmp_path_factory.mktemp("clean"), wheel=built.wheel, dags=unpacked / "example_dags")
    environment.install()
    return environment


@pytest.fixture(scope="session")
def clean_with_simulator(clean: CleanEnvironment) -> CleanEnvironment:
    """The same environment, once the extra for the simulated station is installed too."""
    clean.install("simulator")
    return clean


@pytest.fixture
def fresh_variables() -> dict[str, str]:
    """The variables of this process without those that a build or an Airflow obeys."""
    obeyed = ("AIRFLOW", "PYTHON", "SOURCE_DATE_EPOCH", "COV_", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(obeyed)}
