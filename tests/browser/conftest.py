"""A real browser, Debian's Chromium, and the page of a simulated station in it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from browser_page import BrowserPage
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)
"""Nothing here is looked up or downloaded; without a sandbox, because a container's root has none."""


def _program(*names: str) -> str:
    """Return the path of a program; without it, skip, but fail in continuous integration, which installs it."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is not None:
        return found
    reason = f"no {names[0]} on this machine; on Debian: apt-get install chromium chromium-driver"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser with an empty profile, which logs its console and each of its requests."""
    profile: Path = tmp_path_factory.mktemp("chromium")
    options = ChromeOptions()
    options.binary_location = _program("chromium", "chromium-browser", "google-chrome")
    for switch in (*SWITCHES, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.accept_insecure_certs = True  # the station's own CA is no CA of the browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(_program("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def station() -> Iterator[Simulator]:
    """A station over plain http whose plant stands still."""
    with Simulator(tls=False, plant="still") as simulator:
        yield simulator


@pytest.fixture
def page(browser: Chrome, station: Simulator) -> Iterator[BrowserPage]:
    """The page of the station, not yet opened.

    Whatever a test does, nothing may complain in the console, and no other host may be asked for anything.
    """
    opened = BrowserPage(browser, station.url)
    try:
        yield opened
        assert opened.complaints() == []
        assert opened.other_hosts() == set()
    finally:
        opened.leave()
