"""The description that an index shows of the project: the README, with its links into the checkout as plain text.

Everything else about the distribution stands in setup.cfg.
"""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import setup

_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


def _outside_the_checkout(link: re.Match[str]) -> str:
    text, target = link.groups()
    if "://" in target:
        return link[0]
    return text if text == target else f"{text} (`{target}`)"


setup(long_description=_LINK.sub(_outside_the_checkout, Path("README.md").read_text(encoding="utf-8")))
