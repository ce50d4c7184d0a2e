"""The page of a station as a person uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable

    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

PATIENCE = 30
"""Seconds."""


class BrowserPage:
    """Opens the page, finds what is on it, and waits for conditions."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        self.url = url

    def open(self, width: int = 1280) -> None:
        """Open the page at a width in pixels and wait until it is live."""
        self.emulate("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.browser.get(f"{self.url}/")
        self.wait_for(lambda: self.text("link-state") == "Live", "the page to be live")
        self.wait_for(lambda: bool(self.all("#tag-rows tr")), "tags")

    def leave(self) -> None:
        """Close the page; what it had set in the browser is put back."""
        self.browser.get("about:blank")
        self.emulate("Emulation.setEmulatedMedia", features=[])
        self.complaints()
        self.browser.get_log("performance")

    def emulate(self, command: str, **words: Any) -> None:
        """Have the browser behave as on another device."""
        self.browser.execute_cdp_cmd(command, words)

    def script(self, code: str, *arguments: Any) -> Any:
        """Run a script in the page."""
        return self.browser.execute_script(code, *arguments)

    def find(self, element_id: str) -> WebElement:
        return self.browser.find_element(By.ID, element_id)

    def all(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, element_id: str) -> str:
        """Return the text of an element, whether it can be seen or not."""
        return str(self.script("return document.getElementById(arguments[0]).textContent", element_id))

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all elements, at one moment."""
        return list(
            self.script("return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector)
        )

    def row(self, tag: str) -> list[str]:
        """Return value, quality and time of a tag; empty when it has no row that is shown."""
        return list(
            self.script(
                """
                const row = [...document.querySelectorAll("#tag-rows tr")].find(
                  (one) => !one.hidden && one.querySelector("th").textContent === arguments[0]);
                return row ? [...row.querySelectorAll("td")].map((cell) => cell.textContent) : [];
                """,
                tag,
            )
        )

    def value(self, tag: str) -> str:
        """Return the value of a tag as it is shown; empty when it is not."""
        return next(iter(self.row(tag)), "")

    def switch(self, name: str) -> WebElement:
        """Find the switch that is called so."""
        found = self.script(
            """
            return [...document.querySelectorAll("label")]
              .find((label) => label.firstElementChild && label.textContent.trim() === arguments[0])
              ?.querySelector("input");
            """,
            name,
        )
        assert found is not None, f"no switch {name}"
        return found  # type: ignore[no-any-return]

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition; fails with what it was waiting for."""
        WebDriverWait(self.browser, PATIENCE, poll_frequency=0.05).until(
            lambda _: condition(), f"waited {PATIENCE} seconds for {what}"
        )

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.browser).send_keys(*keys).perform()

    def complaints(self) -> list[str]:
        """Return what has been complained about in the console since the last time."""
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] != "INFO"]

    def other_hosts(self) -> set[str]:
        """Return the hosts other than the station that were asked since the last time."""
        messages = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        asked = {
            urlsplit(message["params"]["request"]["url"])
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        }
        own = urlsplit(self.url).netloc
        assert own in {url.netloc for url in asked}
        # Chromium's own first page is made of files inside it.
        return {url.netloc for url in asked if url.netloc and url.scheme != "chrome"} - {own}
