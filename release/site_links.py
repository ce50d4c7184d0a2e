"""Check the built site: every link within it leads somewhere, and nothing is fetched from elsewhere.

`python -m release.site_links build/site` (part of `make docs`).
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

_FETCHED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("link", "href")}


def main(arguments: Sequence[str]) -> int:
    """Print what is wrong with a site; 1 when anything is."""
    found = complaints(Path(arguments[0]))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


def complaints(site: Path) -> list[str]:
    """Say of each link that leads nowhere, and of each file that would come from elsewhere, on which page it is."""
    pages = {path.resolve(): _Page(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for page in pages.values():
        name = page.path.relative_to(site)
        found += [f"{name} fetches {address}" for address in page.fetched if urlsplit(address).netloc]
        found += [
            f"{name} links to {target}, which is not there"
            for target in page.links
            if not _leads_somewhere(page, target, pages)
        ]
    return found if pages else [f"there is no page in {site}"]


class _Page(HTMLParser):
    """What one page links to, fetches, and can be linked to at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name == "id":
                self.anchors.add(value)
            elif (tag, name) in _FETCHED:
                self.fetched.append(value)
            elif (tag, name) == ("a", "href"):
                self.links.append(value)


def _leads_somewhere(page: _Page, target: str, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return True
    path = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path.resolve()
    if path not in pages:
        return path.exists() and not parts.fragment
    return not parts.fragment or unquote(parts.fragment) in pages[path].anchors


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
