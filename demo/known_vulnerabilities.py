"""Asks the public advisories about packages, by pip-audit, and makes sure that an answer is one."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONTROL = ("django", "2.2")
"""A package that we do not use, in a version with many known vulnerabilities.

A service that knows of none of them, such as an index that copies packages but not advisories, knows nothing of our
packages either.
"""


class NotAuditedError(Exception):
    """No service gave an answer that can be relied on; the message says why."""


@dataclass(frozen=True)
class KnownVulnerability:
    """What the advisories say.

    :param package: name and version.
    :param ids: of the advisory, and its other names.
    :param fixed_in: versions without it.
    """

    package: str
    ids: tuple[str, ...]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        fixed = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "no version without it"
        return f"{self.package}: {self.ids[0]} ({fixed})"


def ask(packages: Mapping[str, str], services: Sequence[Sequence[str]]) -> list[KnownVulnerability]:
    """Return the known vulnerabilities of packages, from the first service that gives a reliable answer.

    :param packages: version by name.
    :param services: arguments of pip-audit that choose a service, for each service.
    :raises NotAuditedError: when none does.
    """
    silent = []
    for service in services:
        try:
            return _ask(packages, service)
        except NotAuditedError as reason:
            silent.append(f"{' '.join(service)}: {reason}")
    raise NotAuditedError("\n".join(silent))


def _ask(packages: Mapping[str, str], service: Sequence[str]) -> list[KnownVulnerability]:
    name, version = CONTROL
    if not _answers({name: version}, service)[name]["vulns"]:
        raise NotAuditedError(f"it knows of no vulnerability of {name} {version}, which has many: it has no advisories")
    return [
        KnownVulnerability(
            f"{entry['name']} {entry['version']}", (each["id"], *each["aliases"]), tuple(each["fix_versions"])
        )
        for entry in _answers(packages, service).values()
        for each in entry["vulns"]
    ]


def _answers(packages: Mapping[str, str], service: Sequence[str]) -> dict[str, dict[str, Any]]:
    answers = {entry["name"]: entry for entry in _run_pip_audit(packages, service)}
    # pip-audit itself takes a package that the service has never heard of for one without vulnerabilities.
    skipped = {name: entry["skip_reason"] for name, entry in answers.items() if "skip_reason" in entry}
    if skipped:
        name, reason = next(iter(skipped.items()))
        raise NotAuditedError(
            f"it knows nothing of {len(skipped)} of {len(packages)} packages, such as {name}: {reason}"
        )
    if missing := sorted(packages.keys() - answers.keys()):
        raise NotAuditedError(f"it gave no answer for {len(missing)} of {len(packages)} packages, such as {missing[0]}")
    return answers


def _run_pip_audit(packages: Mapping[str, str], service: Sequence[str]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("".join(f"{name}=={version}\n" for name, version in packages.items()), encoding="utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip_audit"),
                *("--requirement", str(requirements), "--no-deps", "--disable-pip"),
                *("--format", "json", "--progress-spinner", "off", "--cache-dir", folder),
                *service,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        answer: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise NotAuditedError(said[-1]) from None
    return answer
