"""Settings of Sphinx, which makes a site of these pages and of the docstrings: `make docs`.

The pages stay plain Markdown, for people who read them where the code is. The navigation is made from the list in
index.md; the reference of the code is in api/.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import airflow_provider_wincc

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

# Airflow writes its settings there when it is imported.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="docs-")

project = "airflow-provider-wincc"
release = version = airflow_provider_wincc.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]

# The source folder is the whole checkout, because pages link to files beside docs/.
root_doc = "docs/index"
include_patterns = ["docs/*.md", "docs/api/*.rst", "README.md", "CHANGELOG.md", "SECURITY.md"]
exclude_patterns = [".*", "build", "dist", "*.egg-info"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_logo = html_favicon = "icon.svg"

myst_heading_anchors = 6

autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
_NOT_PUBLIC = (
    r"client\.client|conditions\.(sources|literals)|operators\.\w+_operator|order_handoff|orders\.states|"
    r"sensors\.(waiting_sensor|reschedule_memory)|triggers\.(poller|watcher|wait_trigger)"
)
nitpick_ignore_regex = [
    # Names of other projects lead nowhere from here: nothing is fetched to know theirs.
    ("py:.*", r"(?!airflow_provider_wincc\b).*"),
    # What public classes are made of is not public.
    ("py:.*", rf"airflow_provider_wincc\.({_NOT_PUBLIC})\b.*"),
]

_BESIDE_THE_PAGES = ("docs/api/index", "README", "CHANGELOG", "SECURITY")
_GROUP = re.compile(r"^## (.+)$", re.MULTILINE)
_PAGE = re.compile(r"^- \[[^\]]+\]\(([\w-]+)\.md\)", re.MULTILINE)


def setup(app: Sphinx) -> None:
    """Add what these settings need to Sphinx."""
    app.connect("source-read", _add_navigation)
    app.connect("missing-reference", _find_by_short_name)
    app.connect("build-finished", _lead_to_the_first_page)


def _add_navigation(app: Sphinx, page: str, source: list[str]) -> None:
    if page != root_doc:
        return
    _, *parts = _GROUP.split(source[0])
    groups = {
        name: [f"/docs/{found}" for found in _PAGE.findall(text)]
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }
    groups["Reference and changes"] = [f"/{name}" for name in _BESIDE_THE_PAGES if name in app.env.found_docs]
    for name, pages in groups.items():
        source[0] += "\n".join(["\n```{toctree}", ":hidden:", f":caption: {name}", "", *pages, "```\n"])


def _find_by_short_name(
    app: Sphinx, env: BuildEnvironment, reference: pending_xref, content: Element
) -> Element | None:
    """Find what a docstring calls by its bare name, such as `WinCCError`, when only one thing is called that."""
    if reference["refdomain"] != "py":
        return None
    wanted = reference["reftarget"].removeprefix("~").split(".")
    objects: dict[str, Any] = env.domaindata["py"]["objects"]
    found = [name for name in objects if name.split(".")[-len(wanted) :] == wanted and not objects[name].aliased]
    if len(found) != 1:
        return None
    return env.domains.python_domain.resolve_xref(
        env, reference["refdoc"], app.builder, "obj", found[0], reference, content
    )


def _lead_to_the_first_page(app: Sphinx, failure: Exception | None) -> None:
    if failure is None and app.builder.format == "html":
        front = f'<!doctype html><meta http-equiv="refresh" content="0; url={root_doc}.html">'
        (Path(app.outdir) / "index.html").write_text(front, encoding="utf-8")
