"""What is in the wheel and in the source distribution, against what is in the checkout."""

from __future__ import annotations

import configparser
import email
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from trove_classifiers import classifiers

import airflow_provider_wincc
from release.build import check
from release.source_tree import REPOSITORY, files_of

if TYPE_CHECKING:
    from email.message import Message

    from release.build import Built

pytestmark = pytest.mark.long

PACKAGE = "airflow_provider_wincc"


@pytest.fixture(scope="module")
def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def metadata(built: Built) -> Message:
    with zipfile.ZipFile(built.wheel) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(wheel.read(name))


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def test_indexes_and_installers_have_no_complaint(built: Built) -> None:
    check(built)

    assert built.wheel.name == f"{PACKAGE}-{airflow_provider_wincc.__version__}-py3-none-any.whl"
    assert built.sdist.name == f"{PACKAGE}-{airflow_provider_wincc.__version__}.tar.gz"


def test_the_wheel_has_all_files_of_the_package_and_nothing_else(built: Built, checkout: Path) -> None:
    tracked = {str(name) for name in files_of(checkout) if name.parts[0] == PACKAGE}

    with zipfile.ZipFile(built.wheel) as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist()}

    about = {name for name in held if name.startswith(f"{PACKAGE}-{airflow_provider_wincc.__version__}.dist-info/")}
    assert f"{PACKAGE}/py.typed" in tracked
    assert held.keys() - about == tracked
    assert {name: held[name] for name in tracked} == {name: (checkout / name).read_bytes() for name in tracked}
    assert {name.partition("/")[2] for name in about} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
        "top_level.txt",
    }


def test_the_source_distribution_has_every_file_of_the_checkout_as_it_is(built: Built, checkout: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        members = {member.name.partition("/")[2]: member for member in archive}
        same = [
            str(name)
            for name in files_of(checkout)
            if (file := archive.extractfile(members[str(name)])) and file.read() == (checkout / name).read_bytes()
        ]

    assert same == [str(name) for name in files_of(checkout)]
    made = members.keys() - set(same)
    assert {name for name in made if not name.startswith(f"{PACKAGE}.egg-info/")} == {"PKG-INFO"}


def test_nothing_tells_who_built_it_and_where(built: Built, checkout: Path, unpacked: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        owners = {(member.uid, member.gid, member.uname, member.gname) for member in archive}
        modes = {member.mode for member in archive}
    with zipfile.ZipFile(built.wheel) as wheel:
        of_the_wheel = {entry.external_attr >> 16 & 0o777 for entry in wheel.infolist()}
        contents = b"".join(wheel.read(name) for name in wheel.namelist())
    made = b"".join(file.read_bytes() for file in [unpacked / "PKG-INFO", *unpacked.glob("*.egg-info/*")])

    assert owners == {(0, 0, "", "")}
    assert modes == {0o644, 0o755}
    assert of_the_wheel == {0o644, 0o664}  # setuptools gives the latter to RECORD, always
    assert [place for place in (REPOSITORY, checkout) if str(place).encode() in contents + made] == []
    assert str(Path.home()).encode() + b"/" not in contents + made


def test_the_metadata_says_what_setup_cfg_says(metadata: Message, setup_cfg: configparser.ConfigParser) -> None:
    asked = set(map(Requirement, lines_of(setup_cfg["options"]["install_requires"])))
    for extra, text in setup_cfg["options.extras_require"].items():
        for line in lines_of(text):
            requirement, _, marker = line.partition(";")
            wanted = f'({marker.strip()}) and extra == "{extra}"' if marker else f'extra == "{extra}"'
            asked.add(Requirement(f"{requirement}; {wanted}"))

    assert metadata["Name"] == setup_cfg["metadata"]["name"] == "airflow-provider-wincc"
    assert metadata["Version"] == airflow_provider_wincc.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(map(Requirement, metadata.get_all("Requires-Dist") or [])) == asked
    assert metadata.get_all("Provides-Extra") == list(setup_cfg["options.extras_require"])


def test_the_licence_is_an_expression_and_its_text_is_there(metadata: Message, built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith("licenses/LICENSE"))
        text = wheel.read(name)

    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert text == (REPOSITORY / "LICENSE").read_bytes()


def test_the_classifiers_are_known_and_say_that_this_is_a_provider_of_airflow(metadata: Message) -> None:
    named = set(metadata.get_all("Classifier") or [])

    assert named <= classifiers
    assert "Framework :: Apache Airflow :: Provider" in named
    assert {name for name in named if name.startswith("License ::")} == set()


def test_the_version_stands_in_one_place(setup_cfg: configparser.ConfigParser) -> None:
    version = re.escape(airflow_provider_wincc.__version__)
    assigned = re.compile(rf"^\s*_*version_*\s*[=:]\s*[\"']?{version}[\"']?\s*$", re.MULTILINE | re.IGNORECASE)

    places = [
        str(name)
        for name in files_of(REPOSITORY)
        if name.suffix in {".py", ".cfg", ".toml", ".yaml"} and assigned.search((REPOSITORY / name).read_text("utf-8"))
    ]

    assert places == [f"{PACKAGE}/__init__.py"]
    assert setup_cfg["metadata"]["version"] == f"attr: {PACKAGE}.__version__"


def test_the_description_has_no_link_that_an_index_could_not_follow(metadata: Message) -> None:
    description = str(metadata.get_payload())

    assert description.startswith("# airflow-provider-wincc")
    assert [target for target in re.findall(r"\]\(([^)\s]+)\)", description) if "://" not in target] == []
    assert "The connection (`docs/connection.md`)" in description


def test_the_tests_of_the_source_distribution_can_be_run_there(unpacked: Path, fresh_variables: dict[str, str]) -> None:
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    package = [sys.executable, "-c", f"import {PACKAGE}; print({PACKAGE}.__file__)"]

    done = subprocess.run(
        collect, cwd=unpacked, env=fresh_variables, capture_output=True, text=True, timeout=300, check=False
    )
    used = subprocess.run(
        package, cwd=unpacked, env=fresh_variables, capture_output=True, text=True, timeout=60, check=True
    )

    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"^\d{4,} tests collected", done.stdout, re.MULTILINE), done.stdout[-400:]
    assert Path(used.stdout.strip()).is_relative_to(unpacked)


@pytest.mark.parametrize("arguments", [("check", "."), ("format", "--check", ".")])
def test_the_source_distribution_is_clean(arguments: tuple[str, ...], unpacked: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "--no-cache"],
        cwd=unpacked,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-4000:]
