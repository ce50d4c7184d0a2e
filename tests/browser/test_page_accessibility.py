"""The page for people by keyboard, for screen readers, in dark rooms, on phones, and without motion."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from browser_page import BrowserPage

    from airflow_provider_wincc.simulator import Simulator


@pytest.fixture
def busy_station(station: Simulator) -> Simulator:
    """Something of everything that the page can show."""
    station.set("Tank1.Level", 96.0)
    station.set("Line9.Plc", 0.0, quality=8, error_code=1, error="connection not established")
    station.set("Line9.Speed", 1.0, quality=0x4C)
    station.raise_message(1001)
    station.fail_next("delay", path="/tagLogging/*")
    station.set_dialect(quality="hex")
    station.unit("Mixer1").set_mode(2)
    return station


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_rules_of_axe_find_nothing(page: BrowserPage, busy_station: Simulator, scheme: str, width: int) -> None:
    page.emulate("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.open(width)
    page.wait_for(lambda: len(page.texts("#fault-list .left")) > 0, "the switches")
    page.script("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.script(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))

    found = page.browser.execute_async_script(
        """
        const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ["violations"] }).then(done, (problem) => done({ problem: String(problem) }));
        """
    )

    assert "problem" not in found, found
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found["violations"]] == []
    assert len(found["passes"]) > 20


@pytest.mark.parametrize("dialog", ["tag-dialog", "connection-dialog"])
def test_the_rules_of_axe_find_nothing_in_a_dialog(page: BrowserPage, dialog: str) -> None:
    page.open()
    page.script("document.getElementById(arguments[0]).showModal()", dialog)
    page.script("document.getElementById('tag-heading').textContent = 'Tank1.Level'")
    page.script(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))

    found = page.browser.execute_async_script(
        "const done = arguments[1]; axe.run(document.getElementById(arguments[0])).then(done)", dialog
    )

    assert [rule["id"] for rule in found["violations"]] == []


def test_every_control_has_a_name(page: BrowserPage, busy_station: Simulator) -> None:
    page.open()
    page.wait_for(lambda: len(page.texts("#dialect-list li")) > 0, "the switches")

    page.script("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    controls = page.all("main button, main input, main select, main summary, header a, header button, footer a")

    shown = [one for one in controls if one.is_displayed()]
    assert len(shown) > 80
    assert [one.get_attribute("outerHTML") for one in shown if not one.accessible_name.strip()] == []


def test_headings_go_down_one_level_at_a_time(page: BrowserPage, busy_station: Simulator) -> None:
    page.open()

    levels = [int(name[1]) for name in page.script(VISIBLE_HEADINGS)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []


VISIBLE_HEADINGS = """
return [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .filter((heading) => heading.checkVisibility()).map((heading) => heading.tagName);
"""
FOCUS = """
const one = document.activeElement;
const style = getComputedStyle(one);
return { id: one.id, name: one.textContent.trim(), outline: style.outlineStyle, width: parseFloat(style.outlineWidth) };
"""


def test_everything_is_reached_and_done_by_keyboard(page: BrowserPage, station: Simulator) -> None:
    page.open()
    page.press(Keys.TAB)
    assert page.script(FOCUS)["name"] == "Skip to the plant"
    page.press(Keys.ENTER)
    assert page.script(FOCUS)["id"] == "main"

    tab_until(page, "service-on")
    page.press(Keys.SPACE)
    page.wait_for(lambda: not page.find("service-on").is_selected(), "the switch to be off")
    tab_until(page, "tag-filter")
    page.press("Tank1.Setp")
    page.wait_for(lambda: page.text("tags-count").startswith("1 of"), "the filter")
    tab_until(page, "Tank1.Setpoint")
    page.press(Keys.ENTER)
    page.wait_for(lambda: page.script(FOCUS)["id"] == "tag-value", "the dialog to take the focus")
    page.press("55", Keys.ENTER)
    page.wait_for(lambda: station.get("Tank1.Setpoint").value == 55.0, "the value to be set")
    page.wait_for(lambda: page.script(FOCUS)["name"] == "Tank1.Setpoint", "the focus to be back where it was")
    tab_until(page, "fault-count")
    while page.script("return document.activeElement.closest('#fault-list') === null"):
        page.press(Keys.TAB)
    page.press(Keys.SPACE)

    page.wait_for(lambda: page.find("clear-faults").is_enabled(), "the fault to wait")


def tab_until(page: BrowserPage, goal: str) -> None:
    """Press the tab key until an element with this id or name has the focus; each one on the way shows that it has."""
    for _ in range(120):
        page.press(Keys.TAB)
        focus: dict[str, Any] = page.script(FOCUS)
        assert (focus["outline"], focus["width"] >= 2) == ("solid", True), focus
        if goal in {focus["id"], focus["name"]}:
            return
    pytest.fail(f"{goal} was not reached")


def test_a_change_of_values_keeps_the_focus_where_it_is(page: BrowserPage, station: Simulator) -> None:
    page.open()
    page.script("document.querySelector('#orders-list').focus()")
    station.raise_message(1001)
    station.set("Tank1.Level", 50.0)

    page.wait_for(lambda: page.value("Tank1.Level") == "50 %", "the change")

    assert page.script(FOCUS)["id"] == "orders-list"


def test_values_are_not_read_out_all_the_time(page: BrowserPage) -> None:
    page.open()

    read_out = page.script(
        "return [...document.querySelectorAll('[aria-live], [role=status], [role=alert], output')].map((one) => one.id)"
    )

    assert set(read_out) == {"refused", "status", "tag-problem", "tags-count", "dialect-count"}


@pytest.mark.parametrize("width", [360, 768, 1920])
def test_no_width_needs_to_be_scrolled_sideways(page: BrowserPage, busy_station: Simulator, width: int) -> None:
    busy_station.set("A" * 300, "b" * 300)
    busy_station.raise_message(1002, texts=["c" * 255])
    page.open(width)

    assert page.script("return document.documentElement.scrollWidth") <= width
    narrow = page.script(
        "return ['messages-list', 'orders-list'].map((id) => document.getElementById(id))"
        ".filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.id)"
    )
    assert narrow == []


def test_nothing_moves_for_those_who_do_not_want_motion(page: BrowserPage, station: Simulator) -> None:
    station.set("Line3.Speed", 120.0)
    page.open()
    page.wait_for(lambda: page.script("return document.getAnimations().length") > 0, "the line to move")

    page.emulate("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])

    page.wait_for(lambda: page.script("return document.getAnimations().length") == 0, "all to stand still")
