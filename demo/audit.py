"""Look for known weaknesses: `python -m demo.audit` (or `make audit`).

Three checks: bandit reads our code, pip looks whether the installed packages go together, and pip-audit asks the public
advisories about every package that comes with ours.

Exit codes: 0, nothing was found; 1, something was; 3, nothing was found, but the advisories could not be asked.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from demo.accepted_vulnerabilities import read_accepted
from demo.environment import REPOSITORY
from demo.errors import DemoError
from demo.known_vulnerabilities import NotAuditedError, ask
from demo.runtime_packages import runtime_packages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from demo.accepted_vulnerabilities import AcceptedVulnerability
    from demo.known_vulnerabilities import KnownVulnerability

CLEAN, FOUND, NOT_AUDITED = 0, 1, 3
READ_BY_BANDIT = ("airflow_provider_wincc", "demo", "release")
SKIPPED_BY_BANDIT = {
    "B404": "says that subprocess is imported",
    "B603": "says that a program is started without a shell, which is how it should be; B602 and B605 find shells",
}
OSV_URL_VARIABLE = "AUDIT_OSV_URL"
"""Environment variable with the address of a copy of the OSV advisories, to be asked instead of the public ones."""


def main() -> int:
    """Run all checks, print what they found, and return the exit code."""
    try:
        complaints = [*_complaints_of("code", _bandit()), *_complaints_of("packages", _pip_check())]
        packages = runtime_packages()
        not_audited = None
        try:
            complaints += judge(ask(packages, _services()), read_accepted(), datetime.now(UTC).date())
        except NotAuditedError as reason:
            not_audited = reason
    except DemoError as error:
        complaints, not_audited = [str(error)], None
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    if not_audited is not None:
        print(_banner(len(packages), str(not_audited)), file=sys.stderr)
    if complaints:
        return FOUND
    if not_audited is not None:
        return NOT_AUDITED
    print(f"Nothing found: our code, and {len(packages)} packages that come with it.")
    return CLEAN


def judge(known: Iterable[KnownVulnerability], accepted: Iterable[AcceptedVulnerability], today: date) -> list[str]:
    """Return what there is to complain about: vulnerabilities not accepted, and lines of the list to look at again."""
    lines = list(accepted)
    names = {line.vulnerability for line in lines}
    found = list(known)
    complaints = [f"vulnerable: {each}" for each in found if not names.intersection(each.ids)]
    for line in lines:
        if not any(line.vulnerability in each.ids for each in found):
            complaints.append(f"accepted, but not there any more; remove the line: {line.vulnerability}")
        elif line.is_too_old(today):
            complaints.append(f"accepted on {line.looked_at}; look again: {line.vulnerability} ({line.reason})")
    return complaints


def _complaints_of(what: str, command: Sequence[str]) -> list[str]:
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"{what}: {' '.join(command[1:])} says:\n{done.stdout}{done.stderr}"]


def _bandit() -> list[str]:
    skipped = ("--skip", ",".join(SKIPPED_BY_BANDIT))
    return [sys.executable, "-m", "bandit", "--quiet", *skipped, "--recursive", *READ_BY_BANDIT]


def _pip_check() -> list[str]:
    return [sys.executable, "-m", "pip", "check"]


def _services() -> list[list[str]]:
    own = os.environ.get(OSV_URL_VARIABLE)
    if own:
        return [["--vulnerability-service", "osv", "--osv-url", own]]
    return [["--vulnerability-service", service] for service in ("pypi", "osv")]


def _banner(count: int, reason: str) -> str:
    bar = "!" * 100
    return (
        f"{bar}\nNOT AUDITED: nobody could be asked about the {count} packages that come with ours.\n{reason}\n"
        f"{OSV_URL_VARIABLE} may name a service with OSV's interface that can be reached from here.\n{bar}"
    )


if __name__ == "__main__":
    sys.exit(main())
