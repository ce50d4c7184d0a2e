"""The check of the built site finds what it is there to find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from release.site_links import complaints

if TYPE_CHECKING:
    from pathlib import Path


def site(folder: Path, body: str) -> Path:
    (folder / "api").mkdir()
    (folder / "index.html").write_text(f"<html><body id='top'>{body}</body></html>", encoding="utf-8")
    (folder / "api" / "client.html").write_text("<a href='../index.html#top'>up</a><h2 id='errors'>E</h2>", "utf-8")
    (folder / "data.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "body",
    [
        "<a href='api/client.html#errors'>errors</a>",
        "<a href='#top'>up</a>",
        "<a href='data.json'>data</a>",
        "<a href='https://www.siemens.com/'>elsewhere</a><a href='mailto:a@plant.example'>write</a>",
        "<script src='api/client.html'></script>",
    ],
)
def test_a_site_whose_links_lead_somewhere_is_fine(body: str, tmp_path: Path) -> None:
    assert complaints(site(tmp_path, body)) == []


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<a href='client.html'>client</a>", "index.html links to client.html, which is not there"),
        ("<a href='api/client.html#no'>no</a>", "index.html links to api/client.html#no, which is not there"),
        ("<a href='#bottom'>down</a>", "index.html links to #bottom, which is not there"),
        ("<script src='https://cdn.example/a.js'></script>", "index.html fetches https://cdn.example/a.js"),
        ("<link rel='stylesheet' href='//fonts.example/a.css'>", "index.html fetches //fonts.example/a.css"),
    ],
)
def test_a_link_that_leads_nowhere_and_a_file_from_elsewhere_are_found(
    body: str, complaint: str, tmp_path: Path
) -> None:
    assert complaints(site(tmp_path, body)) == [complaint]


def test_a_folder_without_a_page_is_no_site(tmp_path: Path) -> None:
    assert complaints(tmp_path) == [f"there is no page in {tmp_path}"]
