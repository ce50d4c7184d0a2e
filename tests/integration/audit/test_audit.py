"""The audit of code and packages: what it finds, and that silence of a service never passes for a good answer."""

from __future__ import annotations

import socket
from datetime import date
from typing import TYPE_CHECKING

import pytest
from advisory_service import AdvisoryService

from demo import audit, known_vulnerabilities
from demo.accepted_vulnerabilities import AcceptedVulnerability, read_accepted
from demo.errors import DemoError
from demo.known_vulnerabilities import CONTROL, KnownVulnerability, NotAuditedError, ask
from demo.runtime_packages import runtime_packages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = date(2026, 11, 26)
BAD = KnownVulnerability("idna 3.6", ("PYSEC-2024-60", "CVE-2024-3651"), ("3.7",))
# What pip-audit says, in JSON, of a package of which an index that copies packages has no page.
SKIPPED = [{"name": "urllib3", "skip_reason": "Dependency not found on PyPI and could not be audited: urllib3 (2.2.1)"}]


@pytest.fixture
def service() -> Iterator[AdvisoryService]:
    """A service that knows what is wrong with the package of the control."""
    with AdvisoryService(known={CONTROL: ["PYSEC-OF-CONTROL"]}) as service:
        yield service


@pytest.fixture
def nobody() -> str:
    """An address at which nobody answers."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}/"


def at(url: str) -> list[str]:
    return ["--vulnerability-service", "osv", "--osv-url", url]


def test_a_known_vulnerability_is_told_with_what_mends_it(service):
    service.known["idna", "3.6"] = ["PYSEC-2024-60"]

    found = ask({"idna": "3.6", "attrs": "24.1.0"}, [at(service.url)])

    assert [str(each) for each in found] == ["idna 3.6: PYSEC-2024-60 (fixed in 99.1)"]
    assert set(service.asked) == {CONTROL, ("idna", "3.6"), ("attrs", "24.1.0")}


def test_a_service_without_advisories_is_no_good_answer(service):
    service.known.clear()

    with pytest.raises(NotAuditedError, match="it has no advisories"):
        ask({"idna": "3.6"}, [at(service.url)])


def test_a_service_that_does_not_answer_is_no_good_answer(nobody):
    with pytest.raises(NotAuditedError, match="refused"):
        ask({"idna": "3.6"}, [at(nobody)])


def test_the_next_service_is_asked_when_one_does_not_answer(service, nobody):
    assert ask({"idna": "3.6"}, [at(nobody), at(service.url)]) == []


def test_a_package_that_the_service_has_never_heard_of_is_no_good_answer(monkeypatch):
    monkeypatch.setattr(known_vulnerabilities, "_run_pip_audit", lambda *_: SKIPPED)

    with pytest.raises(NotAuditedError, match=r"1 of 1 packages, such as urllib3: .*could not be audited"):
        ask({"idna": "3.6"}, [at("unused")])


def test_a_package_without_an_answer_is_no_good_answer(monkeypatch):
    monkeypatch.setattr(known_vulnerabilities, "_run_pip_audit", lambda *_: [])

    with pytest.raises(NotAuditedError, match="no answer for 1 of 1 packages, such as django"):
        ask({"idna": "3.6"}, [at("unused")])


def test_every_vulnerability_is_complained_of_unless_it_is_accepted():
    assert audit.judge([BAD], [], TODAY) == ["vulnerable: idna 3.6: PYSEC-2024-60 (fixed in 3.7)"]
    for name in BAD.ids:
        assert audit.judge([BAD], [AcceptedVulnerability(name, TODAY, "not reached")], TODAY) == []


def test_an_accepted_one_is_looked_at_again_after_half_a_year_and_removed_when_it_is_gone():
    old = AcceptedVulnerability("PYSEC-2024-60", date(2026, 5, 1), "not reached")

    assert audit.judge([BAD], [old], TODAY) == ["accepted on 2026-05-01; look again: PYSEC-2024-60 (not reached)"]
    assert audit.judge([], [old], TODAY) == ["accepted, but not there any more; remove the line: PYSEC-2024-60"]


def test_the_list_of_accepted_ones_is_read(tmp_path):
    file = tmp_path / "accepted.txt"
    file.write_text("# why\n\nPYSEC-2024-60 2026-05-01 we never decode\n", encoding="utf-8")

    assert read_accepted(file) == [AcceptedVulnerability("PYSEC-2024-60", date(2026, 5, 1), "we never decode")]
    assert all(line.reason for line in read_accepted())


@pytest.mark.parametrize("line", ["PYSEC-2024-60", "PYSEC-2024-60 2026-05-01", "PYSEC-2024-60 May why not"])
def test_a_line_without_date_or_reason_is_an_error(tmp_path, line):
    file = tmp_path / "accepted.txt"
    file.write_text(line, encoding="utf-8")

    with pytest.raises(DemoError, match="PYSEC-2024-60"):
        read_accepted(file)


def test_the_packages_are_those_that_users_get():
    packages = runtime_packages()

    assert {"apache-airflow-core", "requests", "urllib3", "starlette", "typer", "pyarrow", "pandas"} <= packages.keys()
    assert not {"airflow-provider-wincc", "bandit", "ruff", "selenium", "hypothesis", CONTROL[0]} & packages.keys()


@pytest.fixture
def small_audit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An audit of one file and two packages; returns the file."""
    code = tmp_path / "code.py"
    code.write_text("answer = 42\n", encoding="utf-8")
    monkeypatch.setattr(audit, "READ_BY_BANDIT", (str(code),))
    monkeypatch.setattr(audit, "runtime_packages", lambda: {"idna": "3.6", "attrs": "24.1.0"})
    return code


@pytest.mark.usefixtures("small_audit")
def test_an_audit_that_finds_nothing_ends_well(service, monkeypatch, capsys):
    monkeypatch.setenv(audit.OSV_URL_VARIABLE, service.url)

    assert audit.main() == audit.CLEAN
    assert "Nothing found: our code, and 2 packages" in capsys.readouterr().out


@pytest.mark.usefixtures("small_audit")
def test_an_audit_that_could_ask_nobody_says_so_loudly_and_has_an_exit_code_of_its_own(nobody, monkeypatch, capsys):
    monkeypatch.setenv(audit.OSV_URL_VARIABLE, nobody)

    assert audit.main() == audit.NOT_AUDITED
    said = capsys.readouterr()
    assert "NOT AUDITED: nobody could be asked about the 2 packages" in said.err
    assert said.out == ""


@pytest.mark.usefixtures("small_audit")
def test_a_vulnerable_package_fails_the_audit(service, monkeypatch, capsys):
    monkeypatch.setenv(audit.OSV_URL_VARIABLE, service.url)
    service.known["idna", "3.6"] = ["PYSEC-2024-60"]

    assert audit.main() == audit.FOUND
    assert "vulnerable: idna 3.6: PYSEC-2024-60 (fixed in 99.1)" in capsys.readouterr().err


def test_weak_code_fails_the_audit_even_where_nobody_could_be_asked(small_audit, nobody, monkeypatch, capsys):
    monkeypatch.setenv(audit.OSV_URL_VARIABLE, nobody)
    small_audit.write_text("import subprocess\nsubprocess.call('ls ' + input(), shell=True)\n", encoding="utf-8")

    assert audit.main() == audit.FOUND
    said = capsys.readouterr().err
    assert "B602" in said
    assert "NOT AUDITED" in said
